"""The names that people know the groups of a report by. Usage records hold ids; names may change, ids do not.

What was removed keeps its name: bills of the past stay readable.
"""

import re
from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import Connection

from weft.identity.keys import key_names
from weft.identity.people import user_names
from weft.identity.teams import find_team, project_names, team_names
from weft.ledger.types import UsageRecord
from weft.ledger.usage.report import GroupBy, UsageFilter, UsageRow

Names = dict[tuple[GroupBy, str], str]
"""Names by what a group is and its id."""
_TEAM_ID = re.compile("team_[0-9a-f]{32}")


def group_names(connection: Connection, by: GroupBy, ids: Collection[str]) -> dict[str, str]:
    """Names by id, for what has a name besides its id."""
    match by:
        case GroupBy.USER:
            return user_names(connection, ids)
        case GroupBy.TEAM:
            return team_names(connection, ids)
        case GroupBy.PROJECT:
            return project_names(connection, ids)
        case GroupBy.KEY:
            return key_names(connection, ids)
        case GroupBy.HOUR | GroupBy.DAY | GroupBy.MONTH | GroupBy.MODEL:
            return {}


def row_names(
    connection: Connection, by: GroupBy, by2: GroupBy | None, rows: Collection[UsageRow]
) -> Names:
    """The names of all groups of a report's rows."""
    names = {
        (by, id_): name
        for id_, name in group_names(connection, by, {row.group for row in rows}).items()
    }
    if by2 is not None:
        second = group_names(connection, by2, {row.group2 for row in rows})
        names |= {(by2, id_): name for id_, name in second.items()}
    return names


def record_names(connection: Connection, records: Collection[UsageRecord]) -> Names:
    """The names of everybody and everything that these records name by id."""
    ids = {
        GroupBy.USER: {record.user_id for record in records},
        GroupBy.TEAM: {record.team_id for record in records},
        GroupBy.PROJECT: {record.project_id for record in records},
        GroupBy.KEY: {record.key_id for record in records},
    }
    return {
        (by, id_): name
        for by, wanted in ids.items()
        for id_, name in group_names(connection, by, wanted).items()
    }


def filter_names(connection: Connection, chosen: UsageFilter) -> dict[str, str]:
    """The names of the ids that a filter has. Only for who sees something through it."""
    ids = {
        GroupBy.USER: chosen.user_id,
        GroupBy.TEAM: chosen.team_id,
        GroupBy.PROJECT: chosen.project_id,
        GroupBy.KEY: chosen.key_id,
    }
    names: dict[str, str] = {}
    for by, id_ in ids.items():
        if id_ is not None:
            names |= group_names(connection, by, [id_])
    return names


def with_team_id(connection: Connection, chosen: UsageFilter) -> UsageFilter:
    """The same filter with the team's id where it has a name; what names no team finds nothing."""
    if chosen.team_id is None or _TEAM_ID.fullmatch(chosen.team_id):
        return chosen
    team = find_team(connection, chosen.team_id)
    return chosen if team is None else replace(chosen, team_id=team.id)
