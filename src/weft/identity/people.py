"""Users in the database: people, who log in and have a personal entity, and service accounts, which only hold keys.

Invariant: a person's personal entity has the person's name, and both are made in one transaction.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from weft.identity.generation import bump
from weft.identity.names import NameTaken, NoSuchThing, check_email, check_entity_name
from weft.identity.schema import LOGIN_LINK, MEMBER, RESET, SESSION, TEAM, USER
from weft.identity.types import Role, TeamId, TeamKind, User, UserId, UserKind
from weft.kit.clock import from_us, to_us
from weft.kit.ids import new_id

USERS_LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class NewUser:
    """What it takes to make a user."""

    username: str
    email: str = ""
    kind: UserKind = UserKind.PERSON
    is_admin: bool = False
    password_hash: str | None = None

    def __post_init__(self) -> None:
        check_entity_name("user", self.username)
        check_email(self.email)
        assert self.kind is UserKind.PERSON or self.password_hash is None


def create_user(connection: Connection, new: NewUser, now: datetime) -> User:
    """Make a user, and a person's personal entity.

    Raises:
        NameTaken: a user, a team or a personal entity has this name.
    """
    if _name_is_taken(connection, new.username):
        raise NameTaken(f"the name {new.username} is taken", param="user")
    user = User(
        id=UserId(new_id("user")),
        username=new.username,
        email=new.email,
        kind=new.kind,
        is_admin=new.is_admin,
        created_at=from_us(to_us(now)),
        disabled_at=None,
    )
    connection.execute(
        insert(USER).values(
            id=user.id,
            username=user.username,
            email=user.email,
            kind=user.kind.value,
            is_admin=user.is_admin,
            password_hash=new.password_hash,
            created_at_us=to_us(now),
        )
    )
    if user.kind is UserKind.PERSON:
        _create_personal_entity(connection, user, now)
    bump(connection)
    return user


def find_user(connection: Connection, username: str) -> User | None:
    """The user of this name."""
    row = connection.execute(select(USER).where(USER.c.username == username)).one_or_none()
    return user_of(row) if row else None


def get_user(connection: Connection, username: str) -> User:
    """The user of this name.

    Raises:
        NoSuchThing: there is none.
    """
    user = find_user(connection, username)
    if user is None:
        raise NoSuchThing(f"there is no user {username}", param="user")
    return user


def list_users(connection: Connection) -> list[User]:
    """All users by name."""
    rows = connection.execute(select(USER).order_by(func.lower(USER.c.username)).limit(USERS_LIMIT))
    return [user_of(row) for row in rows]


def user_names(connection: Connection, user_ids: Collection[str]) -> dict[str, str]:
    """Names by id, of these users."""
    wanted = select(USER.c.id, USER.c.username).where(USER.c.id.in_(user_ids))
    return {row.id: row.username for row in connection.execute(wanted)}


def any_user(connection: Connection) -> bool:
    """Whether somebody is known already; if not, this is the first start."""
    return connection.execute(select(USER.c.id).limit(1)).first() is not None


def disable_user(connection: Connection, user_id: UserId, now: datetime) -> None:
    """Shut a user out: no key of theirs works any more, and every login of theirs ends."""
    connection.execute(
        update(USER)
        .where(USER.c.id == user_id, USER.c.disabled_at_us.is_(None))
        .values(disabled_at_us=to_us(now))
    )
    _end_logins(connection, user_id)
    bump(connection)


def enable_user(connection: Connection, user_id: UserId) -> None:
    """Let a disabled user in again, with the keys they had."""
    connection.execute(update(USER).where(USER.c.id == user_id).values(disabled_at_us=None))
    bump(connection)


def set_password(
    connection: Connection, user_id: UserId, password_hash: str, *, kept_session: str = ""
) -> None:
    """Replace a person's password; every login made with the old one ends, but the session of this digest."""
    connection.execute(update(USER).where(USER.c.id == user_id).values(password_hash=password_hash))
    _end_logins(connection, user_id, kept_session)
    bump(connection)


def set_default_team(connection: Connection, user_id: UserId, team_id: TeamId | None) -> None:
    """Choose the team of requests that name none; None is the first team that the user joined."""
    connection.execute(update(USER).where(USER.c.id == user_id).values(default_team_id=team_id))
    bump(connection)


def find_password_hash(connection: Connection, username: str) -> tuple[UserId, str] | None:
    """Id and password hash of a person who may log in."""
    row = connection.execute(
        select(USER.c.id, USER.c.password_hash).where(
            USER.c.username == username,
            USER.c.password_hash.is_not(None),
            USER.c.disabled_at_us.is_(None),
        )
    ).one_or_none()
    return (UserId(row.id), str(row.password_hash)) if row else None


def user_of(row: Row[*tuple[object, ...]]) -> User:
    """A row of the table of users, in our words."""
    return User(
        id=UserId(row.id),
        username=row.username,
        email=row.email,
        kind=UserKind(row.kind),
        is_admin=row.is_admin,
        created_at=from_us(row.created_at_us),
        disabled_at=None if row.disabled_at_us is None else from_us(row.disabled_at_us),
    )


def _create_personal_entity(connection: Connection, user: User, now: datetime) -> None:
    team_id = new_id("team")
    connection.execute(
        insert(TEAM).values(
            id=team_id,
            name=user.username,
            kind=TeamKind.PERSONAL.value,
            created_at_us=to_us(now),
        )
    )
    connection.execute(
        insert(MEMBER).values(
            team_id=team_id,
            user_id=user.id,
            role=Role.ADMIN.value,
            created_at_us=to_us(now),
        )
    )


def _name_is_taken(connection: Connection, name: str) -> bool:
    user = select(USER.c.id).where(func.lower(USER.c.username) == name.lower())
    team = select(TEAM.c.id).where(
        func.lower(TEAM.c.name) == name.lower(), TEAM.c.removed_at_us.is_(None)
    )
    return connection.execute(user.union_all(team)).first() is not None


def _end_logins(connection: Connection, user_id: UserId, kept_session: str = "") -> None:
    ending = (SESSION.c.user_id == user_id, SESSION.c.digest != kept_session)
    connection.execute(delete(SESSION).where(*ending))
    connection.execute(delete(LOGIN_LINK).where(LOGIN_LINK.c.user_id == user_id))
    connection.execute(delete(RESET).where(RESET.c.user_id == user_id))
