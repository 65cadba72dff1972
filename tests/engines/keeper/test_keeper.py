"""The keeper on real child processes: what sleeps, what wakes, what makes room."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace

import pytest

from weft.catalog.types import FakeSpec, ModelCard, Serving
from weft.engines.keeper.keeper import Patience
from weft.engines.options import EngineSettings
from weft.engines.pool import Engines, StillAwake
from weft.engines.types import EngineState, Lease, Machine, ModelStage
from weft.kit.errors import Overloaded

Until = Callable[[Callable[[], bool]], Awaitable[None]]
Post = Callable[..., Coroutine[None, None, tuple[int, bytes]]]
MakeCard = Callable[..., ModelCard]
MakeEngines = Callable[..., Awaitable[Engines]]
MIB = 100


@pytest.fixture
def lazy(quick: EngineSettings) -> EngineSettings:
    """Room for two models of `MIB`."""
    return replace(
        quick,
        eager=False,
        machine=Machine(memory_mib=2 * MIB),
        patience=Patience(wait_s=0.2, least_resident_s=0.1),
        up_after_s=0.05,
        down_after_s=0.1,
    )


@pytest.fixture
def model(make_card: MakeCard) -> MakeCard:
    def make(model_id: str, behaviour: str = "", *, mib: int = MIB, **serving: object) -> ModelCard:
        spec = FakeSpec(behaviour, max_in_flight=2, memory_mib=mib)
        return replace(make_card(model_id, spec), serving=Serving(**serving))  # pyright: ignore[reportArgumentType] - keywords of a test

    return make


def stages(engines: Engines) -> dict[str, ModelStage]:
    return {shot.key: shot.stage for shot in engines.models()}


def running(engines: Engines) -> list[str]:
    gone = {EngineState.STOPPED}
    return sorted(shot.model for shot in engines.snapshot() if shot.state not in gone)


async def take(engines: Engines, card: ModelCard) -> Lease:
    return await engines.lease(engines.find_route(card))


async def test_model_when_idle_then_it_sleeps_and_wakes_when_called(
    model: MakeCard, make_engines: MakeEngines, lazy: EngineSettings, until: Until, post: Post
) -> None:
    card = model("a", idle_s=0.05)
    engines = await make_engines(card, settings=lazy)
    for _ in range(2):
        lease = await take(engines, card)
        assert (await post(lease, "Hello"))[0] == 200
        lease.release(tokens=1)
        await until(lambda: stages(engines) == {"a": ModelStage.ASLEEP})
        assert engines.snapshot()[0].pid is None
    assert engines.snapshot()[0].history.count(EngineState.READY) == 2


async def test_model_when_it_works_then_it_does_not_sleep(
    model: MakeCard, make_engines: MakeEngines, lazy: EngineSettings, until: Until
) -> None:
    card = model("a", idle_s=0.01)
    engines = await make_engines(card, settings=lazy)
    lease = await take(engines, card)
    for _ in range(20):  # of the keeper's looks
        engines.keeper.step()
        await asyncio.sleep(0.01)
    assert stages(engines) == {"a": ModelStage.READY}
    assert engines.models()[0].idle_left_s is None
    lease.release()
    await until(lambda: stages(engines) == {"a": ModelStage.ASLEEP})


async def test_model_when_only_probed_then_it_sleeps_once_that_is_done_and_not_before(
    model: MakeCard, make_engines: MakeEngines, lazy: EngineSettings, until: Until
) -> None:
    card = model("a", idle_s=60)
    engines = await make_engines(card, settings=lazy)
    route = engines.find_route(card)
    (await engines.lease(route)).release()
    kept = engines._models["a"]  # pyright: ignore[reportPrivateUsage]
    scaler, slots = kept.scaler, kept.all[0].slots
    lease = await engines.lease(route, is_use=False)
    used_at_s = slots.used_at_s = slots.used_at_s - 100  # so long ago somebody used it
    before_s = scaler.busy_at_s = used_at_s
    for _ in range(3):
        engines.keeper.step()
    assert stages(engines) == {"a": ModelStage.READY}
    lease.release()
    assert scaler.busy_at_s == before_s
    assert slots.used_at_s == used_at_s
    await until(lambda: stages(engines) == {"a": ModelStage.ASLEEP})


async def test_model_when_a_request_comes_and_goes_between_two_looks_then_it_counts_as_used(
    model: MakeCard, make_engines: MakeEngines, lazy: EngineSettings
) -> None:
    engines = await make_engines(card := model("a", idle_s=60), settings=lazy)
    (await take(engines, card)).release()
    entry = engines._models["a"]  # pyright: ignore[reportPrivateUsage]
    entry.scaler.busy_at_s = 0.0  # long ago
    (await take(engines, card)).release(tokens=1)
    engines.keeper.step()
    assert entry.scaler.busy_at_s == entry.used_at_s > 0
    assert stages(engines) == {"a": ModelStage.READY}


async def test_memory_when_full_then_the_least_recently_used_makes_room(
    model: MakeCard, make_engines: MakeEngines, lazy: EngineSettings
) -> None:
    cards = [model(name) for name in "abc"]
    engines = await make_engines(*cards, settings=lazy)
    for card in cards:
        (await take(engines, card)).release()
    assert running(engines) == ["b", "c"]


async def test_memory_when_all_are_at_work_then_whoever_waits_long_gets_its_turn(
    model: MakeCard, make_engines: MakeEngines, lazy: EngineSettings, until: Until
) -> None:
    cards = [model(name) for name in "abc"]
    engines = await make_engines(*cards, settings=lazy)
    leases = [await take(engines, card) for card in cards[:2]]
    waiting = asyncio.create_task(take(engines, cards[2]))
    await until(lambda: any(model.draining for model in engines._models.values()))  # pyright: ignore[reportPrivateUsage]
    assert running(engines) == ["a", "b"]
    assert not waiting.done()
    for lease in leases:
        lease.release()
    (await waiting).release()
    assert "c" in running(engines)


async def test_memory_when_a_model_can_never_fit_then_requests_are_told_so(
    model: MakeCard, make_engines: MakeEngines, lazy: EngineSettings
) -> None:
    card = model("huge", mib=1000)
    engines = await make_engines(card, settings=lazy)
    with pytest.raises(Overloaded) as caught:
        await take(engines, card)
    assert "1,000 MiB" in str(caught.value.metadata["reason"])
    assert engines.models()[0].stage is ModelStage.NO_ROOM


async def test_memory_when_a_model_is_pinned_then_it_does_not_make_room(
    model: MakeCard, make_engines: MakeEngines, lazy: EngineSettings
) -> None:
    pinned, *others = model("p", pinned=True), model("a"), model("b")
    engines = await make_engines(pinned, *others, settings=lazy)
    for card in (*others, *others):
        (await take(engines, card)).release()
        assert "p" in running(engines)


async def test_replicas_when_there_is_much_to_do_then_there_are_more_and_later_fewer(
    model: MakeCard, make_engines: MakeEngines, lazy: EngineSettings, until: Until
) -> None:
    card = model("a", max_replicas=2)
    engines = await make_engines(card, settings=lazy)
    leases = [await take(engines, card) for _ in range(2)]
    leases += await asyncio.gather(*(take(engines, card) for _ in range(2)))
    assert {lease.engine for lease in leases} == {"fake:a#0", "fake:a#1"}
    assert engines.models()[0].in_flight == 4
    for lease in leases:
        lease.release()
    await until(lambda: len(running(engines)) == 1)
    assert stages(engines) == {"a": ModelStage.READY}


async def test_replicas_when_one_dies_then_the_other_takes_its_requests(
    model: MakeCard, make_engines: MakeEngines, lazy: EngineSettings, until: Until
) -> None:
    slow = replace(lazy, timings=replace(lazy.timings, backoff_first_s=60))
    engines = await make_engines(card := model("a", min_replicas=2, max_replicas=2), settings=slow)
    await until(lambda: [shot.state for shot in engines.snapshot()] == [EngineState.READY] * 2)
    pid = engines.snapshot()[0].pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await until(lambda: engines.snapshot()[0].state is EngineState.FAILED)
    for _ in range(3):
        lease = await take(engines, card)
        assert lease.engine == "fake:a#1"
        lease.release()


async def test_engine_when_it_does_not_answer_for_its_health_then_it_is_drained_and_replaced(
    model: MakeCard, make_engines: MakeEngines, lazy: EngineSettings, until: Until
) -> None:
    times = replace(lazy.timings, health_every_s=0.05, health_timeout_s=0.05)
    engines = await make_engines(card := model("a"), settings=replace(lazy, timings=times))
    lease = await take(engines, card)
    pid = engines.snapshot()[0].pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)  # it lives, and says nothing
    await until(lambda: not engines._models["a"].places.is_open)  # pyright: ignore[reportPrivateUsage]
    assert engines.snapshot()[0].state is EngineState.READY, "what it works on may end"
    lease.release()
    await until(lambda: engines.snapshot()[0].pid not in (None, pid))
    (await take(engines, card)).release()
    assert "health" in "".join(
        change.reason
        for change in engines._models["a"].all[0].life.history  # pyright: ignore[reportPrivateUsage]
    )


async def test_engine_when_a_request_could_not_reach_it_then_it_is_asked_and_opens_again(
    model: MakeCard, make_engines: MakeEngines, lazy: EngineSettings
) -> None:
    engines = await make_engines(card := model("a"), settings=lazy)
    lease = await take(engines, card)
    lease.suspect(is_unreachable=True)
    lease.release()
    assert engines.try_lease(engines.find_route(card)) is None
    (await take(engines, card)).release()


async def test_load_when_asked_then_it_is_ready_without_a_request(
    model: MakeCard, make_engines: MakeEngines, lazy: EngineSettings, until: Until
) -> None:
    told: list[str] = []
    engines = await make_engines(card := model("a", idle_s=0.3), settings=lazy)
    engines.on_ready(lambda route: told.append(route.key))
    engines.load(engines.find_route(card))
    await until(lambda: stages(engines) == {"a": ModelStage.READY})
    await until(lambda: told == ["a"])
    await until(lambda: stages(engines) == {"a": ModelStage.ASLEEP})


async def test_unload_when_at_work_then_it_ends_after_it(
    model: MakeCard, make_engines: MakeEngines, lazy: EngineSettings
) -> None:
    engines = await make_engines(card := model("a"), settings=lazy)
    lease = await take(engines, card)
    ending = asyncio.create_task(engines.unload(engines.find_route(card)))
    await asyncio.sleep(0.05)
    assert not ending.done()
    assert engines.try_lease(engines.find_route(card)) is None
    lease.release()
    await ending
    assert stages(engines) == {"a": ModelStage.ASLEEP}


async def test_unload_when_pinned_then_it_stays(
    model: MakeCard, make_engines: MakeEngines, lazy: EngineSettings, until: Until
) -> None:
    engines = await make_engines(card := model("a"), settings=lazy)
    route = engines.find_route(card)
    engines.pin(route, True)
    await until(lambda: stages(engines) == {"a": ModelStage.READY})
    with pytest.raises(StillAwake):
        await engines.unload(route)
    engines.pin(route, False)
    await engines.unload(route)
    assert running(engines) == []


async def test_loads_when_a_model_was_loaded_then_the_next_promise_is_by_what_was_measured(
    model: MakeCard, make_engines: MakeEngines, lazy: EngineSettings, until: Until
) -> None:
    engines = await make_engines(card := model("a", "start_delay_ms=100"), settings=lazy)
    route = engines.find_route(card)
    assert engines.outlook(route).is_cold
    before_s = engines.outlook(route).eta_s
    (await engines.lease(route)).release()
    assert not engines.outlook(route).is_cold
    assert list(engines._models["a"].kept) == [True]  # pyright: ignore[reportPrivateUsage]
    await engines.unload(route)
    assert 0.1 < engines.outlook(route).eta_s < before_s
