"""`/api/usage` as its callers see it."""

import csv
import io
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import msgspec
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import Response

from weft.identity.people import NewUser, create_user
from weft.identity.teams import create_project, create_team, set_member
from weft.identity.types import Role, User
from weft.kit.db import Database
from weft.kit.errors import NotAuthenticated, WeftError
from weft.kit.routes.handing import hand_on
from weft.ledger.types import Outcome, UsageRecord
from weft.ledger.usage.report import GroupBy
from weft.ledger.usage.routes import router
from weft.ledger.usage.store import insert_usage

RecordMaker = Callable[..., UsageRecord]

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MEMBERS = {"ada": Role.MEMBER, "bob": Role.MEMBER, "vera": Role.VIEWER, "alma": Role.ADMIN}


@dataclass(frozen=True)
class House:
    """Two teams, a project in each, and people with every role in the first one."""

    users: dict[str, User]
    teams: Mapping[str, str]
    projects: Mapping[str, str]


@pytest.fixture
def house(database: Database) -> House:
    users: dict[str, User] = {}
    with database.write() as connection:
        for name in ("ada", "bob", "vera", "alma", "eve", "root"):
            users[name] = create_user(connection, NewUser(name, is_admin=name == "root"), NOW)
        teams = {name: create_team(connection, name, NOW) for name in ("weavers", "spinners")}
        projects = {
            team: create_project(connection, teams[team], f"{team}-work", NOW).id for team in teams
        }
        for name, role in MEMBERS.items():
            set_member(connection, teams["weavers"], users[name].id, role=role, now=NOW)
        set_member(connection, teams["spinners"], users["alma"].id, role=Role.MEMBER, now=NOW)
    return House(users, {name: team.id for name, team in teams.items()}, projects)


async def answer_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, WeftError)
    return Response(error.envelope(), error.status, media_type="application/json")


@pytest.fixture
async def client(
    database: Database, a_record: RecordMaker, house: House
) -> AsyncIterator[httpx.AsyncClient]:
    """Requests 1 to 3 are of weavers: two of ada and one of bob; 4 and 5 of spinners: of alma and eve."""

    def of(number: int, name: str, team: str, **more: object) -> UsageRecord:
        place = {"team": house.teams[team], "project": house.projects[team]}
        return a_record(number, user=house.users[name].id, **place, **more)

    with database.write() as connection:
        insert_usage(
            connection,
            [
                of(1, "ada", "weavers", cost=2**60),
                of(2, "ada", "weavers", day=1, model="b", outcome=Outcome.FAILED, cost=5),
                of(3, "bob", "weavers", day=1, cost=7),
                of(4, "alma", "spinners", day=1, cost=11),
                of(5, "eve", "spinners", day=40, cost=13, key="=k"),
            ],
        )

    async def signed_in(request: Request) -> User:
        user = house.users.get(request.headers.get("x-user", ""))
        if user is None:
            raise NotAuthenticated("log in first")
        return user

    app = FastAPI()
    hand_on(router(database, signed_in), app)
    app.add_exception_handler(WeftError, answer_error)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://weft") as client:
        yield client


async def get(
    client: httpx.AsyncClient, path: str, user: str = "ada", **headers: str
) -> httpx.Response:
    return await client.get(path, headers={"x-user": user, **headers})


SEEN = {
    "root": {1, 2, 3, 4, 5},
    "alma": {1, 2, 3, 4},
    "ada": {1, 2},
    "bob": {3},
    "vera": set[int](),
    "eve": {5},
}
"""Which requests each may see: all, one's teams' as their admin, or one's own."""


@pytest.mark.parametrize("name", SEEN)
async def test_routes_when_asked_then_each_tells_what_the_caller_may_see_and_no_more(
    client: httpx.AsyncClient, a_record: RecordMaker, name: str
) -> None:
    seen = {a_record(number).id for number in SEEN[name]}
    for number in range(1, 6):
        id_ = a_record(number).id
        answer = await get(client, f"/api/usage/{id_}", name)
        assert answer.status_code == (200 if id_ in seen else 404)
    page = (await get(client, "/api/usage/requests", name)).json()
    assert {request["id"] for request in page["requests"]} == seen
    for by in GroupBy:
        since = "&since=2026-01-01&until=2026-02-01" if by is GroupBy.HOUR else ""
        report = (await get(client, f"/api/usage?by={by}{since}", name)).json()
        late = len(SEEN[name] & {5}) if since else 0
        assert report["total"]["requests"] == len(seen) - late
    export = (await get(client, "/api/usage/export?until=2026-03-01", name)).text
    counts = [int(line["requests"]) for line in csv.DictReader(io.StringIO(export))]
    assert sum(counts) == len(seen)
    assert (await get(client, "/api/usage/forecast", name)).status_code == 200


