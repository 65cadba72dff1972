"""A probe gives way, never wakes a model, and takes whatever may be the network's fault for unknown."""

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable

import pytest
from tests.engines.probes.conftest import SOUND, Bench, MakeBench

from weft.catalog.badges.types import Feature
from weft.catalog.types import Capabilities, FakeSpec, ModelCard, ReasoningPolicy
from weft.engines.pool import Engines, EngineSettings
from weft.engines.probes.talk import Talk
from weft.engines.probes.types import NoAnswer, Outcome
from weft.gateway.asking import EngineAsker
from weft.gateway.wire.bounds import Bounds

FEW = {Feature.STREAM, Feature.N, Feature.TOOLS}


@pytest.mark.parametrize(
    "trouble",
    ["fail_status=503", "fail_status=429", "truncate_after=1", "die_after=1", "fail_status=500"],
)
async def test_probe_when_the_engine_is_in_trouble_then_nothing_is_known(
    bench: Bench, trouble: str
) -> None:
    await bench.behave(f"{SOUND},{trouble}")
    found = await bench.probe(FEW)
    assert {verdict.outcome for verdict in found.values()} == {Outcome.UNKNOWN}
    assert all(verdict.detail for verdict in found.values())


async def test_probe_when_the_engine_is_gone_then_nothing_is_known(bench: Bench) -> None:
    await bench.engines.close()
    found = await bench.probe(FEW)
    assert {verdict.outcome for verdict in found.values()} == {Outcome.UNKNOWN}


async def test_probe_when_the_model_sleeps_then_it_is_not_woken(
    make_card: Callable[..., ModelCard],
    make_engines: Callable[..., Awaitable[Engines]],
    quick: EngineSettings,
) -> None:
    card = make_card("test/asleep", FakeSpec())
    engines = await make_engines(card, settings=dataclasses.replace(quick, eager=False))
    bench = Bench(engines, card)
    found = await bench.probe(FEW)
    assert {verdict.outcome for verdict in found.values()} == {Outcome.UNKNOWN}
    assert not any(shot.pid for shot in engines.snapshot())


async def test_ask_when_a_request_comes_to_wait_then_the_probe_gives_way(
    make_card: Callable[..., ModelCard], make_bench: MakeBench
) -> None:
    card = make_card("test/narrow", FakeSpec("delay_ms=20", max_in_flight=1))
    bench = await make_bench(card)
    route = bench.engines.find_route(card)
    talk = Talk(bench.engines, EngineAsker(Bounds()), route)
    asking = asyncio.create_task(talk.whole("word " * 100))
    async with asyncio.timeout(30):
        while (free := bench.engines.try_lease(route)) is not None:
            free.release()
            await asyncio.sleep(0)  # until the probe has the only place
        lease = await bench.engines.lease(route, project="somebody")
        # The probe had two seconds of work before it, and is not done.
        assert not asking.done()
        lease.release()
        told = await asking
    assert told.first.message.text.startswith("word")


async def test_ask_when_the_queue_never_empties_then_nothing_is_known(
    make_card: Callable[..., ModelCard],
    make_bench: MakeBench,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("weft.engines.probes.talk.CALM_S", 0.05)
    card = make_card("test/narrow", FakeSpec(max_in_flight=1))
    bench = await make_bench(card)
    route = bench.engines.find_route(card)
    held = await bench.engines.lease(route)
    waiting = asyncio.create_task(bench.engines.lease(route))
    await asyncio.sleep(0)
    talk = Talk(bench.engines, EngineAsker(Bounds()), route)
    with pytest.raises(NoAnswer, match="kept waiting"):
        await talk.plain()
    held.release()
    (await waiting).release()


@pytest.mark.parametrize(
    ("policy", "behaviour", "outcome"),
    [
        (ReasoningPolicy.NONE, "", Outcome.UNSUPPORTED),
        (ReasoningPolicy.NONE, "reasoning=3", Outcome.PASSED),
        (ReasoningPolicy.NONE, "reasoning=3,broken=think-inline", Outcome.FAILED),
        (ReasoningPolicy.ALWAYS_ON, "reasoning=3", Outcome.PASSED),
        (ReasoningPolicy.ALWAYS_ON, "", Outcome.FAILED),
        (ReasoningPolicy.ENABLED_BY_DEFAULT, "reasoning=3", Outcome.PASSED),
        (ReasoningPolicy.ENABLED_BY_DEFAULT, "reasoning=3,thinks=off", Outcome.FAILED),
        (ReasoningPolicy.DISABLED_BY_DEFAULT, "reasoning=3,thinks=off", Outcome.PASSED),
        (ReasoningPolicy.DISABLED_BY_DEFAULT, "reasoning=3", Outcome.FAILED),
    ],
)
async def test_reasoning_when_the_policy_is_another_then_the_engine_is_held_to_it(
    make_bench: MakeBench,
    capable: Callable[..., ModelCard],
    policy: ReasoningPolicy,
    behaviour: str,
    outcome: Outcome,
) -> None:
    bench = await make_bench(capable(behaviour, Capabilities(reasoning=policy)))
    found = await bench.probe({Feature.REASONING})
    assert found[Feature.REASONING].outcome is outcome


@pytest.mark.parametrize(
    ("behaviour", "outcome"),
    [
        ("", Outcome.FAILED),
        ("vision", Outcome.PASSED),
        ("broken=400-images", Outcome.UNSUPPORTED),
        ("broken=500-images", Outcome.UNSUPPORTED),
    ],
)
async def test_vision_when_images_are_taken_or_not_then_it_is_seen_by_the_prompt_s_length(
    bench: Bench, behaviour: str, outcome: Outcome
) -> None:
    await bench.behave(behaviour)
    assert (await bench.probe({Feature.VISION}))[Feature.VISION].outcome is outcome


async def test_context_when_it_is_longer_than_a_probe_may_send_then_it_is_not_tried(
    make_bench: MakeBench, capable: Callable[..., ModelCard]
) -> None:
    card = dataclasses.replace(capable(), context_window_tokens=1_000_000)
    found = await (await make_bench(card)).probe({Feature.CONTEXT})
    assert found[Feature.CONTEXT].outcome is Outcome.UNKNOWN
    assert "not tried" in found[Feature.CONTEXT].detail
