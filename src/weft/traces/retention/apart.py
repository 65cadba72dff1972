"""Removes calls that lie outside of the trace database, and what that has of them: the oldest first, some at a time."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection, delete

from weft.traces.agents.schema import AGENT_SPAN
from weft.traces.calls.counting import chunks
from weft.traces.feedback.write import forget_calls
from weft.traces.retention.pace import REST
from weft.traces.schema import ORPHAN
from weft.traces.store import TraceStore
from weft.traces.types import ProjectKey

PIECE = 50_000
"""Rows that are removed by one statement: such a place takes many as easily as one."""


@dataclass(frozen=True, slots=True)
class Oldest:
    """Something that was written of a call."""

    started_at_us: int
    id: str
    is_call: bool
    """It may also say that there is none any more."""


class CallsApart(Protocol):
    """Calls outside of the trace database, as far as removing them goes. Both functions block."""

    def oldest(self, project: ProjectKey, before_us: int | None, most: int) -> Sequence[Oldest]:
        """What was written of the oldest calls that started before then, by start and id; at most `most`."""
        ...

    def remove(self, project: ProjectKey, last: Oldest) -> None:
        """Remove all up to this one."""
        ...


async def expire_apart(
    calls: CallsApart, store: TraceStore, project: ProjectKey, before_us: int, *, piece: int = PIECE
) -> int:
    """Remove the calls that started before `before_us`, and what was said of them; how many there were.

    Raises:
        StoreAway: the trace database does not answer; what was removed by then stays removed.
    """
    removed = 0
    while oldest := await asyncio.to_thread(calls.oldest, project, before_us, piece):
        for ids in chunks(dict.fromkeys(one.id for one in oldest)):
            begun = time.monotonic()
            await store.writer.change(lambda c, ids=ids: _forget(c, project, ids))
            await asyncio.sleep((time.monotonic() - begun) * REST)
        await asyncio.to_thread(calls.remove, project, oldest[-1])
        removed += _calls(oldest)
    return removed


async def purge_apart(calls: CallsApart, project: ProjectKey, *, piece: int = PIECE) -> int:
    """Remove all calls of a project; how many there were. What was said of them is removed with everything else."""
    removed = 0
    while oldest := await asyncio.to_thread(calls.oldest, project, None, piece):
        await asyncio.to_thread(calls.remove, project, oldest[-1])
        removed += _calls(oldest)
    return removed


def _calls(written: Sequence[Oldest]) -> int:
    deleted = {one.id for one in written if not one.is_call}
    return len({one.id for one in written} - deleted)


def _forget(connection: Connection, project: ProjectKey, ids: Sequence[str]) -> None:
    forget_calls(connection, project, ids)
    for column in (ORPHAN.c.id, AGENT_SPAN.c.span_id):
        mine = (column.table.c.project == project, column.in_(ids))
        connection.execute(delete(column.table).where(*mine))
