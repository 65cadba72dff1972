"""A limit that is set, raised, lowered or removed while two gateways serve: it holds from the next request in both."""

import asyncio
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from conformance.server import running_engine
from fleet.accounts import Account, make_account
from fleet.client import Answer, ask
from fleet.fleet import MODEL, Fleet, running_fleet
from weft.app.storage import server_secret
from weft.identity.keys import NewKey, create_key
from weft.identity.people import NewUser, create_user
from weft.identity.teams import find_team_by_id, set_member
from weft.identity.types import Role, Scope, TeamId
from weft.kit.db import Database
from weft.kit.settings import Settings

SUBJECTS = ("key", "user", "project", "team")


@dataclass
class Town:
    """Two gateways and an admin, who speaks to the first."""

    fleet: Fleet
    database: Database
    secret: bytes
    admin: httpx.Client
    teams: dict[str, str] = field(default_factory=dict[str, str])
    """Names by id."""

    def account(self) -> Account:
        name = f"team-{len(self.teams)}"
        with self.database.write() as connection:
            account = make_account(connection, self.secret, name)
        self.teams[account.team_id] = name
        return account

    def subject(self, account: Account, scope: str) -> str:
        return {
            "key": account.key_id,
            "user": "admin",
            "project": account.project_id,
            "project_model": account.project_id,
            "team": account.team_id,
        }[scope]

    def set(self, account: Account, kind: str, scope: str, most: int, **more: str) -> str:
        subject = self.subject(account, scope)
        wanted = {"kind": kind, "scope": scope, "subject": subject, "max": str(most), **more}
        response = self.admin.put("/api/limits/set", json={**wanted, "reason": "a test"})
        assert response.status_code == 200, response.text
        return response.json()["id"]

    def listed(self, account: Account) -> list[dict[str, Any]]:
        params = {"team": self.teams[account.team_id]}
        return self.admin.get("/api/limits/set", params=params).json()["limits"]

    def remove(self, limit_id: str) -> None:
        assert self.admin.delete(f"/api/limits/set/{limit_id}").status_code == 200

    def statuses(self, account: Account) -> list[int]:
        """What each gateway answers to one request, the one that was not told of a change first."""
        gateways = reversed(self.fleet.gateways)
        return [send(gateway.port, account).status for gateway in gateways]


def send(port: int, account: Account) -> Answer:
    messages = [{"role": "user", "content": "hello"}]
    body: dict[str, object] = {"model": MODEL, "messages": messages, "max_tokens": 5}
    return asyncio.run(ask(port, account.key, body))


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder: Path = tmp_path_factory.mktemp("changes")
    with running_engine() as engine, running_fleet(folder, engine.url, size=2) as fleet:
        first = fleet.gateways[0]
        headers = {"Authorization": f"Bearer {first.api_key}"}
        url = f"http://127.0.0.1:{first.port}"
        with (
            closing(Database(fleet.data_dir / "weft.db")) as database,
            httpx.Client(base_url=url, headers=headers, timeout=30) as admin,
        ):
            secret = server_secret(Settings(data_dir=fleet.data_dir))
            yield Town(fleet, database, secret, admin)


LIMITS: dict[str, tuple[str, str, dict[str, str]]] = {
    **{f"spend-{scope}": ("spend", scope, {"period": "month"}) for scope in SUBJECTS},
    **{f"requests-{scope}": ("requests", scope, {"period": "minute"}) for scope in SUBJECTS[:3]},
    **{f"tokens-{scope}": ("tokens", scope, {"period": "minute"}) for scope in SUBJECTS[:3]},
    **{f"concurrency-{scope}": ("concurrency", scope, {}) for scope in SUBJECTS[1:3]},
    "concurrency-model": ("concurrency", "project_model", {"model": MODEL}),
}
PLENTY = 10**12


@pytest.mark.parametrize("which", LIMITS)
def test_limit_when_it_changes_then_the_next_request_at_any_gateway_knows(
    town: Town, which: str
) -> None:
    account = town.account()
    kind, scope, more = LIMITS[which]

    def change(most: int) -> str:
        return town.set(account, kind, scope, most, **more)

    assert town.statuses(account) == [200, 200], "without a limit"
    change(0)
    assert town.statuses(account) == [429, 429], "set"
    change(PLENTY)
    assert town.statuses(account) == [200, 200], "raised"
    limit_id = change(0)
    assert town.statuses(account) == [429, 429], "lowered"
    town.remove(limit_id)
    assert town.statuses(account) == [200, 200], "removed"


