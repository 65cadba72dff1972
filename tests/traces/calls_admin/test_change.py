"""Calls get names and are removed, also when they arrive later than that, or again."""

import pytest
from sqlalchemy import Table, func, select

from traces.calls_admin.conftest import Place
from traces.calls_admin.setting import NOON_US, call, fresh_project, write
from traces.stores import end_of, start_of
from weft.kit.db import Database
from weft.traces.calls.change.notes import forget_notes, note_deleted
from weft.traces.calls.change.remove import remove
from weft.traces.calls.change.rename import CallRenamer, RenameCall
from weft.traces.calls.write import INLINE_BYTES
from weft.traces.projects import ProjectKeys
from weft.traces.schema import BLOB, CALL, NOTE, ORPHAN, PAYLOAD, USAGE
from weft.traces.types import ProjectKey


def names(database: Database, project: ProjectKey) -> dict[str, str | None]:
    with database.read() as connection:
        wanted = select(CALL.c.id, CALL.c.display_name).where(CALL.c.project == project)
        return {row.id: row.display_name for row in connection.execute(wanted)}


def rename(database: Database, project_id: str, id_: str, name: str | None) -> None:
    with database.write() as connection:
        CallRenamer(ProjectKeys()).apply(connection, [RenameCall(project_id, id_, name, NOON_US)])


def delete(database: Database, project: ProjectKey, *ids: str) -> None:
    with database.write() as connection:
        note_deleted(connection, project, ids, NOON_US)
        remove(connection, project, ids)


def count(database: Database, table: Table) -> int:
    with database.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_name_when_given_then_stays_through_ends_and_duplicates(database: Database) -> None:
    id_, part = fresh_project(), call("a", display_name="first")
    project = write(database, id_, [start_of(part)])
    rename(database, id_, "a", "mine")
    write(database, id_, [end_of(part)], [part])
    assert names(database, project) == {"a": "mine"}
    rename(database, id_, "a", None)
    write(database, id_, [part])
    assert names(database, project) == {"a": None}


def test_name_when_given_before_the_call_comes_then_it_has_it(database: Database) -> None:
    id_ = fresh_project()
    rename(database, id_, "a", "early")
    project = write(database, id_, [call("a")], [call("b")])
    assert names(database, project) == {"a": "early", "b": None}


def test_removal_when_parts_come_later_then_the_call_does_not_come_back(
    database: Database,
) -> None:
    id_, part = fresh_project(), call("a")
    project = write(database, id_, [start_of(part)], [end_of(call("late"))], [call("b")])
    delete(database, project, "a", "late")
    write(database, id_, [end_of(part)], [part], [call("late")])
    assert names(database, project) == {"b": None}
    assert count(database, ORPHAN) == 0


def test_removal_when_others_have_the_same_large_text_then_it_stays_for_them(
    database: Database,
) -> None:
    large = '"' + "x" * INLINE_BYTES + '"'
    id_ = fresh_project()
    project = write(
        database, id_, [call("a", output=large), call("b", inputs=large), call("c", output=large)]
    )
    elsewhere = write(database, fresh_project(), [call("a", output=large, usage={"m": (1, 1)})])
    delete(database, project, "a", "b")
    assert count(database, BLOB) == 2
    delete(database, project, "c")
    assert count(database, BLOB) == 1
    assert count(database, CALL) == count(database, PAYLOAD) == 1
    delete(database, elsewhere, "a")
    assert count(database, BLOB) + count(database, PAYLOAD) + count(database, USAGE) == 0


def test_notes_when_old_then_forgotten(database: Database) -> None:
    project = write(database, fresh_project(), [call("a"), call("b"), call("c")])
    delete(database, project, "a", "b", "c")
    with database.write() as connection:
        assert forget_notes(connection, NOON_US, 10) == 0
        assert forget_notes(connection, NOON_US + 1, 2) == 2
    assert count(database, NOTE) == 1


async def test_update_when_a_member_asks_then_the_call_is_named(place: Place) -> None:
    await place.write(call("a"))
    assert await place.told("/call/update", {"call_id": "a", "display_name": "mine"}, "bob") == {}
    assert names(place.traces.store.database, place.key) == {"a": "mine"}


@pytest.mark.parametrize("path", ["/call/update", "/traces/calls/delete"])
async def test_change_when_a_viewer_asks_then_refused(place: Place, path: str) -> None:
    answer = await place.post(path, {"call_id": "a", "call_ids": ["a"]}, "eve")
    assert answer.status_code == 403
    assert answer.json()["error_code"] == "role_too_low"


async def test_delete_when_calls_have_descendants_then_all_go_at_once(place: Place) -> None:
    tree = [call("root"), *(call(f"child{n}", "root") for n in range(600))]
    await place.write(*tree, call("leaf", "child7"), call("other"))
    wanted = {"call_ids": ["root", "nobody"]}
    assert await place.told("/calls/delete", wanted) == {"num_deleted": 602}
    assert names(place.traces.store.database, place.key) == {"other": None}
    assert await place.told("/calls/delete", wanted) == {"num_deleted": 0}


async def test_delete_when_calls_name_each_other_as_parents_then_it_ends(place: Place) -> None:
    await place.write(call("a", "b"), call("b", "a"), call("c", "c"))
    assert await place.told("/calls/delete", {"call_ids": ["a", "c"]}) == {"num_deleted": 3}
