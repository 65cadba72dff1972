"""API keys in the database: only what they hash to, what people recognise them by, and what they may do."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, Select, bindparam, insert, select, update

from weft.identity.generation import bump
from weft.identity.names import NoSuchThing, check_label
from weft.identity.people import user_of
from weft.identity.schema import KEY, PROJECT, TEAM, USER
from weft.identity.secrets import key_prefix, keyed_hash, new_key
from weft.identity.types import (
    ApiKey,
    KeyId,
    Project,
    ProjectId,
    Scope,
    Team,
    TeamId,
    TraceLevel,
    User,
    UserId,
)
from weft.kit.clock import from_us, to_us
from weft.kit.errors import InvalidRequest
from weft.kit.ids import new_id

KEYS_LIMIT = 10_000
MODELS_LIMIT = 100
MODEL_LIMIT_CHARS = 256
EXPIRY_LIMIT = timedelta(days=3653)
"""Ten years: what is meant to last longer is meant to last, and says so by no expiry."""
DEFAULT_SCOPES = frozenset({Scope.INFERENCE, Scope.TRACES})
_PURPOSE = "key"


@dataclass(frozen=True, slots=True)
class NewKey:
    """What it takes to make a key. A project's key is restricted to the project's team as well."""

    user: User
    name: str = ""
    scopes: frozenset[Scope] = DEFAULT_SCOPES
    team: Team | None = None
    project: Project | None = None
    allowed_models: frozenset[str] | None = None
    expires_at: datetime | None = None
    trace: TraceLevel | None = None

    def __post_init__(self) -> None:
        check_label("key name", self.name, param="name")
        assert self.project is None or self.team is not None, "a project's key names its team"
        assert self.project is None or self.team is None or self.project.team_id == self.team.id
        if not self.scopes:
            raise InvalidRequest("a key needs at least one scope", param="scopes")
        if Scope.MANAGE in self.scopes and (self.team or self.allowed_models):
            # Such a key could make itself an unrestricted sister.
            raise InvalidRequest(
                "a key with the scope manage cannot be restricted to a team or to models",
                param="scopes",
            )
        models = self.allowed_models
        if models is not None and not 1 <= len(models) <= MODELS_LIMIT:
            raise InvalidRequest(
                f"a key may name 1 to {MODELS_LIMIT} models, or none to allow all", param="models"
            )
        for model in models or ():
            check_label("model id", model, MODEL_LIMIT_CHARS, param="models")


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A key that was just made: the only moment at which `api_key` itself is known."""

    key: ApiKey
    api_key: str


@dataclass(frozen=True, slots=True)
class Credential:
    """A key that exists, and whose it is; whether it is still good is for the gate to say."""

    key: ApiKey
    user: User


def key_digest(secret: bytes, api_key: bytes) -> str:
    """What is stored of a key, and what it is looked up by."""
    return keyed_hash(secret, _PURPOSE, api_key)


def create_key(connection: Connection, new: NewKey, *, secret: bytes, now: datetime) -> MadeKey:
    """Make a key.

    Raises:
        InvalidRequest: it would have expired already, or later than keys may.
    """
    if new.expires_at is not None:
        check_expiry(new.expires_at, now)
    api_key = new_key()
    key = ApiKey(
        id=KeyId(new_id("key")),
        user_id=new.user.id,
        username=new.user.username,
        name=new.name,
        prefix=key_prefix(api_key),
        last_four=api_key[-4:],
        scopes=new.scopes,
        team=new.team.name if new.team else None,
        team_id=new.team.id if new.team else None,
        project=new.project.name if new.project else None,
        project_id=new.project.id if new.project else None,
        allowed_models=new.allowed_models,
        created_at=from_us(to_us(now)),
        expires_at=new.expires_at,
        last_used_at=None,
        revoked_at=None,
        trace=new.trace,
    )
    models = None if key.allowed_models is None else json.dumps(sorted(key.allowed_models))
    connection.execute(
        insert(KEY).values(
            id=key.id,
            user_id=key.user_id,
            digest=key_digest(secret, api_key.encode()),
            name=key.name,
            prefix=key.prefix,
            last_four=key.last_four,
            scopes=",".join(sorted(key.scopes)),
            team_id=key.team_id,
            project_id=key.project_id,
            allowed_models=models,
            created_at_us=to_us(now),
            expires_at_us=None if key.expires_at is None else to_us(key.expires_at),
            trace=None if key.trace is None else key.trace.value,
        )
    )
    bump(connection)
    return MadeKey(key, api_key)


