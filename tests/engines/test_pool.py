# pyright: reportPrivateUsage=false
# One test looks inside: what it shows lasts for one turn of the event loop.
import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from pathlib import Path

import pytest
import uvloop
from structlog.testing import capture_logs

from weft.catalog.needs import ModelNotRunnable
from weft.catalog.types import (
    FakeSpec,
    GpuServerSpec,
    LlamaCppSpec,
    ModelCard,
    ModelState,
    RemoteSpec,
)
from weft.engines.keeper.loads import FIRST_S
from weft.engines.options import EngineSettings
from weft.engines.pool import Engines
from weft.engines.queue.places import OVERLOADED, EngineDown, ModelLoading
from weft.engines.routing import STAND_IN_ID
from weft.engines.types import EngineState, ModelStage
from weft.kit.clock import SystemClock
from weft.kit.errors import CannotStart, Overloaded
from weft.kit.settings import load_settings

Until = Callable[[Callable[[], bool]], Awaitable[None]]
Post = Callable[..., Coroutine[None, None, tuple[int, bytes]]]
MakeCard = Callable[..., ModelCard]
MakeEngines = Callable[..., Awaitable[Engines]]
GPU = GpuServerSpec("vllm", "big/model", "", gpus=8, gpu_memory_gib=80)


def plan(*cards: ModelCard, stand_in: bool = False) -> Engines:
    """Engines that are never started: routes are decided before anything runs."""
    return Engines(cards, EngineSettings(stand_in=stand_in), clock=SystemClock())


# Routes.


def test_route_when_several_specs_then_the_first_usable_one_is_taken(make_card: MakeCard) -> None:
    remote, fake = RemoteSpec("http://127.0.0.1:9/v1"), FakeSpec()
    card = make_card("a/b", GPU, LlamaCppSpec("/nowhere.gguf"), remote, fake)
    route = plan(card).find_route(card)
    assert route.spec is remote
    assert not route.is_stand_in


@pytest.mark.parametrize(("parallel", "expected"), [(2, 0), (8, 512)])
def test_route_when_slots_are_smaller_than_the_card_s_window_then_it_says_so(
    make_card: MakeCard, tiny_gguf: Path, parallel: int, expected: int
) -> None:
    spec = LlamaCppSpec(str(tiny_gguf), context_tokens=4096, parallel=parallel)
    card = make_card("a/b", spec)
    assert card.context_window_tokens == 2048
    assert plan(card).find_route(card).context_tokens == expected


def test_route_when_asked_twice_then_it_is_the_same(make_card: MakeCard) -> None:
    own, other = make_card(STAND_IN_ID, FakeSpec()), make_card("big/model", GPU)
    engines = plan(own, other, stand_in=True)
    assert engines.find_route(own) is engines.find_route(own)
    assert engines.find_route(other) is engines.find_route(other)


def test_route_when_nothing_runs_it_then_it_is_not_found_and_says_what_it_needs(
    make_card: MakeCard,
) -> None:
    card = make_card("big/model", GPU)
    engines = plan(card)
    with pytest.raises(ModelNotRunnable) as caught:
        engines.find_route(card)
    assert (caught.value.status, caught.value.code) == (404, "model_not_found")
    assert caught.value.message.startswith("The requested resource was not found")
    assert "8 GPUs with 80 GiB" in caught.value.message
    assert engines.state_of(card) is ModelState.NOT_RUNNABLE


def test_route_when_the_stand_in_is_allowed_then_it_answers(make_card: MakeCard) -> None:
    tiny, big = make_card(STAND_IN_ID, FakeSpec()), make_card("big/model", GPU)
    engines = plan(tiny, big, stand_in=True)
    route = engines.find_route(big)
    assert route.is_stand_in
    assert (route.asked, route.card, route.served_model) == (big, tiny, STAND_IN_ID)
    assert engines.state_of(big) is ModelState.STAND_IN
    assert not engines.find_route(tiny).is_stand_in


def test_route_when_the_stand_in_is_missing_or_forbidden_then_it_is_not_found(
    make_card: MakeCard,
) -> None:
    tiny, big = make_card(STAND_IN_ID, FakeSpec()), make_card("big/model", GPU)
    absent = make_card(STAND_IN_ID, LlamaCppSpec("/nowhere.gguf"))
    for engines in (plan(big, stand_in=True), plan(absent, big, stand_in=True), plan(tiny, big)):
        with pytest.raises(ModelNotRunnable):
            engines.find_route(big)