@pytest.mark.parametrize(
    ("name", "chosen", "requests"),
    [
        ("alma", "team", 3),
        ("alma", "other team", 1),
        ("alma", "bob", 1),
        ("alma", "eve", 0),
        ("alma", "alma", 1),
        ("ada", "team", 2),
        ("ada", "other team", 0),
        ("ada", "bob", 0),
        ("vera", "team", 0),
        ("eve", "ada", 0),
        ("root", "bob", 1),
        ("root", "other team", 2),
    ],
)
async def test_report_when_a_filter_names_others_then_it_shows_no_more_than_may_be_seen(
    client: httpx.AsyncClient, house: House, name: str, chosen: str, requests: int
) -> None:
    query = {
        "team": f"team={house.teams['weavers']}",
        "other team": f"team={house.teams['spinners']}",
    }.get(chosen) or f"user={house.users[chosen].id}"
    body = (await get(client, f"/api/usage?{query}", name)).json()
    assert body["total"]["requests"] == requests
    page = (await get(client, f"/api/usage/requests?{query}", name)).json()
    assert len(page["requests"]) == requests


@pytest.mark.parametrize("path", ["", "/req_1", "/requests", "/forecast", "/export"])
async def test_get_when_nobody_is_signed_in_then_401(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(f"/api/usage{path}")).status_code == 401


async def test_report_when_by_user_then_groups_have_names_dearest_first(
    client: httpx.AsyncClient,
) -> None:
    body = (await get(client, "/api/usage?by=user", "root")).json()
    assert [row["name"] for row in body["rows"]] == ["ada", "eve", "alma", "bob"]
    assert [row["group2"] for row in body["rows"]] == [None] * 4


async def test_report_when_by_two_groups_then_rows_have_both(client: httpx.AsyncClient) -> None:
    body = (await get(client, "/api/usage?by=day&by2=user&top=1", "root")).json()
    assert (body["by"], body["by2"]) == ("day", "user")
    assert [(row["group"], row["name2"], row["cost_nusd"]) for row in body["rows"]] == [
        ("2026-01-01", "ada", str(2**60)),
        ("2026-01-02", "ada", "5"),
        ("2026-01-02", "(others)", "18"),
        ("2026-02-10", "(others)", "13"),
    ]
    assert body["total"]["name"] == "total"
    assert body["total"]["cost_nusd"] == str(2**60 + 36)


async def test_report_when_money_is_large_then_no_digit_is_lost(client: httpx.AsyncClient) -> None:
    body = (await get(client, "/api/usage?by=model")).json()
    assert body["rows"][0]["cost_nusd"] == str(2**60)
    assert body["total"]["cost_nusd"] == str(2**60 + 5)
    assert (body["total"]["errors"], body["total"]["failed"]) == (1, 1)
    assert body["total"]["completed"] == 1


@pytest.mark.parametrize(
    ("query", "requests"),
    [
        ("since=2026-01-02", 4),
        ("until=2026-01-02", 1),
        ("since=2026-01-01&until=2026-01-02T00:00:00Z", 1),
        ("since=2026-01-02T00:00:00.1Z", 1),
        ("since=1h&until=2026-01-01", 0),
        ("model=b", 1),
        ("key=key_k", 4),
        ("project=prj_none", 0),
    ],
)
async def test_report_when_narrowed_then_only_that_counts(
    client: httpx.AsyncClient, query: str, requests: int
) -> None:
    body = (await get(client, f"/api/usage?{query}", "root")).json()
    assert body["total"]["requests"] == requests


@pytest.mark.parametrize(
    ("path", "param"),
    [
        ("?since=soon", "since"),
        ("?until=2026-99-01", "until"),
        ("?by=day&by2=month", "by2"),
        ("?by=hour", "since"),
        ("/requests?cursor=x", "cursor"),
    ],
)
async def test_get_when_the_query_is_wrong_then_400_names_the_parameter(
    client: httpx.AsyncClient, path: str, param: str
) -> None:
    answer = await get(client, f"/api/usage{path}")
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == param


async def test_requests_when_paged_then_the_cursor_leads_on(
    client: httpx.AsyncClient, a_record: RecordMaker
) -> None:
    first = (await get(client, "/api/usage/requests?limit=3", "root")).json()
    cursor = first["next_cursor"]
    second = (await get(client, f"/api/usage/requests?limit=3&cursor={cursor}", "root")).json()
    found = [request["id"] for request in (*first["requests"], *second["requests"])]
    assert found == [a_record(number).id for number in (5, 4, 3, 2, 1)]
    assert second["next_cursor"] is None
    failed = (await get(client, "/api/usage/requests?outcome=failed&status=502", "root")).json()
    assert [request["id"] for request in failed["requests"]] == [a_record(2).id]


