"""Who is calling, and what they may do: the only place that decides it.

`Gate.find` is the hot path: a dictionary look-up that holds for as long as nothing about identity changed, in this or
any other process. `Gate.authorize` is the full check, in a thread, and fills the dictionary. Both let a request
through for the same reasons, because only what `authorize` let through is ever found.

Invariants: a revoked key, a lost membership or a disabled user is seen by the next request, at most `LOOK_EVERY_S`
later (on PostgreSQL `generation.POLL_EVERY_S` and one query later); keys are looked up by their keyed hash, so that
timing tells nothing about them; no key and no header is ever put into an error or a log. Whether a team or a project
exists is told to its members only.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from weft.identity.generation import GenerationReader, read_generation
from weft.identity.headers import (
    InvalidProject,
    NamedProject,
    read_key,
    read_project,
)
from weft.identity.keys import key_digest, write_last_used
from weft.identity.login.callers import Caller, key_caller, session_caller
from weft.identity.projects.tracing import ceiling_of, level_of
from weft.identity.teams import (
    create_project,
    default_team,
    find_project,
    find_project_by_id,
    find_role,
    find_team,
    find_team_by_id,
)
from weft.identity.types import (
    DEFAULT_PROJECT,
    ApiKey,
    KeyId,
    Principal,
    Project,
    Role,
    Scope,
    Team,
    TeamKind,
    User,
)
from weft.kit.clock import Clock, to_us
from weft.kit.db import Database
from weft.kit.errors import NotPermitted, Refused

LOOK_EVERY_S = 0.001
CACHE_LIMIT = 10_000
LAST_USED_EVERY_US = 60_000_000
_MODELS_SHOWN = 10

PERSONAL_ENTITY = (
    "W&B Inference isn't available for personal accounts. "
    "Please switch to a non-personal account to access W&B Inference."
)
"""Word for word what the hosted service says, for the clients and people who search for it."""


class PersonalEntity(Refused):
    """A personal entity was named, or is all that the caller has; inference needs a team."""

    code = "personal_entity_unsupported"

    def __init__(self) -> None:
        super().__init__(
            PERSONAL_ENTITY,
            param="OpenAI-Project",
            remedy="Make a team with `weft team create NAME`, become a member, and send the header"
            " `OpenAI-Project: team/project`.",
            metadata={"limit": "personal_entity", "scope": "team", "resets_at": None},
        )

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Waiting does not help, so OpenAI's clients are told not to retry this 429."""
        return [*super().headers(), (b"x-should-retry", b"false")]


class RoleTooLow(NotPermitted):
    """A viewer reads; running models takes a member."""

    code = "role_too_low"

    def __init__(self, team: str) -> None:
        super().__init__(
            f"Viewers of the team {team} cannot run models",
            remedy="Ask an admin of the team to make you a member, under Settings, Members;"
            f" or by `weft team add {team} USER --role member`.",
        )


class ModelNotAllowed(NotPermitted):
    """The key is restricted to other models."""

    code = "model_not_allowed"


@dataclass(frozen=True, slots=True)
class _Asked:
    digest: str
    project: NamedProject | None
    now: datetime
    require_project: bool


