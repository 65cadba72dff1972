"""Whom and what a limit is for, by the name or the id that people write."""

from sqlalchemy import Connection

from weft.catalog.catalog import Catalog
from weft.identity.keys import get_key, key_names, list_keys, recognised_by
from weft.identity.names import NoSuchThing
from weft.identity.people import get_user, user_names
from weft.identity.teams import (
    find_project_by_id,
    find_team_by_id,
    get_project,
    get_team,
    list_memberships,
    project_names,
    team_names,
)
from weft.identity.types import ApiKey, Project, ProjectId, Team, TeamId, TeamKind, UserId
from weft.kit.errors import InvalidRequest
from weft.limits.rules import SetLimit, Subject
from weft.limits.types import LimitScope


def get_subject(connection: Connection, scope: LimitScope, name: str) -> Subject:
    """Whom `name` names: a team, `team/project`, a user's name, a key's name or beginning; or the id of one.

    Raises:
        NoSuchThing: there is none, or there are several.
    """
    match scope:
        case LimitScope.TEAM:
            return team_subject(find_any_team(connection, name))
        case LimitScope.PROJECT | LimitScope.PROJECT_MODEL:
            return project_subject(_project(connection, name))
        case LimitScope.USER:
            username = user_names(connection, {name}).get(name, name)
            user = get_user(connection, username)
            return Subject(LimitScope.USER, user.id, user.username)
        case LimitScope.KEY:
            return key_subject(_key(connection, name))


def get_model_id(catalog: Catalog, name: str) -> str:
    """The id that a model is counted by, by its id or an alias; empty for no name.

    A limit under any other name would be there for all to see, and refuse nobody.

    Raises:
        ModelNotFound: no model goes by this name.
    """
    return catalog.get(name).id if name else ""


def find_any_team(connection: Connection, name: str) -> Team:
    """The team of this name or id.

    Raises:
        NoSuchThing: there is none.
        InvalidRequest: it is a personal entity.
    """
    team = find_team_by_id(connection, TeamId(name)) or get_team(connection, name)
    if team.kind is TeamKind.PERSONAL:
        raise InvalidRequest(
            f"{team.name} is a personal entity, which cannot use models", param="team"
        )
    return team


def team_subject(team: Team) -> Subject:
    """A team as a subject."""
    return Subject(LimitScope.TEAM, team.id, team.name, team.id)


def project_subject(project: Project) -> Subject:
    """A project as a subject."""
    name = f"{project.team}/{project.name}"
    return Subject(LimitScope.PROJECT, project.id, name, project.team_id)


def key_subject(key: ApiKey) -> Subject:
    """A key as a subject: without a name, because commands know it best by its id."""
    return Subject(LimitScope.KEY, key.id, team_id=key.team_id)


def teams_of(connection: Connection, subject: Subject) -> set[TeamId]:
    """The teams whose plans apply to a subject's requests."""
    if subject.team_id is not None:
        return {subject.team_id}
    user_id = subject.id
    if subject.scope is LimitScope.KEY:
        user_id = _key(connection, subject.id).user_id
    memberships = list_memberships(connection, UserId(user_id))
    return {one.team_id for one in memberships if one.team != one.username}


def name_and_team(
    connection: Connection, scope: LimitScope, scope_id: str
) -> tuple[str, TeamId | None]:
    """What people call whom a limit is for, and the team that it is a part of, removed or not."""
    match scope:
        case LimitScope.TEAM:
            return team_names(connection, {scope_id}).get(scope_id, scope_id), TeamId(scope_id)
        case LimitScope.PROJECT | LimitScope.PROJECT_MODEL:
            name = project_names(connection, {scope_id}).get(scope_id, scope_id)
            project = find_project_by_id(connection, ProjectId(scope_id))
            return name, project.team_id if project else None
        case LimitScope.USER:
            return user_names(connection, {scope_id}).get(scope_id, scope_id), None
        case LimitScope.KEY:
            key = get_key(connection, scope_id)
            return recognised_by(key.name, key.prefix, key.last_four), key.team_id


def names_of(connection: Connection, rows: list[SetLimit]) -> dict[str, str]:
    """What people call those that these limits are for, by id; also those that were removed."""
    ids: dict[LimitScope, set[str]] = {}
    for row in rows:
        ids.setdefault(row.rule.scope, set()).add(row.rule.scope_id)
    projects = ids.get(LimitScope.PROJECT, set()) | ids.get(LimitScope.PROJECT_MODEL, set())
    return {
        **key_names(connection, ids.get(LimitScope.KEY, ())),
        **user_names(connection, ids.get(LimitScope.USER, ())),
        **project_names(connection, projects),
        **team_names(connection, ids.get(LimitScope.TEAM, ())),
    }


def _project(connection: Connection, name: str) -> Project:
    found = find_project_by_id(connection, ProjectId(name))
    if found is not None:
        return found
    team, slash, project = name.partition("/")
    if not slash:
        raise InvalidRequest(f"{name[:300]!r} is no project; write team/project", param="project")
    return get_project(connection, team, project)


def _key(connection: Connection, name: str) -> ApiKey:
    beginning, _, ending = name.partition("…")
    keys = list_keys(connection)
    exact = [key for key in keys if key.id == name]
    alike = [
        key
        for key in keys
        if key.revoked_at is None
        and (key.name == name or (key.prefix == beginning and ending in {"", key.last_four}))
    ]
    found = exact or alike
    if len(found) == 1:
        return found[0]
    what = f"{len(found)} keys answer to {name!r}" if found else f"there is no active key {name!r}"
    raise NoSuchThing(what, param="key", remedy="`weft key ls --json` shows their ids.")
