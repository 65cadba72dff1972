"""Teams, memberships and projects in the database.

What is removed keeps its row, so that usage and money of the past still have a name; the name itself becomes free.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from weft.identity.generation import bump
from weft.identity.names import (
    InvalidName,
    NameTaken,
    NoSuchThing,
    check_entity_name,
    check_name,
)
from weft.identity.schema import MEMBER, PROJECT, TEAM, USER
from weft.identity.types import (
    Membership,
    Project,
    ProjectId,
    Role,
    Team,
    TeamId,
    TeamKind,
    TraceLevel,
    UserId,
)
from weft.kit.clock import from_us, to_us
from weft.kit.ids import new_id

TEAMS_LIMIT = 10_000
MEMBERS_LIMIT = 10_000
PROJECTS_LIMIT = 10_000


def create_team(connection: Connection, name: str, now: datetime) -> Team:
    """Make a team; it has no members yet.

    Raises:
        NameTaken: a team or a user has this name.
    """
    check_entity_name("team", name)
    user = select(USER.c.id).where(func.lower(USER.c.username) == name.lower())
    team = select(TEAM.c.id).where(func.lower(TEAM.c.name) == name.lower())
    living = team.where(TEAM.c.removed_at_us.is_(None))
    if connection.execute(user.union_all(living)).first() is not None:
        raise NameTaken(f"the name {name} is taken", param="team")
    created = Team(TeamId(new_id("team")), name, TeamKind.TEAM, from_us(to_us(now)))
    connection.execute(
        insert(TEAM).values(
            id=created.id, name=name, kind=created.kind.value, created_at_us=to_us(now)
        )
    )
    bump(connection)
    return created


def find_team(connection: Connection, name: str) -> Team | None:
    """The team, or personal entity, of this name."""
    found = connection.execute(_teams().where(TEAM.c.name == name)).one_or_none()
    return _team(found) if found else None


def get_team(connection: Connection, name: str) -> Team:
    """The team, or personal entity, of this name.

    Raises:
        NoSuchThing: there is none.
    """
    team = find_team(connection, name)
    if team is None:
        raise NoSuchThing(f"there is no team {name}", param="team")
    return team


def find_team_by_id(connection: Connection, team_id: TeamId) -> Team | None:
    """The team of this id, unless it was removed."""
    found = connection.execute(_teams().where(TEAM.c.id == team_id)).one_or_none()
    return _team(found) if found else None


def list_teams(connection: Connection) -> list[Team]:
    """All teams by name, personal entities left out."""
    found = connection.execute(
        _teams().where(TEAM.c.kind == TeamKind.TEAM.value).order_by(func.lower(TEAM.c.name))
    )
    return [_team(row) for row in found.fetchmany(TEAMS_LIMIT)]


def team_names(connection: Connection, team_ids: Collection[str]) -> dict[str, str]:
    """Names by id, of these teams, removed ones too."""
    wanted = select(TEAM.c.id, TEAM.c.name).where(TEAM.c.id.in_(team_ids))
    return {row.id: row.name for row in connection.execute(wanted)}


def project_names(connection: Connection, project_ids: Collection[str]) -> dict[str, str]:
    """`team/project` by id, of these projects, removed ones too."""
    wanted = (
        select(PROJECT.c.id, TEAM.c.name.label("team"), PROJECT.c.name)
        .join(TEAM, TEAM.c.id == PROJECT.c.team_id)
        .where(PROJECT.c.id.in_(project_ids))
    )
    return {row.id: f"{row.team}/{row.name}" for row in connection.execute(wanted)}


def remove_team(connection: Connection, team_id: TeamId, now: datetime) -> None:
    """Remove a team, its projects and its memberships; keys restricted to it stop working."""
    gone = {"removed_at_us": to_us(now)}
    connection.execute(
        update(TEAM).where(TEAM.c.id == team_id, TEAM.c.kind == TeamKind.TEAM.value).values(gone)
    )
    connection.execute(
        update(PROJECT)
        .where(PROJECT.c.team_id == team_id, PROJECT.c.removed_at_us.is_(None))
        .values(gone)
    )
    connection.execute(delete(MEMBER).where(MEMBER.c.team_id == team_id))
    bump(connection)


def default_team(connection: Connection, user_id: UserId) -> Team | None:
    """The team of requests that name none: the chosen one, else the first joined, else the personal entity.

    Teams that the user may run models in go before those where the user only reads.
    """
    chosen = (
        _teams()
        .join(MEMBER, MEMBER.c.team_id == TEAM.c.id)
        .join(USER, USER.c.id == MEMBER.c.user_id)
        .where(USER.c.id == user_id)
        .order_by(
            (USER.c.default_team_id == TEAM.c.id).is_(True).desc(),
            (TEAM.c.kind == TeamKind.PERSONAL.value),
            (MEMBER.c.role == Role.VIEWER.value),
            MEMBER.c.created_at_us,
            TEAM.c.id,
        )
        .limit(1)
    )
    found = connection.execute(chosen).one_or_none()
    return _team(found) if found else None


def set_member(
    connection: Connection, team: Team, user_id: UserId, *, role: Role, now: datetime
) -> None:
    """Make a user a member of a team, or change the role of one who is.

    Raises:
        InvalidName: `team` is a personal entity, which has one member for good.
    """
    if team.kind is TeamKind.PERSONAL:
        raise InvalidName(f"{team.name} is a personal entity; make a team to share", param="team")
    mine = (MEMBER.c.team_id == team.id, MEMBER.c.user_id == user_id)
    changed = connection.execute(update(MEMBER).where(*mine).values(role=role.value))
    if changed.rowcount == 0:
        connection.execute(
            insert(MEMBER).values(
                team_id=team.id, user_id=user_id, role=role.value, created_at_us=to_us(now)
            )
        )
    bump(connection)


def remove_member(connection: Connection, team: Team, user_id: UserId) -> None:
    """Take a user out of a team.

    Raises:
        NoSuchThing: the user is no member.
        InvalidName: `team` is a personal entity.
    """
    if team.kind is TeamKind.PERSONAL:
        raise InvalidName(f"{team.name} is a personal entity and keeps its owner", param="team")
    removed = connection.execute(
        delete(MEMBER).where(MEMBER.c.team_id == team.id, MEMBER.c.user_id == user_id)
    )
    if removed.rowcount == 0:
        raise NoSuchThing(f"this user is no member of {team.name}", param="user")
    bump(connection)


def find_role(connection: Connection, team_id: TeamId, user_id: UserId) -> Role | None:
    """The user's role in the team, if any."""
    role = connection.execute(
        select(MEMBER.c.role).where(MEMBER.c.team_id == team_id, MEMBER.c.user_id == user_id)
    ).scalar_one_or_none()
    return None if role is None else Role(role)


