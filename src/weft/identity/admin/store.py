"""Lists of people and teams, a page at a time, and the changes that need more than one statement.

Invariant: a team that has an admin keeps one, and the server keeps one, whoever asks for what at the same time: both
are counted in the transaction of the change.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, Select, func, or_, select, update

from weft.identity.generation import bump
from weft.identity.people import user_of
from weft.identity.schema import MEMBER, PROJECT, TEAM, USER
from weft.identity.teams import find_role, remove_member, set_member
from weft.identity.types import Role, Team, TeamId, TeamKind, User, UserId, UserKind
from weft.kit.clock import from_us
from weft.kit.errors import InvalidRequest

PAGE_LIMIT = 200


class LastAdmin(InvalidRequest):
    """Somebody has to be left who manages the team, or the server."""

    status = 409
    code = "last_admin"
    remedy = "make somebody else an admin first"


@dataclass(frozen=True, slots=True)
class TeamSize:
    """A team, and how much is in it."""

    team: Team
    role: Role | None
    """The asking user's; None: an admin of the server who is not in it."""
    members: int
    projects: int


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in a team."""

    user: User
    role: Role
    since: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """A team of a user's."""

    team: str
    role: Role


def list_team_sizes(
    connection: Connection, user: User, *, text: str, after: str, limit: int
) -> list[TeamSize]:
    """Teams by name, of those that the user may see, whose names hold `text`; personal entities left out."""
    mine = (
        select(MEMBER.c.role)
        .where(MEMBER.c.team_id == TEAM.c.id, MEMBER.c.user_id == user.id)
        .scalar_subquery()
    )
    members = (
        select(func.count()).where(MEMBER.c.team_id == TEAM.c.id).scalar_subquery().label("members")
    )
    living = (PROJECT.c.team_id == TEAM.c.id, PROJECT.c.removed_at_us.is_(None))
    projects = select(func.count()).where(*living).scalar_subquery().label("projects")
    wanted = select(TEAM, mine.label("role"), members, projects).where(
        TEAM.c.kind == TeamKind.TEAM.value, TEAM.c.removed_at_us.is_(None)
    )
    if not user.is_admin:
        wanted = wanted.where(mine.is_not(None))
    rows = connection.execute(_page(wanted, TEAM.c.name, text, after, limit))
    return [
        TeamSize(
            Team(TeamId(row.id), row.name, TeamKind(row.kind), from_us(row.created_at_us)),
            None if row.role is None else Role(row.role),
            row.members,
            row.projects,
        )
        for row in rows
    ]


def list_team_members(
    connection: Connection, team_id: TeamId, *, text: str, after: str, limit: int
) -> list[Member]:
    """Who is in a team, by name, of those whose names hold `text`."""
    wanted = (
        select(USER, MEMBER.c.role, MEMBER.c.created_at_us.label("since_us"))
        .join(MEMBER, MEMBER.c.user_id == USER.c.id)
        .where(MEMBER.c.team_id == team_id)
    )
    rows = connection.execute(_page(wanted, USER.c.username, text, after, limit))
    return [Member(user_of(row), Role(row.role), from_us(row.since_us)) for row in rows]


def list_some_users(
    connection: Connection, *, text: str, after: str, limit: int, kind: UserKind | None
) -> list[User]:
    """Users by name, of those whose names or addresses hold `text`."""
    wanted: Select[*tuple[object, ...]] = select(USER)
    if kind is not None:
        wanted = wanted.where(USER.c.kind == kind.value)
    if text:
        email = func.lower(USER.c.email).contains(text.lower(), autoescape=True)
        name = func.lower(USER.c.username).contains(text.lower(), autoescape=True)
        wanted = wanted.where(or_(name, email))
    return [
        user_of(row) for row in connection.execute(_page(wanted, USER.c.username, "", after, limit))
    ]


def places_of(connection: Connection, user_ids: Collection[str]) -> dict[str, list[Place]]:
    """The teams of these users, by user id, personal entities left out."""
    rows: Sequence[Row[*tuple[object, ...]]] = connection.execute(
        select(MEMBER.c.user_id, TEAM.c.name, MEMBER.c.role)
        .join(TEAM, TEAM.c.id == MEMBER.c.team_id)
        .where(
            MEMBER.c.user_id.in_(user_ids),
            TEAM.c.kind == TeamKind.TEAM.value,
            TEAM.c.removed_at_us.is_(None),
        )
        .order_by(func.lower(TEAM.c.name))
    ).all()
    found: dict[str, list[Place]] = {}
    for row in rows:
        found.setdefault(str(row.user_id), []).append(Place(row.name, Role(row.role)))
    return found


def change_member(
    connection: Connection, team: Team, user: User, *, role: Role, now: datetime
) -> Role | None:
    """Make a user a member of a team or change their role; the role that they had.

    Raises:
        LastAdmin: the team would have no admin any more.
    """
    before = find_role(connection, team.id, user.id)
    if before is Role.ADMIN and role is not Role.ADMIN:
        _check_other_admin(connection, team, user)
    if before is not role:
        set_member(connection, team, user.id, role=role, now=now)
    return before


def take_out(connection: Connection, team: Team, user: User) -> None:
    """Take a user out of a team.

    Raises:
        LastAdmin: the team would have no admin any more.
        NoSuchThing: the user is no member.
    """
    if find_role(connection, team.id, user.id) is Role.ADMIN:
        _check_other_admin(connection, team, user)
    remove_member(connection, team, user.id)


def check_other_server_admin(connection: Connection, user: User) -> None:
    """Raise `LastAdmin` unless somebody else manages the server, and can log in."""
    others = select(USER.c.id).where(
        USER.c.is_admin.is_(True), USER.c.id != user.id, USER.c.disabled_at_us.is_(None)
    )
    if connection.execute(others.limit(1)).first() is None:
        raise LastAdmin(f"{user.username} is the last admin of the server", param="user")


def set_server_admin(connection: Connection, user_id: UserId, *, is_admin: bool) -> None:
    """Say whether a user manages the whole server."""
    connection.execute(update(USER).where(USER.c.id == user_id).values(is_admin=is_admin))
    bump(connection)


def _check_other_admin(connection: Connection, team: Team, user: User) -> None:
    others = (
        select(MEMBER.c.user_id)
        .join(USER, USER.c.id == MEMBER.c.user_id)
        .where(
            MEMBER.c.team_id == team.id,
            MEMBER.c.role == Role.ADMIN.value,
            MEMBER.c.user_id != user.id,
            USER.c.disabled_at_us.is_(None),
        )
    )
    if connection.execute(others.limit(1)).first() is None:
        raise LastAdmin(f"{user.username} is the last admin of {team.name}", param="user")


def _page(
    wanted: Select[*tuple[object, ...]], name: ColumnElement[str], text: str, after: str, limit: int
) -> Select[*tuple[object, ...]]:
    lower = func.lower(name)
    if text:
        wanted = wanted.where(lower.contains(text.lower(), autoescape=True))
    if after:
        wanted = wanted.where(lower > after.lower())
    return wanted.order_by(lower).limit(limit)