# Leases.


async def test_lease_when_the_engine_starts_then_it_waits_for_it(
    make_card: MakeCard, make_engines: MakeEngines, post: Post
) -> None:
    card = make_card("a/b", FakeSpec("start_delay_ms=100"))
    engines = await make_engines(card)
    assert engines.state_of(card) is ModelState.ASLEEP
    lease = await engines.lease(engines.find_route(card))
    assert engines.state_of(card) is ModelState.READY
    assert lease.engine == "fake:a/b#0"
    assert (await post(lease, "Hello"))[0] == 200
    lease.release()


async def test_lease_when_the_stand_in_answers_then_it_is_the_stand_in_s_engine(
    make_card: MakeCard, make_engines: MakeEngines, quick: EngineSettings
) -> None:
    tiny, big = make_card(STAND_IN_ID, FakeSpec()), make_card("big/model", GPU)
    engines = await make_engines(tiny, big, settings=replace(quick, stand_in=True))
    lease = await engines.lease(engines.find_route(big))
    assert lease.engine == f"fake:{STAND_IN_ID}#0"
    lease.release()
    assert [shot.model for shot in engines.snapshot()] == [STAND_IN_ID]


async def test_lease_when_not_eager_then_the_first_one_starts_the_engine(
    make_card: MakeCard, make_engines: MakeEngines, quick: EngineSettings
) -> None:
    card, idle = make_card("a/b", FakeSpec()), make_card("c/d", FakeSpec())
    engines = await make_engines(card, idle, settings=replace(quick, eager=False))
    await asyncio.sleep(0)
    assert {shot.stage for shot in engines.models()} == {ModelStage.ASLEEP}
    assert engines.state_of(card) is ModelState.ASLEEP
    (await engines.lease(engines.find_route(card))).release()
    assert [shot.stage for shot in engines.models()] == [ModelStage.READY, ModelStage.ASLEEP]


async def test_lease_when_ready_then_it_is_granted_without_waiting(
    make_card: MakeCard, make_engines: MakeEngines
) -> None:
    card = make_card("a/b", FakeSpec())
    engines = await make_engines(card)
    route = engines.find_route(card)
    (await engines.lease(route)).release()
    granting = engines.lease(route)
    with pytest.raises(StopIteration) as stopped:
        granting.send(None)  # a coroutine that never waits ends at its first step
    stopped.value.value.release()


async def test_release_when_called_twice_then_one_place_is_given_back(
    make_card: MakeCard, make_engines: MakeEngines
) -> None:
    card = make_card("a/b", FakeSpec(max_in_flight=2))
    engines = await make_engines(card)
    route = engines.find_route(card)
    first, second = await engines.lease(route), await engines.lease(route)
    first.release()
    first.release()
    assert engines.snapshot()[0].in_flight == 1
    second.release()
    assert engines.snapshot()[0].in_flight == 0


async def test_lease_when_the_queue_is_full_then_it_is_refused_with_the_service_s_words(
    make_card: MakeCard, make_engines: MakeEngines, quick: EngineSettings, until: Until
) -> None:
    card = make_card("a/b", FakeSpec(max_in_flight=1))
    engines = await make_engines(card, settings=replace(quick, queue_limit=1))
    route = engines.find_route(card)
    lease = await engines.lease(route)
    waiting = asyncio.create_task(engines.lease(route))
    await until(lambda: engines.models()[0].waiting == 1)
    with pytest.raises(Overloaded, match=OVERLOADED) as caught:
        await engines.lease(route)
    assert caught.value.status == 503
    assert dict(caught.value.headers())[b"retry-after"]
    lease.release()
    (await waiting).release()