@pytest.mark.parametrize(
    ("query", "headers"), [("?by=key&format=csv", {}), ("?by=key", {"accept": "text/csv"})]
)
async def test_report_when_asked_for_csv_then_a_spreadsheet_reads_it(
    client: httpx.AsyncClient, query: str, headers: dict[str, str]
) -> None:
    answer = await get(client, f"/api/usage{query}", "root", **headers)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="usage.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["name"], row["cost_nusd"]) for row in rows] == [
        ("key_k", str(2**60 + 23)),
        ("'=k", "13"),
    ]


async def test_report_when_the_format_is_json_then_the_header_does_not_matter(
    client: httpx.AsyncClient,
) -> None:
    answer = await get(client, "/api/usage?format=json", accept="text/csv")
    assert answer.json()["by"] == "day"


async def test_export_when_asked_then_months_with_names_and_exact_money(
    client: httpx.AsyncClient,
) -> None:
    answer = await get(client, "/api/usage/export?until=2026-03-01", "root")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert sorted(
        (row["month"], row["team"], row["project"], row["model"], row["cost_nusd"]) for row in rows
    ) == [
        ("2026-01", "spinners", "spinners-work", "weft/tiny", "11"),
        ("2026-01", "weavers", "weavers-work", "b", "5"),
        ("2026-01", "weavers", "weavers-work", "weft/tiny", str(2**60 + 7)),
        ("2026-02", "spinners", "spinners-work", "weft/tiny", "13"),
    ]
    assert {row["cost_usd"] for row in rows} >= {"0.000000013", "1152921504.606846983"}


async def test_forecast_when_nothing_happened_lately_then_it_is_nothing(
    client: httpx.AsyncClient,
) -> None:
    body = (await get(client, "/api/usage/forecast", "eve")).json()
    assert body["expected"] == body["so_far"]
    assert set(body["so_far"]) == {"requests", "input_tokens", "output_tokens", "cost_nusd"}


async def test_request_when_it_was_refused_then_the_reason_is_told(
    client: httpx.AsyncClient, database: Database, a_record: RecordMaker, house: House
) -> None:
    refused = msgspec.structs.replace(
        a_record(9, user=house.users["ada"].id), refusal='{"limit":"spend","max":"100"}'
    )
    with database.write() as connection:
        insert_usage(connection, [refused])
    body = (await get(client, f"/api/usage/{refused.id}")).json()
    assert body["refusal"] == {"limit": "spend", "max": "100"}


async def test_request_when_it_is_ones_own_then_all_of_it_is_told(
    client: httpx.AsyncClient, a_record: RecordMaker
) -> None:
    body = (await get(client, f"/api/usage/{a_record(2).id}")).json()
    assert body["id"] == a_record(2).id
    assert body["outcome"] == "failed"
    assert body["cost_nusd"] == "5"
    assert body["ttft_ms"] == 2.5
    assert body["started_at"] == "2026-01-02T00:00:00.000002Z"
    assert body["posted_at"] == "2026-01-02T00:00:00.090002Z"
    assert body["refusal"] is None
    assert (body["input_tokens"], body["cached_input_tokens"]) == (100, 40)


async def test_request_when_there_is_none_then_it_is_not_found(client: httpx.AsyncClient) -> None:
    assert (await get(client, "/api/usage/req_0", "root")).status_code == 404


async def test_report_when_narrowed_by_a_teams_name_then_is_that_teams_and_says_the_names(
    client: httpx.AsyncClient, house: House
) -> None:
    by_name = (await get(client, "/api/usage?team=weavers", "root")).json()
    by_id = (await get(client, f"/api/usage?team={house.teams['weavers']}", "root")).json()
    assert by_name["total"]["requests"] == by_id["total"]["requests"] == 3
    assert by_id["filter_names"] == {house.teams["weavers"]: "weavers"}
    assert (await get(client, "/api/usage?team=nobody", "root")).json()["rows"] == []
    unseen = (await get(client, f"/api/usage?team={house.teams['spinners']}", "bob")).json()
    assert unseen["filter_names"] == {}, "who sees nothing there is told no name"


async def test_requests_when_listed_then_have_names_beside_ids(client: httpx.AsyncClient) -> None:
    told = (await get(client, "/api/usage/requests?team=weavers", "alma")).json()["requests"]
    assert {(one["user"], one["team"], one["project"]) for one in told} == {
        ("ada", "weavers", "weavers/weavers-work"),
        ("bob", "weavers", "weavers/weavers-work"),
    }
    assert told[0]["key"] == told[0]["key_id"], "a key that is not known any more has its id"
