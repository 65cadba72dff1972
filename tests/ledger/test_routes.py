"""`/api/credits`, `/api/refunds`, receipts, statements and keys as their callers see them."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import Response
from sqlalchemy import text

from identity.house import HandClock, House
from ledger.proof.books import DAY_US, NOVEMBER_US, OTHER, TEAM, fill
from weft.identity.types import Role, User
from weft.kit.clock import from_us
from weft.kit.db import Database
from weft.kit.errors import NotAuthenticated, WeftError
from weft.kit.routes.handing import hand_on
from weft.ledger import routes
from weft.ledger.proof import routes as proof_routes
from weft.ledger.proof.keys import Signer
from weft.ledger.proof.offline import check_file, load_keys

Json = Any


class Api:
    """The routes over real books; `ada` leads the team, `bob` is in it, `eve` is not, `root` runs the server."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def get(self, path: str, user: str = "ada") -> httpx.Response:
        return await self.client.get(path, headers={"x-user": user})

    async def post(self, path: str, body: Json, user: str = "root") -> httpx.Response:
        return await self.client.post(path, json=body, headers={"x-user": user})


async def answer_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, WeftError)
    return Response(error.envelope(), error.status, media_type="application/json")


@pytest.fixture
async def api(database: Database, tmp_path: Path) -> AsyncIterator[Api]:
    clock = HandClock(from_us(NOVEMBER_US + 20 * DAY_US))
    house = House(database, clock)
    with database.write() as connection:
        insert = "INSERT INTO identity_team (id, name, kind, created_at_us) VALUES (:id, 'weavers', 'team', 0)"
        connection.execute(text(insert), {"id": TEAM})
    team = house.team("weavers")
    house.user("root")
    with database.write() as connection:
        admin = "UPDATE identity_user SET is_admin = :yes WHERE username = 'root'"
        connection.execute(text(admin), {"yes": True})
    users: dict[str, User] = {
        "ada": house.user("ada", team, role=Role.ADMIN),
        "bob": house.user("bob", team),
        "eve": house.user("eve"),
        "root": house.user("root"),
    }
    fill(database)

    async def signed_in(request: Request) -> User:
        user = users.get(request.headers.get("x-user", ""))
        if user is None:
            raise NotAuthenticated("log in first")
        return user

    app = FastAPI()
    hand_on(routes.router(database, signed_in, clock), app)
    signer = Signer(database, tmp_path)
    signer.key(clock.now())
    hand_on(proof_routes.router(database, signed_in, signer, clock), app)
    app.add_exception_handler(WeftError, answer_error)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://weft") as client:
        yield Api(client)


PATHS = ["/api/credits/weavers", "/api/receipts/req_000001", "/api/statements/weavers/2026-11"]


@pytest.mark.parametrize("path", PATHS)
async def test_get_when_nobody_is_signed_in_then_401(api: Api, path: str) -> None:
    assert (await api.get(path, "nobody")).status_code == 401


@pytest.mark.parametrize("path", PATHS)
async def test_get_when_the_team_is_anothers_then_it_does_not_exist(api: Api, path: str) -> None:
    assert (await api.get(path, "eve")).status_code == 404


@pytest.mark.parametrize(
    ("path", "status"),
    [(PATHS[0], 200), (PATHS[1], 404), (PATHS[2], 403)],
)
async def test_get_when_asked_by_a_member_then_credit_is_shown_and_the_rest_is_for_admins(
    api: Api, path: str, status: int
) -> None:
    assert (await api.get(path, "bob")).status_code == status


async def test_credits_when_read_then_balance_and_grants_in_burn_order(api: Api) -> None:
    told = (await api.get("/api/credits/weavers")).json()
    assert told["team"] == "weavers"
    assert [each["kind"] for each in told["grants"]] == ["promotional", "refund", "purchased"]
    assert told["grants"][0]["expired"] is True
    assert int(told["credit_nusd"]) == sum(
        int(each["left_nusd"]) for each in told["grants"] if not each["expired"]
    )