def list_members(connection: Connection, team_id: TeamId) -> list[Membership]:
    """Who is in the team, by name."""
    return _memberships(connection, _members().where(MEMBER.c.team_id == team_id))


def list_memberships(connection: Connection, user_id: UserId) -> list[Membership]:
    """Every team that the user is in, by name, the personal entity included."""
    return _memberships(connection, _members().where(MEMBER.c.user_id == user_id))


def create_project(connection: Connection, team: Team, name: str, now: datetime) -> Project:
    """Make a project in a team.

    Raises:
        NameTaken: the team has a project of this name.
    """
    check_name("project", name)
    taken = select(PROJECT.c.id).where(
        PROJECT.c.team_id == team.id,
        func.lower(PROJECT.c.name) == name.lower(),
        PROJECT.c.removed_at_us.is_(None),
    )
    if connection.execute(taken).first() is not None:
        raise NameTaken(f"{team.name} has a project {name} already", param="project")
    project = Project(ProjectId(new_id("proj")), team.id, team.name, name, from_us(to_us(now)))
    connection.execute(
        insert(PROJECT).values(id=project.id, team_id=team.id, name=name, created_at_us=to_us(now))
    )
    bump(connection)
    return project


def find_project(connection: Connection, team_id: TeamId, name: str) -> Project | None:
    """The team's project of this name."""
    wanted = _projects().where(PROJECT.c.team_id == team_id, PROJECT.c.name == name)
    found = connection.execute(wanted).one_or_none()
    return _project(found) if found else None