async def test_lease_when_it_has_to_wait_then_the_log_tells_at_debug(
    make_card: MakeCard, make_engines: MakeEngines, quick: EngineSettings, until: Until
) -> None:
    card = make_card("a/b", FakeSpec(max_in_flight=1))
    with capture_logs() as lines:
        engines = await make_engines(card, settings=replace(quick, queue_limit=1))
        route = engines.find_route(card)
        lease = await engines.lease(route)
        waiting = asyncio.create_task(engines.lease(route))
        await until(lambda: engines.models()[0].waiting == 1)
        with pytest.raises(Overloaded):
            await engines.lease(route)
        lease.release()
        (await waiting).release()
    debug = [line for line in lines if line["log_level"] == "debug"]
    leases = [line for line in debug if line["event"] != "engine_probed"]
    assert {line["model"] for line in leases} == {"a/b"}
    events = [line["event"] for line in debug if line["event"] != "engine_probed"]
    assert events[-4:] == ["lease_awaited", "lease_awaited", "lease_refused", "lease_granted"]
    assert any(line["event"] == "engine_probed" and line.get("status") == 200 for line in debug)


async def test_lease_when_it_waits_too_long_then_it_is_refused(
    make_card: MakeCard, make_engines: MakeEngines, quick: EngineSettings
) -> None:
    card = make_card("a/b", FakeSpec(max_in_flight=1))
    engines = await make_engines(card)
    route = engines.find_route(card)
    lease = await engines.lease(route)
    with pytest.raises(Overloaded, match=OVERLOADED) as caught:
        await engines.lease(route, timeout_s=0.02)
    assert caught.value.code == "overloaded"
    assert engines.models()[0].waiting == 0
    lease.release()


async def test_lease_when_a_cold_model_takes_longer_then_it_says_how_long_it_still_takes(
    make_card: MakeCard, make_engines: MakeEngines, quick: EngineSettings
) -> None:
    card = make_card("a/b", FakeSpec("never_ready"))
    engines = await make_engines(card, settings=replace(quick, queue_timeout_s=0.02))
    with pytest.raises(ModelLoading) as caught:
        await engines.lease(engines.find_route(card))
    assert (caught.value.status, caught.value.code) == (503, "model_loading")
    assert caught.value.retry_after_s is not None
    assert 1 <= caught.value.retry_after_s <= FIRST_S
    assert engines.models()[0].waiting == 0


async def test_lease_when_cancelled_while_waiting_then_no_place_is_taken(
    make_card: MakeCard, make_engines: MakeEngines, until: Until
) -> None:
    card = make_card("a/b", FakeSpec(max_in_flight=1))
    engines = await make_engines(card)
    route = engines.find_route(card)
    lease = await engines.lease(route)
    waiting = asyncio.create_task(engines.lease(route))
    await until(lambda: engines.models()[0].waiting == 1)
    waiting.cancel()
    await asyncio.wait([waiting])
    lease.release()
    assert engines.snapshot()[0].in_flight == 0
    (await engines.lease(route)).release()


async def test_lease_when_the_engine_has_failed_then_it_says_when_to_retry(
    make_card: MakeCard, make_engines: MakeEngines, quick: EngineSettings, until: Until
) -> None:
    card = make_card("a/b", FakeSpec("exit_code=1"))
    slow = replace(quick, timings=replace(quick.timings, backoff_first_s=100, backoff_max_s=100))
    engines = await make_engines(card, settings=slow)
    await until(lambda: engines.snapshot()[0].state is EngineState.FAILED)
    with pytest.raises(EngineDown) as caught:
        await engines.lease(engines.find_route(card))
    assert caught.value.status == 503
    assert caught.value.retry_after_s is not None
    assert 90 < caught.value.retry_after_s <= 100


async def test_lease_when_the_engine_dies_between_grant_and_lease_then_nothing_is_leased(
    make_card: MakeCard, make_engines: MakeEngines, until: Until
) -> None:
    card = make_card("a/b", FakeSpec(max_in_flight=1))
    engines = await make_engines(card)
    route = engines.find_route(card)
    lease = await engines.lease(route)
    waiting = asyncio.create_task(engines.lease(route))
    await until(lambda: engines.models()[0].waiting == 1)
    engine = engines._models["a/b"].all[0]
    lease.release()  # grants the place to the waiter, which has not run since
    link, engine.link = engine.link, None
    with pytest.raises(EngineDown):
        await waiting
    assert engines.snapshot()[0].in_flight == 0
    engine.link = link


