"""What one project asks never touches another one's calls, whatever ids it knows."""

from zoneinfo import ZoneInfo

from sqlalchemy import select

from traces.calls_admin.setting import NOON_US, call, fresh_project, write
from traces.calls_admin.test_counting import rollups
from weft.kit.db import Database
from weft.traces.calls.change.remove import family, remove
from weft.traces.calls.change.rename import CallRenamer, RenameCall
from weft.traces.calls.read.wire import CallFilter
from weft.traces.calls.stats.read import Asked, read_stats
from weft.traces.calls.stats.shapes import CallMetric, Span, UsageMetric
from weft.traces.calls.table import SQL_TABLE
from weft.traces.calls.usage.tree import usage_below, usage_of_calls
from weft.traces.project.sizes import Sizes, sizes_of
from weft.traces.projects import ProjectKeys
from weft.traces.retention.days import read_days, set_days
from weft.traces.retention.expire import expire_calls, expire_orphans
from weft.traces.retention.purge import find_rows, purge_calls, purge_rows, tables_of_projects
from weft.traces.schema import CALL, PAYLOAD
from weft.traces.threads.read import Wanted, read_threads
from weft.traces.types import HOUR_US

LATER_US = NOON_US + 1000 * HOUR_US


def test_functions_when_given_another_projects_ids_then_find_and_change_nothing(
    database: Database,
) -> None:
    ours_id = fresh_project()
    theirs = write(
        database,
        fresh_project(),
        [
            call("root", usage={"m": (5, 5)}, thread_id="thread", turn_id="root"),
            call("leaf", "root", usage={"m": (5, 5)}),
        ],
    )
    ours = write(database, ours_id, [call("mine")])
    before = rollups(database, theirs)
    with database.write() as connection:
        set_days(connection, theirs, 7)
        assert read_days(connection, ours) is None
        assert family(connection, ours, ["root", "leaf"]) == []
        assert remove(connection, ours, ["root", "leaf"]) == 0
        usage = usage_below(connection, ours, ["root"], limit=9, book=None)
        assert usage.used == {}
        named = SQL_TABLE.meant(connection, ours, CallFilter(trace_ids=["trace"]), None, 9)
        assert set(usage_of_calls(connection, ours, named, limit=9, book=None).used) == {"mine"}
        assert read_threads(connection, ours, Wanted(thread_ids=["thread"])) == []
        CallRenamer(ProjectKeys()).apply(connection, [RenameCall(ours_id, "root", "taken", 1)])
        span = Span(NOON_US, LATER_US, 3600, ZoneInfo("UTC"))
        for only_calls in (True, False):
            asked = Asked(
                span, [UsageMetric("total_tokens")], [CallMetric("call_count")], None, only_calls
            )
            found = read_stats(connection, ours, asked)
            assert found.usage_buckets == []
            assert sum(b["sum_call_count"] for b in found.call_buckets or ()) == 1
        assert expire_calls(connection, ours, LATER_US, 9) == 1
        assert expire_orphans(connection, ours, LATER_US, 9) == 0
        assert sizes_of(connection, ours) == Sizes()
        assert purge_calls(connection, ours, 9) == 0
        for table in tables_of_projects(connection):
            purge_rows(connection, table, ours, find_rows(connection, table, theirs, 9))
        left = select(CALL.c.id, CALL.c.display_name).order_by(CALL.c.id)
        assert [tuple(row) for row in connection.execute(left)] == [("leaf", None), ("root", None)]
        assert len(connection.execute(select(PAYLOAD.c.seq)).all()) == 2
        assert read_days(connection, theirs) == 7
    assert rollups(database, theirs) == before
