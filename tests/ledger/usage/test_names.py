"""The names of a report's groups."""

from datetime import UTC, datetime

import pytest

from weft.identity.keys import NewKey, create_key
from weft.identity.people import NewUser, create_user
from weft.identity.teams import create_project, create_team, remove_team
from weft.kit.db import Database
from weft.ledger.usage.names import group_names, row_names
from weft.ledger.usage.report import GroupBy, UsageRow

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_names_when_things_have_names_then_each_id_has_its_own_even_when_removed(
    database: Database,
) -> None:
    with database.write() as connection:
        user = create_user(connection, NewUser("ada"), NOW)
        team = create_team(connection, "weavers", NOW)
        project = create_project(connection, team, "loom", NOW)
        keys = [
            create_key(connection, NewKey(user, name), secret=b"s" * 32, now=NOW).key
            for name in ("laptop", "")
        ]
        remove_team(connection, team.id, NOW)
        assert group_names(connection, GroupBy.USER, {user.id, "usr_none"}) == {user.id: "ada"}
        assert group_names(connection, GroupBy.TEAM, {team.id}) == {team.id: "weavers"}
        assert group_names(connection, GroupBy.PROJECT, {project.id}) == {
            project.id: "weavers/loom"
        }
        names = group_names(connection, GroupBy.KEY, {key.id for key in keys})
        assert names[keys[0].id] == f"laptop ({keys[0].prefix}…{keys[0].last_four})"
        assert names[keys[1].id] == f"{keys[1].prefix}…{keys[1].last_four}"
        row = UsageRow(group=user.id, group2=team.id)
        assert row_names(connection, GroupBy.USER, GroupBy.TEAM, [row]) == {
            (GroupBy.USER, user.id): "ada",
            (GroupBy.TEAM, team.id): "weavers",
        }


@pytest.mark.parametrize("by", [GroupBy.HOUR, GroupBy.DAY, GroupBy.MONTH, GroupBy.MODEL])
def test_names_when_the_group_is_its_own_name_then_there_is_none(
    database: Database, by: GroupBy
) -> None:
    with database.read() as connection:
        assert group_names(connection, by, {"2026-01-01"}) == {}
