"""A whole house with a team in it, and everybody who might ask: for tests that go through all of its routes."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import func, select

from billing.stripe_stand_in import SECRET_KEY, WEBHOOK_SECRET
from gateway.house import CARDS, Door, open_door
from weft.app.storage import server_secret
from weft.identity.audit.schema import ENTRY
from weft.identity.audit.store import PAGE_LIMIT, list_entries
from weft.identity.audit.types import Entry, Wanted
from weft.identity.keys import NewKey, create_key
from weft.identity.login.cookie import COOKIE
from weft.identity.logins import make_login_link, start_session
from weft.identity.people import NewUser, create_user, get_user
from weft.identity.teams import create_project, create_team, get_team, set_member
from weft.identity.types import Role
from weft.kit.clock import to_us
from weft.limits.changes import Changes
from weft.limits.plans.load import load_plans
from weft.limits.rules import Authority, Rule, Setter
from weft.limits.subjects import team_subject
from weft.limits.types import LimitKind, LimitScope, Period

Json = Any
TEAM, OTHER, PROJECT = "red", "blue", "one"
CALLERS = ("anonymous", "other", "viewer", "member", "admin", "server")
"""Nobody; an admin of another team; the three roles of the team; an admin of the server."""
SERVER = "admin"
"""The user name of the server's admin; everybody else is called as in `CALLERS`, an admin of the team `captain`."""
MODEL = "test/fake"
_MUCH_NUSD = 5 * 10**9
"""Of a limit that is in nobody's way."""


def name_of(caller: str) -> str:
    """The user name of a caller."""
    return {"server": SERVER, "admin": "captain"}.get(caller, caller)


@dataclass
class Grounds:
    """The house, and what leads into it."""

    door: Door
    secret: bytes
    request_id: str
    """Of a request that the member made."""
    cookies: Mapping[str, str]
    numbers: "count[int]" = field(default_factory=count)

    @property
    def app(self) -> FastAPI:
        """The control plane's app."""
        app = self.door.house.server.config.app
        assert isinstance(app, FastAPI)
        return app

    def fresh(self, what: str) -> str:
        """A name that nothing has yet."""
        return f"{what}-{next(self.numbers)}"

    def cookie(self, caller: str) -> str:
        """A new session of a caller's; nothing for nobody."""
        if caller == "anonymous":
            return ""
        now = datetime.now(UTC)
        with self.door.database.write() as connection:
            user = get_user(connection, name_of(caller))
            session = start_session(connection, user.id, secret=self.secret, now=now)
        return f"{COOKIE}={session}"

    def login_link(self, caller: str) -> str:
        """The secret end of a link that signs a caller in, once."""
        now = datetime.now(UTC)
        with self.door.database.write() as connection:
            user = get_user(connection, name_of(caller))
            return make_login_link(connection, user, secret=self.secret, now=now)

    def project(self) -> str:
        """A new project in the team."""
        name = self.fresh("project")
        with self.door.database.write() as connection:
            create_project(connection, get_team(connection, TEAM), name, datetime.now(UTC))
        return name

    def team(self, *, empty: bool = False) -> str:
        """A new team with the same people in it, or with nobody."""
        name, now = self.fresh("team"), datetime.now(UTC)
        with self.door.database.write() as connection:
            team = create_team(connection, name, now)
            for caller, role in () if empty else ROLES.items():
                user = get_user(connection, name_of(caller))
                set_member(connection, team, user.id, role=role, now=now)
        return name

    def user(self, team: str | None = TEAM) -> str:
        """A new user, a member of the team unless told otherwise."""
        name, now = self.fresh("user"), datetime.now(UTC)
        with self.door.database.write() as connection:
            user = create_user(connection, NewUser(name), now)
            if team is not None:
                found = get_team(connection, team)
                set_member(connection, found, user.id, role=Role.MEMBER, now=now)
        return name

    def key(self, owner: str) -> str:
        """The id of a new key of a user's, for the team alone."""
        with self.door.database.write() as connection:
            new = NewKey(get_user(connection, owner), team=get_team(connection, TEAM))
            made = create_key(connection, new, secret=self.secret, now=datetime.now(UTC))
        return made.key.id

    def limit(self) -> str:
        """The id of a new limit, which an admin of the team set."""
        settings = self.door.house.settings
        changes = Changes(load_plans(), default_plan=settings.default_plan)
        with self.door.database.write() as connection:
            subject = team_subject(get_team(connection, TEAM))
            rule = Rule(LimitKind.SPEND, LimitScope.TEAM, subject.id, Period.YEAR, "", _MUCH_NUSD)
            by = Setter(name_of("admin"), Authority.TEAM)
            now_us = to_us(datetime.now(UTC))
            return changes.set_limit(connection, subject, rule, setter=by, now_us=now_us).id

    async def ask(self, method: str, path: str, body: Json = None, *, by: str = "server") -> Json:
        """What one of `CALLERS` is answered, the server's admin if nobody is named."""
        headers = {"cookie": self.cookies[by]}
        answer = await self.door.client.request(method, path, headers=headers, json=body)
        self.door.client.cookies.clear()
        assert answer.is_success, answer.text
        return answer.json()

    def count_entries(self) -> int:
        """How long the audit log is."""
        with self.door.database.read() as connection:
            return connection.execute(select(func.count()).select_from(ENTRY)).scalar_one()

    def entries(self, most: int = PAGE_LIMIT) -> list[Entry]:
        """The end of the audit log, the newest first."""
        with self.door.database.read() as connection:
            return list_entries(connection, Wanted(), limit=most).entries


ROLES = {"viewer": Role.VIEWER, "member": Role.MEMBER, "admin": Role.ADMIN}


@asynccontextmanager
async def open_grounds(data_dir: Path) -> AsyncGenerator[Grounds]:
    """The house with its people, and one request that was served."""
    settings = {
        "stripe_secret_key": SECRET_KEY,
        "stripe_webhook_secret": WEBHOOK_SECRET,
        "stripe_api_base": "http://127.0.0.1:9",
        "public_url": "http://weft.test",
        "hub_mirror": str(data_dir / "nothing"),
    }
    async with open_door(data_dir, {"fake": CARDS["fake"]}, **settings) as door:
        secret = server_secret(door.house.settings)
        key = _people(door, secret)
        answer = await door.client.post(
            "/v1/chat/completions",
            json={"model": MODEL, "messages": [{"role": "user", "content": "Hello"}]},
            headers={"Authorization": f"Bearer {key}", "OpenAI-Project": f"{TEAM}/{PROJECT}"},
        )
        assert answer.status_code == 200, answer.text
        grounds = Grounds(door, secret, answer.headers["x-request-id"], {})
        grounds.cookies = {caller: grounds.cookie(caller) for caller in CALLERS}
        # The admin's key of the first start would answer for everybody.
        door.client.headers = httpx.Headers()
        yield grounds


def _people(door: Door, secret: bytes) -> str:
    """Make the teams and whoever is in them; the member's key."""
    now = datetime.now(UTC)
    with door.database.write() as connection:
        team, other = create_team(connection, TEAM, now), create_team(connection, OTHER, now)
        create_project(connection, team, PROJECT, now)
        stranger = create_user(connection, NewUser("other"), now)
        set_member(connection, other, stranger.id, role=Role.ADMIN, now=now)
        for caller, role in ROLES.items():
            user = create_user(connection, NewUser(name_of(caller)), now)
            set_member(connection, team, user.id, role=role, now=now)
        member = get_user(connection, "member")
        return create_key(connection, NewKey(member), secret=secret, now=now).api_key
