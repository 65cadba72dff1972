"""The names of a report's groups."""

from datetime import UTC, datetime

from weft.identity.keys import NewKey, create_key
from weft.identity.people import NewUser, create_user
from weft.identity.teams import create_project, create_team
from weft.kit.db import Database
from weft.ledger.usage.names import group_names
from weft.ledger.usage.report import GroupBy

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_names_when_things_have_names_then_each_id_has_its_own(database: Database) -> None:
    with database.write() as connection:
        user = create_user(connection, NewUser("ada"), NOW)
        team = create_team(connection, "weavers", NOW)
        project = create_project(connection, team, "loom", NOW)
        keys = [
            create_key(connection, NewKey(user, name), secret=b"s" * 32, now=NOW).key
            for name in ("laptop", "")
        ]
        assert group_names(connection, GroupBy.USER) == {user.id: "ada"}
        assert group_names(connection, GroupBy.TEAM)[team.id] == "weavers"
        assert group_names(connection, GroupBy.PROJECT) == {project.id: "weavers/loom"}
        names = group_names(connection, GroupBy.KEY)
        assert names[keys[0].id] == f"laptop ({keys[0].prefix}…{keys[0].last_four})"
        assert names[keys[1].id] == f"{keys[1].prefix}…{keys[1].last_four}"


def test_names_when_the_group_is_its_own_name_then_there_is_none(database: Database) -> None:
    with database.read() as connection:
        assert group_names(connection, GroupBy.DAY) == {}
        assert group_names(connection, GroupBy.MODEL) == {}