def test_count_when_two_gateways_admit_then_is_one(town: Town) -> None:
    account = town.account()
    town.set(account, "requests", "project", 3, period="minute")
    answers = town.statuses(account) + town.statuses(account) + town.statuses(account)
    # At the turn of a minute there is room again; no other four in a row can pass.
    assert answers.count(200) in {3, 4, 5, 6}
    assert 429 in answers or answers.count(200) == 6


def test_plan_when_it_changes_then_the_next_request_at_any_gateway_knows(town: Town) -> None:
    account = town.account()
    team = f"/api/teams/{town.teams[account.team_id]}/plan"
    assert town.statuses(account) == [200, 200]
    for plan, expected in (("prepaid", 429), ("internal", 200), ("prepaid", 429), ("pro", 200)):
        response = town.admin.put(team, json={"plan": plan, "reason": "a test"})
        assert response.status_code == 200, response.text
        assert town.statuses(account) == [expected, expected], plan


def test_plan_when_what_it_says_changes_then_the_next_request_at_any_gateway_knows(
    town: Town,
) -> None:
    account = town.account()
    reason = {"reason": "a test"}
    plan = {"plan": "academic", **reason}
    assert (
        town.admin.put(f"/api/teams/{town.teams[account.team_id]}/plan", json=plan).status_code
        == 200
    )
    assert town.statuses(account) == [200, 200]
    for changes, expected in (
        ({"cap_usd": "0"}, 429),
        ({"concurrency": {"project": 0}}, 429),
        ({}, 200),
    ):
        change = {"changes": changes, **reason}
        assert town.admin.put("/api/plans/academic", json=change).status_code == 200
        assert town.statuses(account) == [expected, expected], changes


def test_team_admin_when_setting_limits_then_lower_ones_hold_and_higher_ones_are_refused(
    town: Town,
) -> None:
    account = town.account()
    town.set(account, "spend", "team", 10**9, period="month")
    with as_member(town, account, Role.ADMIN) as admin, as_member(town, account) as member:
        assert put(member, account, 0).status_code == 403
        assert town.statuses(account) == [200, 200]
        assert put(admin, account, 0).status_code == 200
        assert town.statuses(account) == [429, 429]
        refused = put(admin, account, 10**9 + 1)
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "limit_too_high")
        assert put(admin, account, 10**8).status_code == 200
        assert town.statuses(account) == [200, 200]
        (own,) = [row for row in town.listed(account) if row["authority"] == "team"]
        (servers,) = [row for row in town.listed(account) if row["authority"] == "server"]
        assert admin.delete(f"/api/limits/set/{servers['id']}").status_code == 403
        assert admin.delete(f"/api/limits/set/{own['id']}").status_code == 200
        assert put(admin, town.account(), 0).status_code == 404, "of another team"


def put(client: httpx.Client, account: Account, most: int) -> httpx.Response:
    wanted = {"kind": "spend", "scope": "team", "subject": account.team_id, "period": "month"}
    return client.put("/api/limits/set", json={**wanted, "max": str(most)})


@contextmanager
def as_member(town: Town, account: Account, role: Role = Role.MEMBER) -> Generator[httpx.Client]:
    """A client of somebody who is in the account's team."""
    now = datetime.now(UTC)
    with town.database.write() as connection:
        team = find_team_by_id(connection, TeamId(account.team_id))
        assert team is not None
        user = create_user(connection, NewUser(f"{role}-of-{team.name}"), now)
        set_member(connection, team, user.id, role=role, now=now)
        new = NewKey(user, scopes=frozenset({Scope.MANAGE}))
        made = create_key(connection, new, secret=town.secret, now=now)
    headers = {"Authorization": f"Bearer {made.api_key}"}
    with httpx.Client(base_url=town.admin.base_url, headers=headers, timeout=30) as client:
        yield client
