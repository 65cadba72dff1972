"""The names that people know the groups of a report by. Usage records hold ids; names may change, ids do not."""

from sqlalchemy import Connection

from weft.identity.keys import list_keys
from weft.identity.people import list_users
from weft.identity.teams import list_projects, list_teams
from weft.identity.types import ApiKey
from weft.ledger.usage.report import GroupBy


def group_names(connection: Connection, by: GroupBy) -> dict[str, str]:
    """Names by id, for what has a name besides its id; what was removed since may be missing."""
    match by:
        case GroupBy.USER:
            return {user.id: user.username for user in list_users(connection)}
        case GroupBy.TEAM:
            return {team.id: team.name for team in list_teams(connection)}
        case GroupBy.PROJECT:
            projects = list_projects(connection)
            return {project.id: f"{project.team}/{project.name}" for project in projects}
        case GroupBy.KEY:
            return {key.id: key_name(key) for key in list_keys(connection)}
        case GroupBy.DAY | GroupBy.MODEL:
            return {}


def key_name(key: ApiKey) -> str:
    """What a key's owner recognises it by."""
    recognised = f"{key.prefix}…{key.last_four}"
    return f"{key.name} ({recognised})" if key.name else recognised
