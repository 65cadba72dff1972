"""`/api/usage` as its callers see it."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import Response

from weft.identity.types import User, UserId, UserKind
from weft.kit.db import Database
from weft.kit.errors import NotAuthenticated, WeftError
from weft.ledger.types import Outcome, UsageRecord
from weft.ledger.usage.routes import router
from weft.ledger.usage.store import insert_usage


def a_user(name: str, *, is_admin: bool = False) -> User:
    return User(
        id=UserId(f"usr_{name}"),
        username=name,
        email="",
        kind=UserKind.PERSON,
        is_admin=is_admin,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        disabled_at=None,
    )


RecordMaker = Callable[..., UsageRecord]


USERS = {
    "ada": a_user("ada"),
    "bob": a_user("bob"),
    "eve": a_user("eve"),
    "root": a_user("root", is_admin=True),
}


async def signed_in(request: Request) -> User:
    user = USERS.get(request.headers.get("x-user", ""))
    if user is None:
        raise NotAuthenticated("log in first")
    return user


async def answer_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, WeftError)
    return Response(error.envelope(), error.status, media_type="application/json")


@pytest.fixture
async def client(database: Database, a_record: RecordMaker) -> AsyncIterator[httpx.AsyncClient]:
    with database.write() as connection:
        insert_usage(
            connection,
            [
                a_record(1, cost=2**60),
                a_record(2, day=1, model="b", outcome=Outcome.FAILED, cost=5),
                a_record(3, day=1, user="usr_bob", cost=7),
            ],
        )
    app = FastAPI()
    app.include_router(router(database, signed_in))
    app.add_exception_handler(WeftError, answer_error)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://weft") as client:
        yield client


async def get(client: httpx.AsyncClient, path: str, user: str = "ada") -> httpx.Response:
    return await client.get(path, headers={"x-user": user})


@pytest.mark.parametrize("path", ["/api/usage", "/api/usage/req_1"])
async def test_get_when_nobody_is_signed_in_then_401(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 401


async def test_report_when_asked_by_a_user_then_only_their_own_is_summed(
    client: httpx.AsyncClient,
) -> None:
    body = (await get(client, "/api/usage")).json()
    assert [row["group"] for row in body["rows"]] == ["2026-01-01", "2026-01-02"]
    assert body["total"]["requests"] == 2
    assert body["total"]["errors"] == 1


async def test_report_when_asked_by_an_admin_then_all_is_summed(client: httpx.AsyncClient) -> None:
    body = (await get(client, "/api/usage?by=user", "root")).json()
    assert [row["group"] for row in body["rows"]] == ["usr_ada", "usr_bob"]
    assert [row["name"] for row in body["rows"]] == ["usr_ada", "usr_bob"]


async def test_report_when_there_is_nothing_then_it_is_empty(client: httpx.AsyncClient) -> None:
    body = (await get(client, "/api/usage", "eve")).json()
    assert body["rows"] == []
    assert body["total"]["cost_nusd"] == "0"


async def test_report_when_money_is_large_then_no_digit_is_lost(client: httpx.AsyncClient) -> None:
    body = (await get(client, "/api/usage?by=model")).json()
    assert body["rows"][0]["cost_nusd"] == str(2**60)
    assert body["total"]["cost_nusd"] == str(2**60 + 5)


@pytest.mark.parametrize(
    ("query", "requests"),
    [
        ("since=2026-01-02", 2),
        ("until=2026-01-02", 1),
        ("since=2026-01-01&until=2026-01-02T00:00:00Z", 1),
        ("since=1h", 0),
    ],
)
async def test_report_when_a_span_is_given_then_only_it_counts(
    client: httpx.AsyncClient, query: str, requests: int
) -> None:
    body = (await get(client, f"/api/usage?{query}", "root")).json()
    assert body["total"]["requests"] == requests


@pytest.mark.parametrize("query", ["since=soon", "until=2026-99-01"])
async def test_report_when_a_moment_is_wrong_then_400(
    client: httpx.AsyncClient, query: str
) -> None:
    answer = await get(client, f"/api/usage?{query}")
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == query.partition("=")[0]


async def test_request_when_it_is_ones_own_then_all_of_it_is_told(
    client: httpx.AsyncClient, a_record: RecordMaker
) -> None:
    body = (await get(client, f"/api/usage/{a_record(2).id}")).json()
    assert body["id"] == a_record(2).id
    assert body["outcome"] == "failed"
    assert body["cost_nusd"] == "5"
    assert body["ttft_ms"] == 2.5
    assert body["started_at"] == "2026-01-02T00:00:00.000002Z"
    assert (body["input_tokens"], body["cached_input_tokens"]) == (100, 40)


async def test_request_when_it_is_anothers_then_it_is_not_found(
    client: httpx.AsyncClient, a_record: RecordMaker
) -> None:
    assert (await get(client, f"/api/usage/{a_record(3).id}")).status_code == 404
    assert (await get(client, f"/api/usage/{a_record(3).id}", "root")).status_code == 200


async def test_request_when_there_is_none_then_it_is_not_found(client: httpx.AsyncClient) -> None:
    assert (await get(client, "/api/usage/req_0", "root")).status_code == 404