def find_project_by_id(connection: Connection, project_id: ProjectId) -> Project | None:
    """The project of this id, unless it or its team was removed."""
    found = connection.execute(_projects().where(PROJECT.c.id == project_id)).one_or_none()
    return _project(found) if found else None


def get_project(connection: Connection, team: str, name: str) -> Project:
    """The project `team/name`.

    Raises:
        NoSuchThing: there is none.
    """
    wanted = _projects().where(TEAM.c.name == team, PROJECT.c.name == name)
    found = connection.execute(wanted).one_or_none()
    if found is None:
        raise NoSuchThing(f"there is no project {team}/{name}", param="project")
    return _project(found)


def list_projects(connection: Connection, team_id: TeamId | None = None) -> list[Project]:
    """Projects by team and name; of one team, if one is given."""
    wanted = _projects().order_by(func.lower(TEAM.c.name), func.lower(PROJECT.c.name))
    if team_id is not None:
        wanted = wanted.where(PROJECT.c.team_id == team_id)
    return [_project(row) for row in connection.execute(wanted).fetchmany(PROJECTS_LIMIT)]


def remove_project(connection: Connection, project_id: ProjectId, now: datetime) -> None:
    """Remove a project; keys restricted to it stop working."""
    connection.execute(
        update(PROJECT).where(PROJECT.c.id == project_id).values(removed_at_us=to_us(now))
    )
    bump(connection)


def _teams() -> Select[*tuple[object, ...]]:
    return select(TEAM.c.id, TEAM.c.name, TEAM.c.kind, TEAM.c.created_at_us).where(
        TEAM.c.removed_at_us.is_(None)
    )


def _team(row: Row[*tuple[object, ...]]) -> Team:
    return Team(TeamId(row.id), row.name, TeamKind(row.kind), from_us(row.created_at_us))


def _projects() -> Select[*tuple[object, ...]]:
    return (
        select(
            PROJECT.c.id,
            PROJECT.c.team_id,
            TEAM.c.name.label("team"),
            PROJECT.c.name,
            PROJECT.c.created_at_us,
            PROJECT.c.trace,
        )
        .join(TEAM, TEAM.c.id == PROJECT.c.team_id)
        .where(PROJECT.c.removed_at_us.is_(None), TEAM.c.removed_at_us.is_(None))
    )


def _project(row: Row[*tuple[object, ...]]) -> Project:
    return Project(
        ProjectId(row.id),
        TeamId(row.team_id),
        row.team,
        row.name,
        from_us(row.created_at_us),
        None if row.trace is None else TraceLevel(row.trace),
    )


def _members() -> Select[*tuple[object, ...]]:
    return (
        select(
            MEMBER.c.team_id,
            TEAM.c.name.label("team"),
            MEMBER.c.user_id,
            USER.c.username,
            MEMBER.c.role,
        )
        .join(TEAM, TEAM.c.id == MEMBER.c.team_id)
        .join(USER, USER.c.id == MEMBER.c.user_id)
        .where(TEAM.c.removed_at_us.is_(None))
        .order_by(func.lower(TEAM.c.name), func.lower(USER.c.username))
    )


def _memberships(connection: Connection, wanted: Select[*tuple[object, ...]]) -> list[Membership]:
    return [
        Membership(TeamId(row.team_id), row.team, UserId(row.user_id), row.username, Role(row.role))
        for row in connection.execute(wanted).fetchmany(MEMBERS_LIMIT)
    ]
