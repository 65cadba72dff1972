"""What is promised of load times, and of memory that comes back, held against real child processes."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from weft.catalog.types import FakeSpec, ModelCard, Serving
from weft.engines.options import EngineSettings
from weft.engines.pool import Engines
from weft.engines.types import EngineState

Until = Callable[[Callable[[], bool]], Awaitable[None]]
MakeCard = Callable[..., ModelCard]
MakeEngines = Callable[..., Awaitable[Engines]]
STARTS = 50


async def test_promise_when_a_model_is_woken_fifty_times_then_it_is_kept_nine_times_of_ten(
    make_card: MakeCard, make_engines: MakeEngines, quick: EngineSettings
) -> None:
    card = make_card("a", FakeSpec("start_delay_ms=20,start_jitter_ms=300"))
    engines = await make_engines(card, settings=replace(quick, eager=False))
    route = engines.find_route(card)
    for _ in range(STARTS):
        (await engines.lease(route)).release()
        await engines.unload(route)
    kept = engines._models["a"].kept  # pyright: ignore[reportPrivateUsage] - nobody else asks
    assert len(kept) == STARTS
    assert sum(kept) >= 0.85 * STARTS


async def test_memory_when_idle_then_it_is_back_within_ten_seconds_of_its_time(
    make_card: MakeCard, make_engines: MakeEngines, quick: EngineSettings, until: Until
) -> None:
    card = replace(make_card("a", FakeSpec()), serving=Serving(idle_s=1.0))
    engines = await make_engines(card, settings=replace(quick, eager=False))
    (await engines.lease(engines.find_route(card))).release()
    (replica,) = engines._models["a"].all  # pyright: ignore[reportPrivateUsage]
    await until(lambda: replica.life.state is EngineState.STOPPED)
    ready, *_, gone = [change.at for change in replica.life.history[2:]]
    assert 1.0 <= (gone - ready).total_seconds() <= 1.0 + 10.0
    assert engines.snapshot()[0].pid is None
