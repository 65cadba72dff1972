"""What the tests of identity put into a database, one line each, and a clock that moves by hand."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from weft.identity.generation import read_generation
from weft.identity.keys import DEFAULT_SCOPES, MadeKey, NewKey, create_key
from weft.identity.people import NewUser, create_user, find_user
from weft.identity.principal import LOOK_EVERY_S, Gate
from weft.identity.teams import create_project, create_team, find_team, set_member
from weft.identity.types import Project, Role, Scope, Team, TraceLevel, User, UserKind
from weft.kit.db import Database

SECRET = b"s" * 32
PATIENCE_S = 20
START = datetime(2026, 11, 1, 12, tzinfo=UTC)


@dataclass
class HandClock:
    """Time that moves only by hand."""

    moment: datetime = START
    seconds: float = 1_000.0

    def now(self) -> datetime:
        return self.moment

    def monotonic_s(self) -> float:
        return self.seconds

    def advance(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)
        self.seconds += seconds


@dataclass
class House:
    """A database with whatever a test puts into it, one line each."""

    database: Database
    clock: HandClock
    users: dict[str, User] = field(default_factory=dict[str, User])

    def user(
        self, name: str, *teams: Team, role: Role = Role.MEMBER, kind: UserKind = UserKind.PERSON
    ) -> User:
        with self.database.write() as connection:
            user = find_user(connection, name)
            if user is None:
                user = create_user(connection, NewUser(name, kind=kind), self.clock.now())
            for team in teams:
                set_member(connection, team, user.id, role=role, now=self.clock.now())
        return user

    def team(self, name: str, *projects: str) -> Team:
        with self.database.write() as connection:
            team = find_team(connection, name) or create_team(connection, name, self.clock.now())
            for project in projects:
                create_project(connection, team, project, self.clock.now())
        return team

    def project(self, team: Team, name: str) -> Project:
        with self.database.write() as connection:
            return create_project(connection, team, name, self.clock.now())

    def key(
        self,
        user: User,
        *,
        scopes: frozenset[Scope] = DEFAULT_SCOPES,
        team: Team | None = None,
        project: Project | None = None,
        models: frozenset[str] | None = None,
        expires_at: datetime | None = None,
        trace: TraceLevel | None = None,
    ) -> MadeKey:
        new = NewKey(
            user,
            name="test",
            scopes=scopes,
            team=team,
            project=project,
            allowed_models=models,
            expires_at=expires_at,
            trace=trace,
        )
        with self.database.write() as connection:
            return create_key(connection, new, secret=SECRET, now=self.clock.now())

    def catch_up(self, gate: Gate) -> None:
        """Let the gate look until all that was committed is known to it: on PostgreSQL that takes some time."""
        with self.database.read() as connection:
            newest = read_generation(connection)
        wait_for(lambda: self.look(gate) == newest)

    def look(self, gate: Gate) -> int | None:
        """The generation that the gate sees now."""
        self.clock.advance(LOOK_EVERY_S)
        gate.find(b"", b"")
        return gate.generation

    def header(self, made: MadeKey) -> bytes:
        """The key as OpenAI's clients send it."""
        return b"Bearer " + made.api_key.encode()


def wait_for(is_so: Callable[[], bool]) -> None:
    """Wait until something is so that another thread sees to."""
    until_s = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < until_s
        time.sleep(0.005)


MakeGate = Callable[..., Gate]
