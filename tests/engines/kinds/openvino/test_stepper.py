"""The stepper keeps its word to each ticket, with a pipeline that answers by the book."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

from weft.engines.kinds.openvino.library import Generation, Pipeline, Tensor
from weft.engines.kinds.openvino.stepper import End, Stepper, Ticket

PATIENCE_S = 10.0
TOKENS = cast("Tensor", None)
CONFIG = cast("Generation", None)


@dataclass
class Handle:
    """One request: a token for each step until it has enough."""

    wanted: int
    end: str = "STOP"
    status: str = "RUNNING"
    made: list[int] = field(default_factory=list[int])
    unread: list[Any] = field(default_factory=list[Any])

    def can_read(self) -> bool:
        return bool(self.unread)

    def read(self) -> dict[int, Any]:
        return {0: self.unread.pop(0)}

    def cancel(self) -> None:
        self.status = "CANCEL"

    def get_status(self) -> SimpleNamespace:
        return SimpleNamespace(name=self.status)

    def step(self) -> None:
        self.made.append(len(self.made))
        is_last = len(self.made) == self.wanted
        self.status = "FINISHED" if is_last else "RUNNING"
        reason = SimpleNamespace(name=self.end if is_last else "NONE")
        self.unread.append(
            SimpleNamespace(
                generated_ids=[self.made[-1]], generated_log_probs=[-1.0], finish_reason=reason
            )
        )


@dataclass
class Book:
    """A pipeline whose next requests are in `script`: a handle, or an error."""

    script: list[Handle | RuntimeError]
    running: list[Handle] = field(default_factory=list[Handle])

    def add_request(self, *_: object) -> Handle:
        following = self.script.pop(0)
        if isinstance(following, RuntimeError):
            raise following
        self.running.append(following)
        return following

    def step(self) -> None:
        for handle in self.running:
            if handle.status == "RUNNING":
                handle.step()

    def has_non_finished_requests(self) -> bool:
        return any(handle.status == "RUNNING" for handle in self.running)


@dataclass
class Heard:
    """What a ticket was told."""

    tokens: list[int] = field(default_factory=list[int])
    end: asyncio.Future[tuple[End, str]] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    def ticket(self, on_tokens: Callable[..., None] | None = None) -> Ticket:
        def take(tokens: Any, logprobs: Any) -> None:
            assert len(tokens) == len(logprobs)
            self.tokens += tokens

        def ended(end: End, why: str) -> None:
            self.end.set_result((end, why))

        return Ticket(TOKENS, CONFIG, on_tokens or take, ended)

    async def wait(self) -> tuple[End, str]:
        async with asyncio.timeout(PATIENCE_S):
            return await self.end


def stepper(*script: Handle | RuntimeError, die: Callable[[], object] = lambda: None) -> Stepper:
    loop = asyncio.get_running_loop()
    made = Stepper(cast("Pipeline", Book(list(script))), loop, die=die)
    made.start()
    return made


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.001)


@pytest.mark.parametrize(("told", "end"), [("STOP", End.STOP), ("LENGTH", End.LENGTH)])
async def test_ticket_when_it_ends_then_it_has_heard_all_and_why(told: str, end: End) -> None:
    heard = Heard()
    stepper(Handle(3, end=told)).begin(heard.ticket())
    assert (await heard.wait())[0] is end
    assert heard.tokens == [0, 1, 2]


async def test_ticket_when_the_library_refuses_it_then_it_hears_why_and_others_go_on() -> None:
    refused, fine = Heard(), Heard()
    running = stepper(RuntimeError("no such thing"), Handle(1))
    running.begin(refused.ticket())
    running.begin(fine.ticket())
    assert await refused.wait() == (End.REFUSED, "no such thing")
    assert (await fine.wait())[0] is End.STOP


async def test_ticket_when_the_cache_cannot_hold_it_then_it_hears_so() -> None:
    heard = Heard()
    stepper(Handle(1, status="IGNORED")).begin(heard.ticket())
    assert (await heard.wait())[0] is End.NO_ROOM


async def test_ticket_when_cancelled_then_it_hears_nothing_more() -> None:
    gone, other = Heard(), Heard()
    endless, short = Handle(10**9), Handle(2)
    running = stepper(endless, short)
    ticket = gone.ticket()
    running.begin(ticket)
    await until(lambda: len(gone.tokens) > 3)
    running.cancel(ticket)
    heard = len(gone.tokens)
    running.begin(other.ticket())
    await other.wait()
    assert endless.status == "CANCEL"
    assert len(gone.tokens) == heard
    assert not gone.end.done()


async def test_ticket_when_the_library_takes_its_time_then_it_is_at_work() -> None:
    counts: list[int] = []

    class Slow(Book):
        def add_request(self, *_: object) -> Handle:
            counts.append(running.at_work)
            return super().add_request()

    heard = Heard()
    pipeline = cast("Pipeline", Slow([Handle(1)]))
    running = Stepper(pipeline, asyncio.get_running_loop(), die=lambda: None)
    running.start()
    running.begin(heard.ticket())
    await heard.wait()
    assert counts == [1]
    assert running.at_work == 0


async def test_step_when_it_fails_then_the_process_ends() -> None:
    @dataclass
    class Broken(Handle):
        def step(self) -> None:
            raise RuntimeError("Internal error")

    dead = threading.Event()
    heard = Heard()
    stepper(Broken(1), die=dead.set).begin(heard.ticket())
    assert await asyncio.to_thread(dead.wait, PATIENCE_S)
    assert not heard.end.done()


async def test_ticket_when_what_it_hears_breaks_it_then_it_fails_alone() -> None:
    def broken(tokens: object, logprobs: object) -> None:
        raise KeyError(7)

    bad, fine = Heard(), Heard()
    running = stepper(Handle(10**9), Handle(2))
    running.begin(bad.ticket(broken))
    running.begin(fine.ticket())
    assert (await bad.wait())[0] is End.FAILED
    assert (await fine.wait())[0] is End.STOP
