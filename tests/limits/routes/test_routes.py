"""The routes as callers see them: anonymous, a member, the team's admin, somebody else, an admin of the server."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from sqlalchemy import text

from limits.records import record, refused_by
from limits.setting import USD, Office
from weft.identity.principal import Gate
from weft.identity.routes import signed_in
from weft.identity.types import Scope, User
from weft.kit.errors import WeftError
from weft.kit.routes.handing import hand_on
from weft.ledger.types import Outcome
from weft.ledger.usage.store import insert_usage
from weft.limits.routes import router
from weft.limits.routes.parts import Parts
from weft.limits.types import Denial, Limit, LimitKind, LimitScope, Period

SPEND_OF_PROJECT = {
    "kind": "spend",
    "scope": "project",
    "subject": "acme/web",
    "period": "day",
    "max": str(5 * USD),
    "reason": "pilot",
}


class Callers:
    """A client for each kind of caller."""

    def __init__(self, office: Office, client: httpx.AsyncClient) -> None:
        self._office = office
        self._client = client
        house = office.house
        self.users = {
            "ada": office.ada,
            "olga": office.olga,
            "eve": house.user("eve", house.team("other")),
            "root": house.user("root"),
        }
        with office.database.write() as connection:
            connection.execute(
                text("UPDATE identity_user SET is_admin = TRUE WHERE username = 'root'")
            )
        self._headers = {name: self._key(user) for name, user in self.users.items()}

    def _key(self, user: User) -> dict[str, str]:
        made = self._office.house.key(user, scopes=frozenset({Scope.MANAGE}))
        return {"authorization": f"Bearer {made.api_key}"}

    async def ask(
        self, who: str, method: str, path: str, body: dict[str, Any] | None = None
    ) -> tuple[int, dict[str, Any]]:
        response = await self._client.request(
            method, path, json=body, headers=self._headers.get(who, {})
        )
        return response.status_code, response.json()

    async def status(
        self, who: str, method: str, path: str, body: dict[str, Any] | None = None
    ) -> int:
        return (await self.ask(who, method, path, body))[0]


async def answer_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, WeftError)
    return Response(error.envelope(), error.status, media_type="application/json")


@pytest.fixture
async def callers(office: Office, gate: Gate) -> AsyncIterator[Callers]:
    app = FastAPI()
    parts = Parts(office.database, office.plans, "free", office.house.clock, signed_in(gate))
    hand_on(router(parts), app)
    app.add_exception_handler(WeftError, answer_error)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield Callers(office, client)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/limits"),
        ("GET", "/api/limits/set"),
        ("PUT", "/api/limits/set"),
        ("DELETE", "/api/limits/set/limit_1"),
        ("GET", "/api/plans"),
        ("GET", "/api/plans/pro"),
        ("PUT", "/api/plans/pro"),
        ("GET", "/api/teams/acme/plan"),
        ("PUT", "/api/teams/acme/plan"),
        ("GET", "/api/why/req_1"),
    ],
)
async def test_route_when_anonymous_then_asks_for_a_login(
    callers: Callers, method: str, path: str
) -> None:
    assert await callers.status("nobody", method, path) == 401


async def test_own_limits_when_a_member_asks_then_shows_what_is_left(
    callers: Callers, office: Office
) -> None:
    office.set(LimitScope.KEY, LimitKind.REQUESTS, 9, period=Period.MINUTE)
    office.in_flight("req_1", amount=USD)
    status, answer = await callers.ask("ada", "GET", "/api/limits?project=acme/web&model=m/a")
    assert (status, answer["team"], answer["project"], answer["plan"]) == (
        200,
        "acme",
        "web",
        "free",
    )
    assert answer["credit"] == {
        "left_nusd": str(4 * USD),
        "reserved_nusd": str(USD),
        "owed_nusd": "0",
        "included_nusd": str(5 * USD),
        "resets_at": "2026-12-01T00:00:00Z",
        "when_it_ends": "refuse",
    }
    by = {(one["kind"], one["scope"]): one for one in answer["limits"]}
    assert by["concurrency", "project"]["left"] == 5999
    assert by["requests", "key"]["name"].startswith("test (")
    cap = by["spend", "team"]
    assert (cap["current"], cap["left"], cap["reserved"]) == (str(USD), str(99 * USD), str(USD))
    assert (cap["resets_at"], cap["set_by"]) == ("2026-12-01T00:00:00Z", "plan free")


@pytest.mark.parametrize("place", ["", "?project=acme"])
async def test_own_limits_when_no_project_is_named_then_the_teams_are_shown(
    callers: Callers, place: str
) -> None:
    status, answer = await callers.ask("ada", "GET", f"/api/limits{place}")
    assert (status, answer["team"], answer["project"]) == (200, "acme", None)
    assert ("spend", "team") in {(one["kind"], one["scope"]) for one in answer["limits"]}


@pytest.mark.parametrize("place", ["acme/web", "acme", "nowhere/web", "eve"])
async def test_own_limits_when_it_is_not_the_callers_then_it_does_not_exist(
    callers: Callers, place: str
) -> None:
    assert await callers.status("eve", "GET", f"/api/limits?project={place}") == 404


async def test_own_limits_when_the_project_is_missing_or_there_is_no_team_then_not_found(
    callers: Callers,
) -> None:
    assert await callers.status("ada", "GET", "/api/limits?project=acme/nope") == 404
    assert await callers.status("root", "GET", "/api/limits") == 404


async def test_set_when_an_admin_of_the_server_then_is_listed_and_ended(callers: Callers) -> None:
    status, made = await callers.ask("root", "PUT", "/api/limits/set", SPEND_OF_PROJECT)
    assert status == 200
    assert (made["name"], made["max"], made["authority"]) == ("acme/web", str(5 * USD), "server")
    for path in ("/api/limits/set", "/api/limits/set?team=acme"):
        _, listed = await callers.ask("root", "GET", path)
        assert listed["limits"] == [made]
    _, ended = await callers.ask("root", "DELETE", f"/api/limits/set/{made['id']}?reason=over")
    assert (ended["ended_by"], ended["end_reason"]) == ("root", "over")
    _, listed = await callers.ask("root", "GET", "/api/limits/set")
    assert listed["limits"] == []
    _, listed = await callers.ask("root", "GET", "/api/limits/set?history=true&team=acme")
    assert listed["limits"] == [ended]


async def test_set_when_the_teams_admin_then_only_within_the_team_and_below_the_plan(
    callers: Callers, office: Office
) -> None:
    status, made = await callers.ask("olga", "PUT", "/api/limits/set", SPEND_OF_PROJECT)
    assert (status, made["authority"], made["set_by"]) == (200, "team", "olga")
    cap = {**SPEND_OF_PROJECT, "scope": "team", "subject": "acme", "period": "month"}
    assert await callers.status("olga", "PUT", "/api/limits/set", cap) == 200
    high = {**cap, "max": str(101 * USD)}
    status, error = await callers.ask("olga", "PUT", "/api/limits/set", high)
    assert (status, error["error"]["code"]) == (403, "limit_too_high")
    of_user = {"kind": "concurrency", "scope": "user", "subject": "ada", "max": 1}
    assert await callers.status("olga", "PUT", "/api/limits/set", of_user) == 403
    of_key = {"kind": "requests", "scope": "key", "period": "minute", "max": 1}
    for subject, expected in ((office.team_key.id, 200), (office.key.id, 404)):
        wanted = {**of_key, "subject": subject}
        assert await callers.status("olga", "PUT", "/api/limits/set", wanted) == expected
    _, listed = await callers.ask("olga", "GET", "/api/limits/set?team=acme")
    assert len(listed["limits"]) == 3
    assert await callers.status("olga", "DELETE", f"/api/limits/set/{made['id']}") == 200
    assert await callers.status("olga", "GET", "/api/limits/set") == 403


async def test_end_when_the_server_set_it_then_the_teams_admin_may_not(
    callers: Callers, office: Office
) -> None:
    made = office.set(LimitScope.PROJECT, LimitKind.CONCURRENCY, 1)
    assert await callers.status("olga", "DELETE", f"/api/limits/set/{made.id}") == 403
    assert await callers.status("eve", "DELETE", f"/api/limits/set/{made.id}") == 404
    assert await callers.status("olga", "DELETE", "/api/limits/set/limit_0") == 404


@pytest.mark.parametrize(("who", "status"), [("ada", 403), ("eve", 404)])
async def test_set_when_no_admin_then_is_refused(callers: Callers, who: str, status: int) -> None:
    assert await callers.status(who, "PUT", "/api/limits/set", SPEND_OF_PROJECT) == status
    assert await callers.status(who, "GET", "/api/limits/set?team=acme") == status


async def test_set_when_the_subject_is_none_then_says_so(callers: Callers) -> None:
    for subject in ("nowhere/web", "web"):
        wanted = {**SPEND_OF_PROJECT, "subject": subject}
        assert await callers.status("root", "PUT", "/api/limits/set", wanted) in {400, 404}
        assert await callers.status("olga", "PUT", "/api/limits/set", wanted) == 404


async def test_plans_when_listed_then_anybody_sees_them(callers: Callers) -> None:
    status, answer = await callers.ask("eve", "GET", "/api/plans")
    assert (status, answer["default"]) == (200, "free")
    pro = next(plan for plan in answer["plans"] if plan["name"] == "pro")
    assert (pro["cap_nusd"], pro["cap_period"]) == (str(6000 * USD), "month")
    assert pro["concurrency"] == {"user": 2000, "project": 6000}
    assert pro["changes"] is None


async def test_plan_when_changed_then_says_what_and_who(callers: Callers) -> None:
    wanted = {"changes": {"cap_usd": "7000"}, "reason": "inflation"}
    for who in ("ada", "olga"):
        assert await callers.status(who, "PUT", "/api/plans/pro", wanted) == 403
    status, answer = await callers.ask("root", "PUT", "/api/plans/pro", wanted)
    assert (status, answer["cap_nusd"]) == (200, str(7000 * USD))
    assert answer["changes"] == {"cap_usd": "7000"}
    _, shown = await callers.ask("root", "GET", "/api/plans/pro")
    assert [(one["set_by"], one["reason"]) for one in shown["changes"]] == [("root", "inflation")]
    _, shown = await callers.ask("ada", "GET", "/api/plans/pro")
    assert (shown["plan"]["cap_nusd"], shown["changes"]) == (str(7000 * USD), [])
    _, back = await callers.ask("root", "PUT", "/api/plans/pro", {"changes": {}, "reason": "no"})
    assert (back["cap_nusd"], back["changes"]) == (str(6000 * USD), None)


async def test_plan_when_it_or_the_change_is_wrong_then_says_so(callers: Callers) -> None:
    assert await callers.status("root", "GET", "/api/plans/platinum") == 404
    wrong = {"changes": {"cap_usd": 7000}, "reason": "x"}
    status, error = await callers.ask("root", "PUT", "/api/plans/pro", wrong)
    assert (status, error["error"]["param"]) == (400, "cap_usd")


async def test_team_plan_when_given_then_members_see_it(callers: Callers) -> None:
    wanted = {"plan": "pro", "reason": "signed"}
    for who in ("ada", "olga"):
        assert await callers.status(who, "PUT", "/api/teams/acme/plan", wanted) == 403
    assert await callers.status("root", "PUT", "/api/teams/acme/plan", wanted) == 200
    status, answer = await callers.ask("ada", "GET", "/api/teams/acme/plan")
    assert (status, answer["plan"]["name"], answer["team"]) == (200, "pro", "acme")
    assert [(one["plan"], one["set_by"], one["reason"]) for one in answer["history"]] == [
        ("pro", "root", "signed")
    ]
    assert await callers.status("eve", "GET", "/api/teams/acme/plan") == 404
    assert await callers.status("root", "PUT", "/api/teams/nowhere/plan", wanted) == 404


async def test_why_when_refused_then_its_owner_and_admins_are_told(
    callers: Callers, office: Office
) -> None:
    made = office.set(LimitScope.PROJECT, LimitKind.CONCURRENCY, 1).rule
    limit = Limit(made.kind, made.scope, made.scope_id, 1, name="acme/web", set_by="root")
    of = refused_by(office, Denial(limit, 1, 1, None, retry_after_s=1))
    with office.database.write() as connection:
        insert_usage(connection, [of])
    for who in ("ada", "olga", "root"):
        status, answer = await callers.ask(who, "GET", f"/api/why/{of.id}")
        assert (status, answer["status"], answer["metadata"]["limit"]) == (200, 429, "concurrency")
        assert answer["now"] == {
            "current": 0,
            "max": 1,
            "resets_at": None,
            "would_pass": True,
            "also_reached": [],
        }
    assert await callers.status("eve", "GET", f"/api/why/{of.id}") == 404
    assert await callers.status("root", "GET", "/api/why/req_0") == 404


async def test_why_when_it_was_answered_then_tells_its_cost(
    callers: Callers, office: Office
) -> None:
    with office.database.write() as connection:
        insert_usage(connection, [record(office, Outcome.COMPLETED, status=200, cost=7)])
    _, answer = await callers.ask("ada", "GET", "/api/why/req_1")
    assert (answer["cost_nusd"], answer["now"]) == ("7", None)
    assert answer["answer"].startswith("It was not refused")


async def test_overview_when_the_teams_admin_asks_then_each_limit_has_its_use_its_reason_and_its_past(
    callers: Callers, office: Office
) -> None:
    office.set(LimitScope.PROJECT, LimitKind.SPEND, 9 * USD, period=Period.DAY, reason="first")
    office.house.clock.advance(60)
    await callers.ask("olga", "PUT", "/api/limits/set", SPEND_OF_PROJECT)
    office.set(LimitScope.USER, LimitKind.REQUESTS, 7, period=Period.MINUTE)
    office.house.clock.advance(60)
    again = {**SPEND_OF_PROJECT, "max": str(3 * USD), "reason": "less"}
    await callers.ask("olga", "PUT", "/api/limits/set", again)
    office.in_flight("req_1", amount=USD)
    status, told = await callers.ask("olga", "GET", "/api/limits/overview?team=acme")
    assert (status, told["plan"], told["may_set_users"]) == (200, "free", False)
    by = {(one["scope"], one["name"]): one["limits"] for one in told["subjects"]}
    assert [scope for scope, _ in by] == ["team", "project", "key"]
    (spend,) = [one for one in by["project", "acme/web"] if one["kind"] == "spend"]
    assert (spend["current"], spend["max"], spend["set_by"]) == (str(USD), str(3 * USD), "olga")
    assert (spend["rule"]["reason"], spend["rule"]["authority"]) == ("less", "team")
    past = [(one["reason"], one["end_reason"]) for one in spend["history"]]
    assert past == [("pilot", "replaced"), ("first", "")]
    assert [one["reason"] for one in told["ended"]] == ["pilot"]
    (cap,) = [one for one in by["team", "acme"] if one["kind"] == "spend"]
    assert (cap["rule"], cap["set_by"]) == (None, "plan free")
    _, all_of = await callers.ask("root", "GET", "/api/limits/overview?team=acme&q=ada")
    users = [one for one in all_of["subjects"] if one["scope"] == "user"]
    (few,) = [one for one in users[0]["limits"] if one["kind"] == "requests"]
    assert (users[0]["name"], few["max"], few["rule"]["reason"]) == ("ada", 7, "asked for")
    assert "project" not in {one["scope"] for one in all_of["subjects"]}


@pytest.mark.parametrize(("who", "status"), [("nobody", 401), ("ada", 403), ("eve", 404)])
async def test_overview_when_somebody_else_asks_then_it_is_not_told(
    callers: Callers, who: str, status: int
) -> None:
    assert await callers.status(who, "GET", "/api/limits/overview?team=acme") == status
