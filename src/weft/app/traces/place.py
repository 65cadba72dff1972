"""Where calls are kept: in the trace database, or in ClickHouse if `trace_clickhouse_url` names one.

What joins calls with their texts in statements of its own (agents, evaluations and their results) reads the trace
database alone, so with ClickHouse it is not mounted, and refused by name: an empty answer would be a wrong one.
"""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from weft.kit.settings import Settings
from weft.traces.calls.change.remove import delete_calls
from weft.traces.calls.change.rename import CallRenamer, RenameCall
from weft.traces.calls.change.routes import Remove
from weft.traces.calls.parts import WriteCalls
from weft.traces.calls.read.kept import CallStore, SqlCalls
from weft.traces.calls.table import SQL_TABLE, CallTable
from weft.traces.calls.write import CallWriter
from weft.traces.clickhouse.calls import ClickHouseCalls
from weft.traces.clickhouse.expire import ClickHouseCleaner
from weft.traces.clickhouse.server import ClickHouse
from weft.traces.clickhouse.table import ClickHouseTable
from weft.traces.clickhouse.write import ClickHouseWriter
from weft.traces.costs.book import PriceBook
from weft.traces.projects import ProjectKeys
from weft.traces.retention.apart import CallsApart
from weft.traces.writing.ops import Apply, Op


@dataclass(frozen=True, slots=True)
class CallPlace:
    """How calls are written, read and deleted."""

    kinds: Mapping[type[Op], Apply]
    calls: CallStore
    table: CallTable
    remove: Remove
    apart: CallsApart | None = None
    """Calls outside of the trace database, for whoever removes them."""

    @property
    def is_apart(self) -> bool:
        """Whether calls lie outside of the trace database."""
        return self.apart is not None


def open_calls(
    stack: contextlib.AsyncExitStack, settings: Settings, keys: ProjectKeys, book: PriceBook
) -> CallPlace:
    """Where these settings keep calls, whose costs are those of `book`. Closed with `stack`.

    Raises:
        CannotStart: ClickHouse cannot be reached.
    """
    url = settings.trace_clickhouse_url.get_secret_value()
    if not url:
        writes: dict[type[Op], Any] = {
            WriteCalls: CallWriter(keys).apply,
            RenameCall: CallRenamer(keys).apply,
        }
        return CallPlace(writes, SqlCalls(book), SQL_TABLE, delete_calls)
    server = ClickHouse(url)
    stack.callback(server.close)
    server.migrate()
    writer = ClickHouseWriter(server, keys)
    return CallPlace(
        {WriteCalls: writer.write, RenameCall: writer.rename},
        ClickHouseCalls(server),
        ClickHouseTable(server),
        writer.remove,
        ClickHouseCleaner(server),
    )