async def test_grant_when_given_twice_with_one_source_then_once(api: Api) -> None:
    before = int((await api.get("/api/credits/weavers")).json()["credit_nusd"])
    wanted = {
        "amount_nusd": "5000000000",
        "expires_at": "2026-12-31T00:00:00Z",
        "note": "welcome",
        "source": "offer:1",
    }
    first, second = [(await api.post("/api/credits/weavers", wanted)) for _ in range(2)]
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert first.json()["made_by"] == "root"
    assert first.json()["expires_at"] == "2026-12-31T00:00:00Z"
    after = int((await api.get("/api/credits/weavers")).json()["credit_nusd"])
    assert after - before == 5_000_000_000


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/credits/weavers", {"amount_nusd": "1"}),
        ("/api/credits/weavers/payments", {"amount_nusd": "1"}),
        ("/api/credits/weavers/adjustments", {"amount_nusd": "1"}),
        ("/api/refunds", {"request_id": "req_000002"}),
    ],
)
async def test_post_when_not_by_an_administrator_of_the_server_then_403_and_nothing_changes(
    api: Api, path: str, body: Json
) -> None:
    before = (await api.get("/api/credits/weavers")).text
    assert (await api.post(path, body, "ada")).status_code == 403
    assert (await api.get("/api/credits/weavers")).text == before


async def test_post_when_the_team_is_unknown_then_404(api: Api) -> None:
    for path in ("", "/payments", "/adjustments"):
        answer = await api.post(f"/api/credits/nobody{path}", {"amount_nusd": "1"})
        assert answer.status_code == 404


@pytest.mark.parametrize("amount", ["0", "-5", "1.5", "", "9" * 20, 5])
async def test_grant_when_the_amount_is_none_then_refused(api: Api, amount: Json) -> None:
    answer = await api.post("/api/credits/weavers", {"amount_nusd": amount})
    assert answer.status_code in {400, 422}


async def test_payment_and_adjustment_when_posted_then_less_is_owed(api: Api) -> None:
    owed = int((await api.get("/api/credits/weavers")).json()["owed_nusd"])
    more = {"amount_nusd": "-700", "note": "a slip"}
    assert (await api.post("/api/credits/weavers/adjustments", more)).status_code == 201
    paid = {"amount_nusd": "300", "source": "invoice:9"}
    for _ in range(2):
        answer = await api.post("/api/credits/weavers/payments", paid)
        assert answer.status_code == 201
        assert answer.json()["seq"] > 0
    assert int((await api.get("/api/credits/weavers")).json()["owed_nusd"]) == owed + 400


async def test_refund_when_posted_then_the_credit(api: Api) -> None:
    answer = await api.post("/api/refunds", {"request_id": "req_000003", "reason": "broken"})
    assert answer.status_code == 201
    assert answer.json()["credit"]["kind"] == "refund"
    assert (await api.post("/api/refunds", {"request_id": "none"})).status_code == 404


async def test_receipt_and_statement_when_fetched_then_the_published_keys_prove_them(
    api: Api, tmp_path: Path
) -> None:
    published = await api.client.get("/.well-known/weft-signing-keys.json")
    (tmp_path / "keys.json").write_text(published.text)
    keys = load_keys(str(tmp_path / "keys.json"))
    receipt, statement = [await api.get(path) for path in PATHS[1:]]
    for number, answer in enumerate((receipt, statement)):
        assert answer.status_code == 200
        file = tmp_path / str(number)
        file.write_bytes(answer.content)
        assert check_file(file, keys).startswith("genuine")
    answer = statement
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.headers["content-disposition"] == 'attachment; filename="weavers-2026-11.jsonl"'


async def test_receipt_when_of_another_team_then_not_found_but_for_administrators(api: Api) -> None:
    assert (await api.get("/api/receipts/req_000004", "ada")).status_code == 404
    told = json.loads((await api.get("/api/receipts/req_000004", "root")).text)
    assert told["usage"]["team_id"] == OTHER


async def test_statement_when_the_books_were_changed_then_an_error_and_no_statement(
    api: Api, database: Database
) -> None:
    with database.write() as connection:
        connection.execute(text("UPDATE usage SET output_tokens = 1"))
    answer = await api.get(PATHS[2])
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "books_disagree"
    assert "weft ledger verify" in answer.json()["error"]["metadata"]["remedy"]


@pytest.mark.parametrize("month", ["november", "2031-01"])
async def test_statement_when_there_is_no_such_month_then_400(api: Api, month: str) -> None:
    assert (await api.get(f"/api/statements/weavers/{month}")).status_code == 400