def check_expiry(expires_at: datetime, now: datetime) -> None:
    """Raise InvalidRequest unless a key made now may expire then; any aware moment will do."""
    if expires_at <= now:
        raise InvalidRequest("the key would have expired already", param="expires_at")
    if expires_at - now > EXPIRY_LIMIT:
        raise InvalidRequest(
            "a key expires within ten years, or never",
            param="expires_at",
            remedy="name an earlier moment, or leave it out for a key that does not expire",
        )


def key_names(connection: Connection, key_ids: Collection[str]) -> dict[str, str]:
    """What their owners recognise these keys by, by id; revoked ones too."""
    wanted = select(KEY.c.id, KEY.c.name, KEY.c.prefix, KEY.c.last_four)
    return {
        row.id: recognised_by(row.name, row.prefix, row.last_four)
        for row in connection.execute(wanted.where(KEY.c.id.in_(key_ids)))
    }


def recognised_by(name: str, prefix: str, last_four: str) -> str:
    """What a key's owner recognises it by."""
    recognised = f"{prefix}…{last_four}"
    return f"{name} ({recognised})" if name else recognised


def find_credential(connection: Connection, digest: str) -> Credential | None:
    """The key of this digest and its user, whatever state they are in."""
    row = connection.execute(_keys().where(KEY.c.digest == digest)).one_or_none()
    if row is None:
        return None
    owner = connection.execute(select(USER).where(USER.c.id == row.user_id)).one()
    return Credential(_key(row), user_of(owner))


def get_key(connection: Connection, key_id: str) -> ApiKey:
    """The key of this id.

    Raises:
        NoSuchThing: there is none.
    """
    row = connection.execute(_keys().where(KEY.c.id == key_id)).one_or_none()
    if row is None:
        raise NoSuchThing("there is no key with this id", param="key")
    return _key(row)


def list_keys(
    connection: Connection, user_id: UserId | None = None, *, team_id: TeamId | None = None
) -> list[ApiKey]:
    """Keys, the newest first; of one user, or that work in one team alone, if either is given."""
    wanted = _keys().order_by(KEY.c.created_at_us.desc(), KEY.c.id.desc())
    if user_id is not None:
        wanted = wanted.where(KEY.c.user_id == user_id)
    if team_id is not None:
        wanted = wanted.where(KEY.c.team_id == team_id)
    return [_key(row) for row in connection.execute(wanted).fetchmany(KEYS_LIMIT)]


def revoke_key(connection: Connection, key_id: KeyId, now: datetime) -> None:
    """End a key for good; the first moment stands if it is done twice."""
    connection.execute(
        update(KEY)
        .where(KEY.c.id == key_id, KEY.c.revoked_at_us.is_(None))
        .values(revoked_at_us=to_us(now))
    )
    bump(connection)


def write_last_used(connection: Connection, used_at_us: Mapping[KeyId, int]) -> None:
    """Note when keys were last used; an older note never replaces a newer one."""
    if not used_at_us:
        return
    newer = (KEY.c.last_used_at_us.is_(None)) | (KEY.c.last_used_at_us < bindparam("moment"))
    connection.execute(
        update(KEY)
        .where(KEY.c.id == bindparam("key_id"), newer)
        .values(last_used_at_us=bindparam("moment")),
        [{"key_id": key_id, "moment": moment} for key_id, moment in used_at_us.items()],
    )


def _keys() -> Select[*tuple[object, ...]]:
    return (
        select(
            KEY,
            USER.c.username,
            TEAM.c.name.label("team"),
            PROJECT.c.name.label("project"),
        )
        .join(USER, USER.c.id == KEY.c.user_id)
        .outerjoin(TEAM, TEAM.c.id == KEY.c.team_id)
        .outerjoin(PROJECT, PROJECT.c.id == KEY.c.project_id)
    )


def _key(row: Row[*tuple[object, ...]]) -> ApiKey:
    return ApiKey(
        id=KeyId(row.id),
        user_id=UserId(row.user_id),
        username=row.username,
        name=row.name,
        prefix=row.prefix,
        last_four=row.last_four,
        scopes=frozenset(Scope(scope) for scope in row.scopes.split(",")),
        team=row.team,
        team_id=None if row.team_id is None else TeamId(row.team_id),
        project=row.project,
        project_id=None if row.project_id is None else ProjectId(row.project_id),
        allowed_models=None
        if row.allowed_models is None
        else frozenset(json.loads(row.allowed_models)),
        created_at=from_us(row.created_at_us),
        expires_at=_moment(row.expires_at_us),
        last_used_at=_moment(row.last_used_at_us),
        revoked_at=_moment(row.revoked_at_us),
        trace=None if row.trace is None else TraceLevel(row.trace),
    )


def _moment(stamp_us: int | None) -> datetime | None:
    return None if stamp_us is None else from_us(stamp_us)