class Gate:
    """Decides for every request who is calling. One per event loop; not for use by several threads."""

    def __init__(
        self, database: Database, secret: bytes, clock: Clock, *, require_project: bool
    ) -> None:
        self._database = database
        self._secret = secret
        self._clock = clock
        self._require_project = require_project
        self._reader = GenerationReader(database)
        self._cache: dict[tuple[bytes, bytes], Principal] = {}
        self._generation: int | None = None
        self._look_again_s = float("-inf")
        self._now = datetime.min.replace(tzinfo=UTC)
        self._now_us = 0
        self._used_at_us: dict[KeyId, int] = {}
        self._written_at_us: dict[KeyId, int] = {}

    @property
    def generation(self) -> int | None:
        """The generation that what is known here holds for; None: nothing may be assumed.

        Looks as `find` does, because not every caller is found here: who is logged in to the console has no key.
        """
        self._look()
        return self._generation

    def find(self, authorization: bytes, project: bytes) -> Principal | None:
        """Who is calling, if that was asked before and nothing changed since; None means: ask `authorize`.

        Takes the raw values of the `Authorization` and `OpenAI-Project` headers, empty when absent.
        """
        self._look()
        principal = self._cache.get((authorization, project))
        if principal is None:
            return None
        if principal.expires_at is not None and principal.expires_at <= self._now:
            return None
        self._used_at_us[principal.key_id] = self._now_us
        return principal

    async def authorize(self, authorization: bytes, project: bytes) -> Principal:
        """Who is calling, and whether they may run models on behalf of the team and project.

        Makes the project `inference` on first use, and only when the request named no project.

        Raises:
            NotAuthenticated: no key, no valid key, or a team or project that is none of the caller's.
            NotPermitted: the key's scope or the caller's role is not enough.
            PersonalEntity: inference needs a team.
        """
        asked = _Asked(
            key_digest(self._secret, read_key(authorization)),
            read_project(project),
            self._clock.now(),
            self._require_project,
        )
        generation, principal = await self._database.read_soon(lambda c: _decide(c, asked))
        if principal is None:
            generation, principal = await self._database.write_soon(
                lambda c: _decide(c, asked, may_create=True)
            )
        assert principal is not None
        self._remember((authorization, project), principal, generation)
        self._used_at_us[principal.key_id] = to_us(asked.now)
        return principal

    async def identify(self, authorization: bytes) -> Caller:
        """Whose key this is, with no team in question.

        Raises:
            NotAuthenticated: no key, or no valid one.
        """
        digest = key_digest(self._secret, read_key(authorization))
        now = self._clock.now()
        caller = await self._database.read_soon(lambda c: key_caller(c, digest, now))
        if caller.key is not None:
            self._used_at_us[caller.key.id] = to_us(now)
        return caller

    async def identify_session(self, session: str) -> Caller:
        """Who is logged in by this session.

        Raises:
            NotAuthenticated: it ended, or never was.
        """
        now = self._clock.now()
        return await self._database.read_soon(
            lambda c: session_caller(c, session, self._secret, now)
        )

    def note_used(self, key_id: KeyId) -> None:
        """Have it written down that a key was used now, by whoever else lets callers in."""
        self._used_at_us[key_id] = to_us(self._clock.now())

    async def flush_last_used(self, *, everything: bool = False) -> int:
        """Write down when keys were last used, at most once a minute each; `everything` when closing.

        Returns how many keys were written.
        """
        due = {
            key_id: used
            for key_id, used in self._used_at_us.items()
            if everything or used - self._written_at_us.get(key_id, 0) >= LAST_USED_EVERY_US
        }
        if due:
            await self._database.write_soon(lambda c: write_last_used(c, due))
        if len(self._written_at_us) > CACHE_LIMIT:
            self._written_at_us.clear()
        for key_id, used in due.items():
            self._written_at_us[key_id] = used
            if self._used_at_us.get(key_id) == used:
                del self._used_at_us[key_id]
        return len(due)

    def close(self) -> None:
        """Let go of the database. `flush_last_used(everything=True)` comes before. Idempotent."""
        self._cache.clear()
        self._reader.close()

    def _look(self) -> None:
        now_s = self._clock.monotonic_s()
        if now_s < self._look_again_s:
            return
        self._look_again_s = now_s + LOOK_EVERY_S
        self._now = self._clock.now()
        self._now_us = to_us(self._now)
        generation = self._reader.read()
        if generation != self._generation:
            self._cache.clear()
            self._generation = generation

    def _remember(
        self, headers: tuple[bytes, bytes], principal: Principal, generation: int
    ) -> None:
        if self._generation is None or generation > self._generation:
            self._cache.clear()
            self._generation = generation
            self._reader.note(generation)
        elif generation < self._generation:
            return  # decided before a change that is known by now
        if len(self._cache) >= CACHE_LIMIT:
            self._cache.clear()
        self._cache[headers] = principal


