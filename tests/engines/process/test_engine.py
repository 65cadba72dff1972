import asyncio
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import replace
from functools import partial
from itertools import pairwise
from weakref import WeakKeyDictionary

import pytest

from engines.rooms import Room
from weft.catalog.types import FakeSpec
from weft.engines.kinds.fake import plan as fake
from weft.engines.process.engine import EngineProcess, Timings
from weft.engines.queue.places import EngineDown
from weft.engines.types import EngineState, Launch
from weft.kit.clock import SystemClock
from weft.upstream import Timeouts, UpstreamError

STOPPED, STARTING, READY, STOPPING, FAILED = EngineState
PATIENCE_S = 30.0

Until = Callable[[Callable[[], bool]], Awaitable[None]]
Make = Callable[..., EngineProcess]
ROOMS: WeakKeyDictionary[EngineProcess, Room] = WeakKeyDictionary()
"""The queue before each."""


@pytest.fixture
async def make(timings: Timings) -> AsyncIterator[Make]:
    """Engines, each owned by a task of this fixture and stopped at the end."""
    async with asyncio.TaskGroup() as group:
        made: list[EngineProcess] = []

        def build(
            behaviour: str = "", *, launch: Launch | None = None, **times: float
        ) -> EngineProcess:
            room = Room(4, queue_limit=8, queue_timeout_s=PATIENCE_S)
            engine = EngineProcess(
                room.slots,
                launch or fake.launch(FakeSpec(behaviour)),
                timings=replace(timings, **times),
                timeouts=Timeouts(),
                clock=SystemClock(),
            )
            ROOMS[engine] = room
            made.append(engine)
            group.create_task(engine.run())
            return engine

        yield build
        for engine in made:
            engine.stop()
    for engine in made:
        assert engine.life.state is STOPPED
        assert engine.snapshot("m").pid is None


def states(engine: EngineProcess) -> list[EngineState]:
    return [change.state for change in engine.life.history]


async def test_run_when_wanted_then_it_starts_and_answers(
    make: Make, until: Until, post: Callable[..., Coroutine[None, None, tuple[int, bytes]]]
) -> None:
    engine = make()
    assert engine.life.state is STOPPED
    engine.want()
    await ROOMS[engine].take()
    assert states(engine) == [STOPPED, STARTING, READY]
    assert engine.link is not None
    status, body = await post(engine.link, "Hello you")
    assert status == 200
    assert b"Hello you" in body
    ROOMS[engine].give_back()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere loopback has one address")
@pytest.mark.allow_hosts(["127.0.0.2"])
async def test_run_when_the_engine_listens_elsewhere_then_it_is_asked_there(
    make: Make, post: Callable[..., Coroutine[None, None, tuple[int, bytes]]]
) -> None:
    launch = fake.launch(FakeSpec())
    engine = make(launch=replace(launch, argv=(*launch.argv, "--host", "127.0.0.2")))
    engine.want()
    await ROOMS[engine].take()
    assert engine.link is not None
    status, _ = await post(engine.link, "Hello")
    assert status == 200
    ROOMS[engine].give_back()


@pytest.mark.parametrize("note", ["", "waits for room"])
async def test_run_when_the_child_notes_what_it_waits_for_then_that_is_the_reason(
    make: Make, until: Until, note: str
) -> None:
    code = f"from weft.engines.process.child import link_to_parent as p; p().note({note!r})"
    code += "; import time; time.sleep(600)"
    engine = make(launch=Launch((sys.executable, "-c", code)), start_timeout_s=0.5)
    engine.want()
    await until(lambda: engine.snapshot("m").reason == note and engine.life.state is STARTING)
    await until(lambda: engine.life.state is FAILED)
    assert engine.snapshot("m").reason == (note or "it did not say where it listens")


async def test_run_when_not_wanted_then_no_process_is_started(make: Make) -> None:
    engine = make()
    await asyncio.sleep(0)
    assert engine.snapshot("m").pid is None
    assert states(engine) == [STOPPED]


