"""The one thread that moves all answers on, a step at a time.

Owns the pipeline: nobody else calls it. Others leave orders and get news in the event loop, all news of a step at once.
Knows tokens and no text. Invariants: every ticket hears of its end exactly once, unless it was cancelled; after a
cancel nothing is told. An exception within a step leaves the pipeline unusable (each step after it fails too), so
that it ends the process, and whoever supervises it starts another.
"""

import asyncio
import sys
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from weft.engines.kinds.openvino.library import (
    Generation,
    GenerationHandle,
    Pipeline,
    Tensor,
)
from weft.engines.process.child import end_group


class End(StrEnum):
    """How an answer ended."""

    STOP = "stop"
    LENGTH = "length"
    NO_ROOM = "no_room"
    """The cache cannot hold it, even alone."""
    REFUSED = "refused"
    """The library does not take the request; the text says why."""
    FAILED = "failed"
    """What was made cannot be told."""


_ENDS: Mapping[str, End] = {"STOP": End.STOP, "LENGTH": End.LENGTH, "TOOL_CALL": End.STOP}


@dataclass(slots=True, eq=False)
class Ticket:
    """One request, and who hears of its answer."""

    tokens: Tensor
    config: Generation
    on_tokens: Callable[[Sequence[int], Sequence[float]], None]
    on_end: Callable[[End, str], None]
    is_cancelled: bool = False
    handle: GenerationHandle | None = None


@dataclass(frozen=True, slots=True)
class _News:
    ticket: Ticket
    tokens: Sequence[int]
    logprobs: Sequence[float]
    end: End | None
    why: str = ""


class Stepper:
    """Runs requests; call it from the event loop only."""

    def __init__(
        self,
        pipeline: Pipeline,
        loop: asyncio.AbstractEventLoop,
        *,
        die: Callable[[], object] = end_group,
    ) -> None:
        """`die` ends the process, when a step has failed."""
        self._pipeline = pipeline
        self._loop = loop
        self._die = die
        self._changed = threading.Condition()
        self._orders: list[Ticket] = []
        """Tickets to begin with or, when they are cancelled, to end."""
        self._at_work: dict[Ticket, None] = {}
        self._count = 0
        self.tokens = 0
        """Made so far, whether or not anybody got them."""

    @property
    def at_work(self) -> int:
        """Answers that are being made, or wait for their turn."""
        with self._changed:
            return len(self._at_work) + len(self._orders)

    def start(self) -> None:
        """Begin; the thread lives as long as the process."""
        threading.Thread(target=self._run, name="stepper", daemon=True).start()

    def begin(self, ticket: Ticket) -> None:
        """Have the answer made."""
        self._order(ticket)

    def cancel(self, ticket: Ticket) -> None:
        """Stop the work for it; nothing more is told."""
        ticket.is_cancelled = True
        self._order(ticket)

    def _order(self, ticket: Ticket) -> None:
        with self._changed:
            self._orders.append(ticket)
            self._changed.notify()

    # In the thread

    def _run(self) -> None:
        try:
            while True:
                news = self._carry_out(self._take_orders())
                if self._pipeline.has_non_finished_requests():
                    self._pipeline.step()
                news += self._collect()
                if news:
                    self._loop.call_soon_threadsafe(self._tell, news)
        except Exception:  # noqa: BLE001 - the owning thread: nothing is made any more once it has ended
            traceback.print_exc()
            sys.stderr.write("OpenVINO failed within a step: this process ends\n")
            sys.stderr.flush()
            self._die()

    def _take_orders(self) -> list[Ticket]:
        """What was asked for meanwhile; waits for it while there is no work."""
        with self._changed:
            while not self._orders and not self._at_work:
                self._changed.wait()
            orders, self._orders = self._orders, []
            for ticket in orders:  # before anybody can look: what was taken is at work
                if not ticket.is_cancelled:
                    self._at_work[ticket] = None
        return orders

    def _carry_out(self, orders: Sequence[Ticket]) -> list[_News]:
        refused: list[_News] = []
        for ticket in orders:
            if ticket.is_cancelled:
                if ticket.handle is not None:
                    ticket.handle.cancel()
                self._at_work.pop(ticket, None)
                continue
            self._count += 1
            try:
                ticket.handle = self._pipeline.add_request(
                    self._count, ticket.tokens, ticket.config
                )
            except RuntimeError as error:
                refused.append(_News(ticket, (), (), End.REFUSED, str(error)))
                del self._at_work[ticket]
        return refused

    def _collect(self) -> list[_News]:
        news: list[_News] = []
        for ticket in tuple(self._at_work):
            handle = ticket.handle
            assert handle is not None, "whoever is at work was begun"
            tokens: list[int] = []
            logprobs: list[float] = []
            end: End | None = None
            while handle.can_read():
                for output in handle.read().values():
                    tokens += output.generated_ids
                    logprobs += output.generated_log_probs
                    end = _ENDS.get(output.finish_reason.name) or end
            if end is None and handle.get_status().name in {"IGNORED", "FINISHED"}:
                end = End.NO_ROOM if handle.get_status().name == "IGNORED" else End.STOP
            self.tokens += len(tokens)
            if end is not None:
                del self._at_work[ticket]
            if tokens or end is not None:
                news.append(_News(ticket, tokens, logprobs, end))
        return news

    # In the event loop

    def _tell(self, news: Sequence[_News]) -> None:
        for item in news:
            try:
                _tell_one(item)
            except Exception:  # noqa: BLE001 - the edge of a request: others have news in this step too
                traceback.print_exc()
                self.cancel(item.ticket)
                item.ticket.on_end(End.FAILED, "")


def _tell_one(item: _News) -> None:
    ticket = item.ticket
    if item.tokens and not ticket.is_cancelled:
        ticket.on_tokens(item.tokens, item.logprobs)
    if item.end is not None and not ticket.is_cancelled:
        ticket.on_end(item.end, item.why)