def is_allowed_model(principal: Principal, model_id: str, names: Collection[str] = ()) -> bool:
    """Whether the key may be used for the model, or for an adapter on it that goes by `names`."""
    allowed = principal.allowed_models
    return allowed is None or model_id in allowed or not allowed.isdisjoint(names)


def may_use_model(principal: Principal, model_id: str, names: Collection[str] = ()) -> None:
    """Raise `ModelNotAllowed`, naming the models that are, if the key is restricted to others."""
    if is_allowed_model(principal, model_id, names):
        return
    allowed = principal.allowed_models or frozenset()
    shown = sorted(allowed)[:_MODELS_SHOWN]
    more = f" and {len(allowed) - len(shown)} more" if len(allowed) > len(shown) else ""
    raise ModelNotAllowed(
        f"This key may only use {', '.join(shown)}{more}",
        param="model",
        remedy="Use one of these models, or another key.",
        metadata={
            "limit": "models",
            "scope": "key",
            "scope_id": principal.key_id,
            "current": model_id,
            "max": [*shown],
            "resets_at": None,
        },
    )


def _decide(
    connection: Connection, asked: _Asked, *, may_create: bool = False
) -> tuple[int, Principal | None]:
    """The generation that was seen, and who is calling; None: the project `inference` must be made first.

    1. the key: known, not revoked, not expired, its user not disabled, made for inference
    2. the team: named, or the key's, or the caller's default; the caller is a member; not personal
    3. the role: viewers cannot run models
    4. the project: named, or the key's, or `inference`
    """
    generation = read_generation(connection)
    caller = key_caller(connection, asked.digest, asked.now)
    caller.needs(Scope.INFERENCE)
    assert caller.key is not None
    team, role = _team(connection, caller.user, caller.key, asked)
    if role is Role.VIEWER:
        raise RoleTooLow(team.name)
    project = _project(connection, team, caller.key, asked.project)
    if project is None and may_create:
        project = create_project(connection, team, DEFAULT_PROJECT, asked.now)
        generation = read_generation(connection)
    if project is None:
        return generation, None
    return generation, Principal(
        user_id=caller.user.id,
        username=caller.user.username,
        is_admin=caller.user.is_admin,
        key_id=caller.key.id,
        scopes=caller.key.scopes,
        allowed_models=caller.key.allowed_models,
        expires_at=caller.key.expires_at,
        team_id=team.id,
        team=team.name,
        team_kind=team.kind,
        role=role,
        project_id=project.id,
        project=project.name,
        trace=level_of(project, caller.key),
        trace_ceiling=ceiling_of(project, caller.key),
    )


def _team(connection: Connection, user: User, key: ApiKey, asked: _Asked) -> tuple[Team, Role]:
    if asked.project is not None:
        team = find_team(connection, asked.project.team)
    elif asked.require_project:
        raise InvalidProject(
            "Missing OpenAI-Project header: this server needs a team and a project",
            remedy="Send the header `OpenAI-Project: team/project`.",
        )
    elif key.team_id is not None:
        team = find_team_by_id(connection, key.team_id)
    else:
        team = default_team(connection, user.id)
    if team is None or key.team_id not in {None, team.id}:
        raise InvalidProject
    role = find_role(connection, team.id, user.id)
    if role is None:
        raise InvalidProject
    if team.kind is TeamKind.PERSONAL:
        raise PersonalEntity
    return team, role


def _project(
    connection: Connection, team: Team, key: ApiKey, named: NamedProject | None
) -> Project | None:
    """The project of the request; None if it is to be `inference`, which does not exist yet."""
    if named is not None:
        project = find_project(connection, team.id, named.project)
    elif key.project_id is not None:
        project = find_project_by_id(connection, key.project_id)
    else:
        return find_project(connection, team.id, DEFAULT_PROJECT)
    if project is None or key.project_id not in {None, project.id}:
        raise InvalidProject
    return project