async def test_stop_when_ready_then_the_child_is_gone(
    make: Make, until: Until, alive: Callable[[int], bool]
) -> None:
    engine = make()
    engine.want()
    await until(lambda: engine.life.state is READY)
    pid = engine.snapshot("m").pid
    assert pid is not None
    assert alive(pid)
    engine.stop()
    await until(lambda: engine.life.state is STOPPED)
    assert not alive(pid)
    assert states(engine)[-2:] == [STOPPING, STOPPED]
    with pytest.raises(EngineDown, match="shutting down"):
        await ROOMS[engine].take()


async def test_stop_when_the_child_ignores_sigterm_then_it_is_killed(
    make: Make, until: Until, alive: Callable[[int], bool]
) -> None:
    engine = make("ignore_sigterm", stop_grace_s=0.05)
    engine.want()
    await until(lambda: engine.life.state is READY)
    pid = engine.snapshot("m").pid
    engine.stop()
    await until(lambda: engine.life.state is STOPPED)
    assert pid is not None
    assert not alive(pid)


async def test_stop_when_the_child_started_another_then_both_are_gone(
    make: Make, until: Until, alive: Callable[[int], bool]
) -> None:
    engine = make("grandchild")
    engine.want()
    await until(lambda: engine.life.state is READY)
    (line,) = engine.snapshot("m").log
    grandchild = int(line.removeprefix("grandchild "))
    assert alive(grandchild)
    engine.stop()
    await until(lambda: engine.life.state is STOPPED and not alive(grandchild))


@pytest.mark.parametrize("behaviour", ["no_announce", "never_ready"])
async def test_stop_when_it_is_still_starting_then_it_stops_at_once(
    make: Make, until: Until, behaviour: str
) -> None:
    engine = make(behaviour)
    engine.want()
    await until(lambda: engine.snapshot("m").pid is not None)
    engine.stop()
    await until(lambda: engine.life.state is STOPPED)
    assert states(engine) == [STOPPED, STARTING, STOPPING, STOPPED]


async def test_stop_when_it_waits_for_its_next_start_then_it_stops_at_once(
    make: Make, until: Until
) -> None:
    engine = make("exit_code=3", backoff_first_s=600)
    engine.want()
    await until(lambda: engine.life.state is FAILED)
    engine.stop()
    await until(lambda: engine.life.state is STOPPED)
    assert states(engine) == [STOPPED, STARTING, FAILED, STOPPED]


async def test_stop_when_never_wanted_then_it_ends(make: Make) -> None:
    engine = make()
    engine.stop()
    await asyncio.sleep(0)
    assert states(engine) == [STOPPED]


async def test_crash_when_ready_then_it_is_started_again_with_another_link(
    make: Make, until: Until, post: Callable[..., Coroutine[None, None, tuple[int, bytes]]]
) -> None:
    engine = make()
    engine.want()
    await until(lambda: engine.life.state is READY)
    before, pid = engine.link, engine.snapshot("m").pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await until(lambda: engine.snapshot("m").restarts == 1 and engine.life.state is READY)
    assert states(engine) == [STOPPED, STARTING, READY, FAILED, STARTING, READY]
    failed = engine.life.history[3]
    assert failed.reason == "it was ended by SIGKILL"
    assert engine.link is not None
    assert engine.link is not before
    assert (await post(engine.link, "Hi"))[0] == 200


async def test_crash_when_a_request_is_in_flight_then_it_breaks_off_and_others_are_told_when_to_retry(
    make: Make, until: Until, post: Callable[..., Coroutine[None, None, tuple[int, bytes]]]
) -> None:
    engine = make("tokens=500,delay_ms=100", backoff_first_s=600)
    engine.want()
    await until(lambda: engine.life.state is READY)
    for _ in range(ROOMS[engine].limit):
        await ROOMS[engine].take()
    assert engine.link is not None
    request = asyncio.create_task(post(engine.link, "Hello", stream=True))
    waiter = asyncio.create_task(ROOMS[engine].take())
    await until(lambda: ROOMS[engine].waiting == 1)
    pid = engine.snapshot("m").pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(UpstreamError):
        await request
    with pytest.raises(EngineDown) as caught:
        await waiter
    assert caught.value.status == 503
    assert caught.value.retry_after_s == 600
    with pytest.raises(EngineDown):
        await ROOMS[engine].take()
    assert engine.link is None
    for _ in range(ROOMS[engine].limit):
        ROOMS[engine].give_back()


