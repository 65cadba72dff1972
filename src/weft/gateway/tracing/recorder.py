"""Requests that are over become traces, in a task of their own: the door never waits for it.

What the door hands over is bounded in number and in bytes; beyond that a request leaves no trace, and is counted. What
the trace store does with it (its spool while the database is away, its own count of what found no room) is in
`traces.writing`. Invariant: nothing here raises into the door.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from weft.gateway.tracing.budget import Budget
from weft.gateway.tracing.call import call_of
from weft.gateway.tracing.kinds import Kind
from weft.gateway.tracing.note import Note, note_of
from weft.gateway.tracing.wish import Tracked, read_wish
from weft.gateway.visit import Visit
from weft.identity.types import Principal, TraceLevel
from weft.traces.calls.parts import CallPart, WriteCalls

log = logging.getLogger(__name__)

NOTES_LIMIT = 20_000
HELD_LIMIT_BYTES = 256 * 1024 * 1024
ANSWER_LIMIT_BYTES = 8 * 1024 * 1024
"""Of one answer, as it passes; of a stream that includes its framing."""
BATCH = 100
CLOSE_TIMEOUT_S = 5.0

Offer = Callable[[WriteCalls, Callable[[], None]], None]
"""Has calls written without waiting; the function is called when the store is done with them."""


class Sink(Protocol):
    """Where else requests are told of."""

    def add(self, notes: Sequence[Note]) -> None:
        """Take note of requests that are over. Never raises, never waits."""
        ...


class Recorder:
    """Takes requests from the door and hands calls to the trace store. Made inside the event loop."""

    def __init__(self, offer: Offer, sinks: Sequence[Sink] = ()) -> None:
        self._offer = offer
        self._sinks = sinks
        self._notes: deque[Note] = deque()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._is_closing = False
        self.budget = Budget(HELD_LIMIT_BYTES)
        self.lost = 0
        """Requests that left no trace because there was no room."""

    @property
    def sees_all(self) -> bool:
        """Whether requests are told of whose projects keep no traces."""
        return bool(self._sinks)

    def start(self) -> None:
        """Begin to work."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    def add(self, note: Note) -> None:
        """Take over one request."""
        if len(self._notes) >= NOTES_LIMIT:
            self.lost += 1
            self.budget.give(note.tracked.size_bytes)
            return
        self._notes.append(note)
        self._wake.set()

    async def close(self) -> None:
        """Hand over what waits, for a while. Idempotent."""
        if self._task is None:
            return
        self._is_closing = True
        self._wake.set()
        await asyncio.wait([self._task], timeout=CLOSE_TIMEOUT_S)
        self._task.cancel()
        self._task = None
        self.lost += len(self._notes)

    async def _run(self) -> None:
        while self._notes or not self._is_closing:
            await self._wake.wait()
            self._wake.clear()
            while self._notes:
                try:
                    await self._hand_over(
                        [note for note, _ in zip(self._notes, range(BATCH), strict=False)]
                    )
                except Exception:
                    log.exception("door_traces_failed")
                await asyncio.sleep(0)

    async def _hand_over(self, notes: list[Note]) -> None:
        for sink in self._sinks:
            try:
                sink.add(notes)
            except Exception:  # or these notes would be handed over for ever
                log.exception("door_trace_sink_failed")
        parts: dict[str, list[CallPart]] = {}
        held: dict[str, int] = {}
        for note in notes:
            try:
                if note.tracked.level is not TraceLevel.OFF:
                    project_id = note.record.project_id
                    parts.setdefault(project_id, []).append(await call_of(note))
                    held[project_id] = held.get(project_id, 0) + note.tracked.size_bytes
            except Exception:
                self.lost += 1
                self.budget.give(note.tracked.size_bytes)
                log.exception("door_trace_lost request_id=%s", note.record.id)
            finally:
                self._notes.popleft()
        for project_id, calls in parts.items():
            size_bytes = held[project_id]
            self._offer(
                WriteCalls(project_id, calls), lambda size=size_bytes: self.budget.give(size)
            )


@dataclass(frozen=True, slots=True)
class Tracing:
    """What the door of one endpoint does for traces."""

    recorder: Recorder
    kind: Kind

    def begin(self, visit: Visit, principal: Principal) -> None:
        """See whether a request's trace is kept, and how much of it.

        Raises:
            BadTraceLevel: its header says no level.
        """
        if principal.trace_ceiling is TraceLevel.OFF and not self.recorder.sees_all:
            return
        level, link = read_wish(visit.exchange.headers, principal)
        if level is TraceLevel.OFF and not self.recorder.sees_all:
            return
        tracked = visit.tracked = Tracked(level, link)
        payload = visit.exchange.payload
        if level is TraceLevel.FULL and self.recorder.budget.take(len(payload)):
            tracked.payload, tracked.size_bytes = payload, len(payload)

    def keep(self, tracked: Tracked, data: bytes) -> None:
        """Keep a piece of the answer that passes."""
        if tracked.is_cut:
            return
        size = len(data)
        answered = tracked.size_bytes - len(tracked.payload)
        if answered + size > ANSWER_LIMIT_BYTES or not self.recorder.budget.take(size):
            tracked.is_cut = True
            return
        tracked.pieces.append(data)
        tracked.size_bytes += size

    def finished(self, visit: Visit) -> None:
        """The visit is over."""
        tracked = visit.tracked
        if tracked is None:
            return
        note = note_of(visit, tracked, self.kind)
        if note is None:
            self.recorder.budget.give(tracked.size_bytes)
        else:
            self.recorder.add(note)
