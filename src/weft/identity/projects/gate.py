"""Who may look at, or write to, one project: for everything that is kept by project and is no inference.

The inference door asks `principal.Gate`, which has its own rules (no personal entities, a default project). Here the
project is always named, personal entities are welcome, and viewers may read.

Invariants: as for `Gate`: what is remembered holds for one generation of identity, so a revoked key or a lost
membership is seen by the next request; whether a team or a project exists is told to its members only.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from weft.identity.audit.store import record
from weft.identity.audit.types import Actor, Detail
from weft.identity.generation import GenerationReader, read_generation
from weft.identity.headers import MissingKey, read_key
from weft.identity.keys import key_digest
from weft.identity.login.callers import Caller, key_caller, session_caller
from weft.identity.names import NoSuchThing
from weft.identity.principal import CACHE_LIMIT
from weft.identity.projects.console import session_principal
from weft.identity.teams import find_project, find_role, find_team
from weft.identity.types import KeyId, Principal, ProjectId, Role, Scope, TeamId, UserId
from weft.kit.clock import Clock
from weft.kit.db import Database
from weft.kit.errors import NotPermitted


class ReadOnly(NotPermitted):
    """A viewer reads; writing takes a member."""

    code = "role_too_low"

    def __init__(self, team: str) -> None:
        super().__init__(
            f"Viewers of the team {team} cannot write to its projects",
            remedy=f"Ask an admin: `weft team add {team} USER --role member`.",
        )


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who was let into a project."""

    user_id: UserId
    username: str
    team_id: TeamId
    team: str
    role: Role
    project_id: ProjectId
    project: str
    key_id: KeyId | None
    """None when logged in by a session."""
    expires_at: datetime | None

    @property
    def name(self) -> str:
        """The project as clients name it: `team/project`."""
        return f"{self.team}/{self.project}"

    def may_write(self) -> None:
        """Raise `ReadOnly` if this visitor only reads."""
        if self.role is Role.VIEWER:
            raise ReadOnly(self.team)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What came with a request to say who it is from; empty where absent."""

    authorization: bytes = b""
    session: str = ""


class ProjectGate:
    """Lets callers into projects. One per event loop; not for use by several threads."""

    def __init__(
        self,
        database: Database,
        secret: bytes,
        clock: Clock,
        used: Callable[[KeyId], None] | None = None,
    ) -> None:
        """`used` is told of every key that let somebody in."""
        self._used = used
        self._database = database
        self._secret = secret
        self._clock = clock
        self._reader = GenerationReader(database)
        self._cache: dict[tuple[Credentials, str], Visitor] = {}
        self._generation: int | None = None

    async def enter(self, credentials: Credentials, project: str) -> Visitor:
        """Let the caller into `project` (`team/project`), to read; ask `Visitor.may_write` for more.

        Raises:
            NotAuthenticated: no key or session, or no valid one.
            NotPermitted: the key was made for other uses.
            NoSuchThing: there is no such project, or the caller has no part in it.
        """
        visitor = self._find(credentials, project) or await self._look(credentials, project)
        if self._used is not None and visitor.key_id is not None:
            self._used(visitor.key_id)
        return visitor

    async def _look(self, credentials: Credentials, project: str) -> Visitor:
        now = self._clock.now()
        generation, visitor = await self._database.read_soon(
            lambda c: (read_generation(c), _enter(c, credentials, project, self._secret, now))
        )
        if credentials.authorization and generation == self._generation:
            if len(self._cache) >= CACHE_LIMIT:
                self._cache.clear()
            self._cache[credentials, project] = visitor
        return visitor

    async def identify(self, credentials: Credentials) -> Caller:
        """Whose key or session this is, with no project in question.

        Raises:
            NotAuthenticated: no key or session, or no valid one.
            NotPermitted: the key was made for other uses.
        """
        now = self._clock.now()
        return await self._database.read_soon(lambda c: _caller(c, credentials, self._secret, now))

    async def session_principal(self, session: str, project: str) -> Principal:
        """Who is logged in by `session`, as one who runs models for `project`; see `console.session_principal`."""
        now = self._clock.now()
        return await self._database.read_soon(
            lambda c: session_principal(c, session, project, secret=self._secret, now=now)
        )

    async def tell(self, visitor: Visitor, action: str, detail: Detail) -> None:
        """Put into the audit log what a visitor is about to change of the project as an admin."""
        by, now = Actor(visitor.username, visitor.user_id), self._clock.now()
        await self._database.write_soon(
            lambda c: record(
                c,
                by=by,
                action=action,
                subject=visitor.name,
                team=visitor.team_id,
                detail=detail,
                now=now,
            )
        )

    def close(self) -> None:
        """Let go of the database. Idempotent."""
        self._cache.clear()
        self._reader.close()

    def _find(self, credentials: Credentials, project: str) -> Visitor | None:
        generation = self._reader.read()
        if generation != self._generation:
            self._cache.clear()
            self._generation = generation
        visitor = self._cache.get((credentials, project))
        if visitor is None or generation is None:
            return None
        if visitor.expires_at is not None and visitor.expires_at <= self._clock.now():
            return None
        return visitor


def no_such_project(project: str) -> NoSuchThing:
    """What a caller is told of a project that does not exist, or is not theirs: one answer for both."""
    return NoSuchThing(
        f"there is no project {project[:260]} that this key may use",
        param="project_id",
        remedy="Name a project of a team that you are a member of, as team/project;"
        " `weft project create TEAM/PROJECT` makes one.",
    )


def _enter(
    connection: Connection, credentials: Credentials, name: str, secret: bytes, now: datetime
) -> Visitor:
    caller = _caller(connection, credentials, secret, now)
    team_name, _, project_name = name.partition("/")
    team = find_team(connection, team_name)
    role = find_role(connection, team.id, caller.user.id) if team else None
    if team is None or role is None:
        raise no_such_project(name)
    project = find_project(connection, team.id, project_name)
    key = caller.key
    if project is None or (
        key is not None
        and (key.team_id not in {None, team.id} or key.project_id not in {None, project.id})
    ):
        raise no_such_project(name)
    return Visitor(
        user_id=caller.user.id,
        username=caller.user.username,
        team_id=team.id,
        team=team.name,
        role=role,
        project_id=project.id,
        project=project.name,
        key_id=key.id if key else None,
        expires_at=key.expires_at if key else None,
    )


def _caller(
    connection: Connection, credentials: Credentials, secret: bytes, now: datetime
) -> Caller:
    if credentials.session and not credentials.authorization:
        return session_caller(connection, credentials.session, secret, now)
    if not credentials.authorization:
        raise MissingKey
    digest = key_digest(secret, read_key(credentials.authorization))
    caller = key_caller(connection, digest, now)
    caller.needs(Scope.TRACES)
    return caller