async def test_crash_when_it_repeats_then_the_waits_grow_and_the_engine_is_given_up(
    make: Make, until: Until
) -> None:
    engine = make("exit_code=3", backoff_first_s=0.02, backoff_max_s=0.1)
    engine.want()
    assert not engine.is_given_up
    await until(lambda: states(engine).count(FAILED) >= 4)
    history = engine.life.history
    waits = [
        (later.at - earlier.at).total_seconds()
        for earlier, later in pairwise(history)
        if earlier.state is FAILED
    ]
    early = 0.002  # one clock waits, another one stamps
    assert all(
        wait >= least - early for wait, least in zip(waits, [0.02, 0.04, 0.08], strict=False)
    )
    assert engine.is_given_up
    assert engine.life.history[2].reason == "it exited with code 3"


async def test_crash_when_it_had_been_stable_then_it_is_not_given_up(
    make: Make, until: Until
) -> None:
    engine = make(stable_s=0.0)
    engine.want()

    def is_ready_after(restarts: int) -> bool:
        return engine.snapshot("m").restarts == restarts and engine.life.state is READY

    for restarts in range(4):
        await until(partial(is_ready_after, restarts))
        pid = engine.snapshot("m").pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
    await until(lambda: states(engine).count(FAILED) == 4)
    assert not engine.is_given_up


async def test_start_when_the_child_never_says_where_it_listens_then_it_fails_and_is_ended(
    make: Make, until: Until, alive: Callable[[int], bool]
) -> None:
    engine = make("no_announce", start_timeout_s=0.5, backoff_first_s=600)
    engine.want()
    await until(lambda: engine.snapshot("m").pid is not None)
    pid = engine.snapshot("m").pid
    await until(lambda: engine.life.state is FAILED)
    assert engine.life.last.reason == "it did not say where it listens"
    assert pid is not None
    await until(lambda: not alive(pid))


async def test_start_when_the_child_is_never_ready_then_it_fails_and_is_ended(
    make: Make, until: Until
) -> None:
    engine = make("never_ready", start_timeout_s=4.0, backoff_first_s=600)
    engine.want()
    await until(lambda: engine.life.state is FAILED)
    assert engine.life.last.reason == "it did not become ready"
    await until(lambda: engine.snapshot("m").pid is None)


async def test_start_when_it_takes_a_while_then_requests_wait_for_it(make: Make) -> None:
    engine = make("start_delay_ms=200")
    engine.want()
    await ROOMS[engine].take()
    assert engine.life.state is READY
    ROOMS[engine].give_back()


async def test_start_when_the_program_is_missing_then_it_fails_with_the_cause(
    make: Make, until: Until
) -> None:
    engine = make(launch=Launch(argv=("/nowhere/engine",)), backoff_first_s=600)
    engine.want()
    await until(lambda: engine.life.state is FAILED)
    assert "/nowhere/engine" in engine.life.last.reason


async def test_start_when_the_child_ends_with_a_message_then_the_reason_holds_it(
    make: Make, until: Until
) -> None:
    argv = (sys.executable, "-c", "raise SystemExit('the weights are broken')")
    engine = make(launch=Launch(argv=argv), backoff_first_s=600)
    engine.want()
    await until(lambda: engine.life.state is FAILED)
    assert engine.life.last.reason == "it exited with code 1: the weights are broken"


async def test_run_when_its_task_is_cancelled_then_the_child_is_killed(
    timings: Timings, until: Until, alive: Callable[[int], bool]
) -> None:
    engine = EngineProcess(
        Room(1, queue_limit=1, queue_timeout_s=PATIENCE_S).slots,
        fake.launch(FakeSpec("ignore_sigterm")),
        timings=timings,
        timeouts=Timeouts(),
        clock=SystemClock(),
    )
    engine.want()
    owner = asyncio.create_task(engine.run())
    await until(lambda: engine.life.state is READY)
    pid = engine.snapshot("m").pid
    assert pid is not None
    owner.cancel()
    with pytest.raises(asyncio.CancelledError):
        await owner
    await until(lambda: not alive(pid))
    # The event loop buries it in a thread and learns of it after that; a test that ends before leaves a warning.
    await until(lambda: not any("waitpid" in thread.name for thread in threading.enumerate()))
    await asyncio.sleep(0)