async def test_lease_when_the_engine_dies_while_it_waits_then_it_waits_for_the_next_start(
    make_card: MakeCard, make_engines: MakeEngines, until: Until
) -> None:
    card = make_card("a/b", FakeSpec(max_in_flight=1))
    engines = await make_engines(card)
    route = engines.find_route(card)
    lease = await engines.lease(route)
    waiting = asyncio.create_task(engines.lease(route))
    await until(lambda: engines.models()[0].waiting == 1)
    pid = engines.snapshot()[0].pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await until(lambda: engines.snapshot()[0].state is EngineState.FAILED)
    lease.release()
    (await waiting).release()
    assert engines.snapshot()[0].in_flight == 0


async def test_state_when_it_keeps_failing_then_it_is_not_runnable(
    make_card: MakeCard, make_engines: MakeEngines, until: Until
) -> None:
    card = make_card("a/b", FakeSpec("exit_code=1"))
    engines = await make_engines(card)
    await until(lambda: engines.state_of(card) is ModelState.NOT_RUNNABLE)
    assert engines.snapshot()[0].history.count(EngineState.FAILED) >= 3


async def test_start_when_a_card_makes_no_sense_then_it_cannot_start(
    make_card: MakeCard, make_engines: MakeEngines
) -> None:
    with pytest.raises(CannotStart, match="no_such_switch"):
        await make_engines(make_card("a/b", FakeSpec("no_such_switch")))


# The end.


async def test_close_when_engines_run_then_nothing_is_left_and_leases_are_refused(
    make_card: MakeCard, make_engines: MakeEngines, alive: Callable[[int], bool]
) -> None:
    card = make_card("a/b", FakeSpec("grandchild"))
    engines = await make_engines(card)
    route = engines.find_route(card)
    (await engines.lease(route)).release()
    pid = engines.snapshot()[0].pid
    assert pid is not None
    await engines.close()
    await engines.close()
    assert not alive(pid)
    assert engines.snapshot()[0].state is EngineState.STOPPED
    with pytest.raises(EngineDown, match="shutting down"):
        await engines.lease(route)


async def test_close_when_somebody_waits_for_a_start_then_they_are_sent_away(
    make_card: MakeCard, make_engines: MakeEngines, until: Until
) -> None:
    card = make_card("a/b", FakeSpec("never_ready"))
    engines = await make_engines(card)
    waiting = asyncio.create_task(engines.lease(engines.find_route(card)))
    await until(lambda: engines.models()[0].waiting == 1)
    await engines.close()
    with pytest.raises(EngineDown):
        await waiting


async def test_close_when_never_started_then_nothing_happens(make_card: MakeCard) -> None:
    await plan(make_card("a/b", FakeSpec())).close()


def test_engines_when_on_uvloop_then_they_live_and_die_as_on_asyncio(
    make_card: MakeCard, quick: EngineSettings, post: Post, alive: Callable[[int], bool]
) -> None:
    card = make_card("a/b", FakeSpec("grandchild"))

    async def live() -> list[int]:
        engines = Engines([card], quick, clock=SystemClock())
        await engines.start()
        route = engines.find_route(card)
        pids: list[int] = []
        for _ in range(2):
            lease = await engines.lease(route)
            assert (await post(lease, "Hello"))[0] == 200
            lease.release()
            shot = engines.snapshot()[0]
            assert shot.pid is not None
            pids += [shot.pid, int(shot.log[-1].split()[-1])]
            if len(pids) == 2:
                os.kill(shot.pid, signal.SIGKILL)
                async with asyncio.timeout(30):
                    while engines.snapshot()[0].restarts == 0:
                        await asyncio.sleep(0.005)
        await engines.close()
        async with asyncio.timeout(30):  # a grandchild is killed, but buried by somebody else
            while any(alive(pid) for pid in pids):
                await asyncio.sleep(0.005)
        return pids

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert len(runner.run(live())) == 4


def test_settings_when_read_then_the_server_s_choices_arrive(tmp_path: Path) -> None:
    flags = {"data_dir": str(tmp_path), "queue_limit": 7, "eager_engines": False}
    settings = EngineSettings.from_settings(load_settings(flags, environ={}).settings)
    assert (settings.queue_limit, settings.eager) == (7, False)
    assert settings.timeouts.first_byte_s == 600
