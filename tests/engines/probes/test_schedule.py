"""When models are probed, and what of it outlives the server."""

import asyncio
import dataclasses
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect
from tests.engines.probes.conftest import SOUND, Bench, MakeBench

from databases import new_sqlite
from weft.catalog.badges.types import Badge, BadgeState, Feature
from weft.catalog.types import FakeSpec, ModelCard
from weft.engines.pool import Engines, EngineSettings
from weft.engines.probes.schedule import Prober, ProbeSettings, badges_of
from weft.engines.probes.schema import METADATA
from weft.engines.probes.setup import setup_of
from weft.engines.probes.store import KEPT_US, read_verdicts, write_verdicts
from weft.engines.probes.types import Outcome, Verdict
from weft.gateway.asking import EngineAsker
from weft.gateway.wire.bounds import Bounds
from weft.kit.clock import SystemClock
from weft.kit.db import Database

HOUR_S = 3600.0
PATIENCE_S = 60.0


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    database = new_sqlite(tmp_path / "weft.db")
    yield database
    database.close()


def a_prober(bench: Bench, database: Database, every_s: float) -> Prober:
    settings = ProbeSettings(every_s=every_s)
    made = Prober(bench.engines, EngineAsker(Bounds()), database, settings, clock=SystemClock())
    made.load([bench.card])
    return made


@asynccontextmanager
async def running(prober: Prober) -> AsyncGenerator[None]:
    task = asyncio.create_task(prober.run())
    yield
    task.cancel()
    await asyncio.wait((task,), timeout=PATIENCE_S)


def badge_of(bench: Bench, feature: Feature = Feature.TOOLS) -> Badge:
    return next(b for b in badges_of(bench.engines, bench.card) if b.feature is feature)


async def becomes(bench: Bench, state: BadgeState, feature: Feature = Feature.TOOLS) -> Badge:
    async with asyncio.timeout(PATIENCE_S):
        while badge_of(bench, feature).state is not state:
            await asyncio.sleep(0.02)
    return badge_of(bench, feature)


async def test_prober_when_tools_are_taken_away_then_the_badge_goes_and_comes_back(
    bench: Bench, sqlite: Database
) -> None:
    prober = a_prober(bench, sqlite, every_s=0.1)
    assert badge_of(bench).state is BadgeState.UNKNOWN
    async with running(prober):
        first = await becomes(bench, BadgeState.WORKS)
        await bench.behave(f"{SOUND},broken=tools")
        gone = await becomes(bench, BadgeState.BROKEN)
        assert badge_of(bench, Feature.LOGPROBS).state is BadgeState.WORKS
        await bench.behave(SOUND)
        await becomes(bench, BadgeState.WORKS)
    assert first.checked_at is not None
    assert gone.checked_at is not None
    assert gone.checked_at > first.checked_at
    assert "called" in gone.detail


async def test_prober_when_the_server_starts_again_then_the_last_badges_are_there(
    bench: Bench, sqlite: Database, make_bench: MakeBench
) -> None:
    await bench.behave(f"{SOUND},broken=tools")
    before = await a_prober(bench, sqlite, HOUR_S).probe(bench.engines.find_route(bench.card))
    await bench.engines.close()
    again = await make_bench(bench.card)
    prober = a_prober(again, sqlite, HOUR_S)
    assert badges_of(again.engines, again.card) == before
    assert badge_of(again).state is BadgeState.BROKEN
    async with running(prober):
        prober.ready(again.engines.find_route(again.card))
        await asyncio.sleep(0)
        await again.probe({Feature.N})  # its turn would have come before: nothing is due
    assert badges_of(again.engines, again.card) == before


async def test_prober_when_the_weights_are_others_then_nothing_is_known_of_them(
    bench: Bench, sqlite: Database, make_bench: MakeBench
) -> None:
    route = bench.engines.find_route(bench.card)
    await a_prober(bench, sqlite, HOUR_S).probe(route)
    other = dataclasses.replace(bench.card, engines=(FakeSpec(SOUND + ",crlf"),))
    changed = await make_bench(other)
    a_prober(changed, sqlite, HOUR_S)
    assert badge_of(changed).checked_at is None
    assert setup_of(changed.engines.find_route(other)) != setup_of(route)


async def test_prober_when_it_is_off_then_old_verdicts_turn_nothing_off(
    bench: Bench, sqlite: Database, make_bench: MakeBench
) -> None:
    await bench.behave(f"{SOUND},broken=tools")
    await a_prober(bench, sqlite, HOUR_S).probe(bench.engines.find_route(bench.card))
    again = await make_bench(bench.card)
    prober = a_prober(again, sqlite, 0)
    await prober.run()  # returns at once
    assert badge_of(again).state is BadgeState.UNKNOWN


async def test_prober_when_the_model_sleeps_then_it_waits_until_somebody_wakes_it(
    capable: Callable[..., ModelCard],
    make_engines: Callable[..., Awaitable[Engines]],
    quick: EngineSettings,
    sqlite: Database,
) -> None:
    card = capable()
    engines = await make_engines(card, settings=dataclasses.replace(quick, eager=False))
    bench = Bench(engines, card)
    prober = a_prober(bench, sqlite, every_s=0.1)
    async with running(prober):
        await asyncio.sleep(0.3)  # several looks
        assert not any(shot.pid for shot in engines.snapshot())
        assert badge_of(bench).checked_at is None
        (await engines.lease(engines.find_route(card))).release()
        prober.ready(engines.find_route(card))
        await becomes(bench, BadgeState.WORKS)


async def test_prober_when_nothing_can_be_told_then_what_was_known_holds_and_is_kept(
    bench: Bench, sqlite: Database
) -> None:
    prober, route = a_prober(bench, sqlite, HOUR_S), bench.engines.find_route(bench.card)
    known = await prober.probe(route)
    await bench.behave(f"{SOUND},fail_status=503")
    assert await prober.probe(route) == known
    with sqlite.read() as connection:
        kept = read_verdicts(connection, bench.card.id, setup_of(route))
    assert {verdict.outcome for verdict in kept.values()} == {Outcome.PASSED}


def test_migrations_when_done_then_the_table_is_that_of_the_schema(database: Database) -> None:
    by_core = create_engine("sqlite://")
    METADATA.create_all(by_core)
    wanted, made = inspect(by_core), inspect(database.engine)
    for table in METADATA.tables:
        names = [[c["name"] for c in side.get_columns(table)] for side in (made, wanted)]
        assert names[0] == names[1]
        assert {i["name"] for i in wanted.get_indexes(table)} <= {
            i["name"] for i in made.get_indexes(table)
        }
    by_core.dispose()


def test_store_when_verdicts_come_again_then_the_last_ones_are_kept_and_old_ones_go(
    database: Database,
) -> None:
    now = SystemClock().now()
    old = Verdict(Feature.N, Outcome.PASSED, "", now - timedelta(microseconds=KEPT_US + 10**6), 1)
    tools = Verdict(Feature.TOOLS, Outcome.FAILED, "it's so", now, 7)
    with database.write() as connection:
        write_verdicts(connection, "a/b", "fake:1", [old])
        write_verdicts(connection, "a/b", "fake:2", [dataclasses.replace(tools, detail="x")])
        write_verdicts(connection, "a/b", "fake:2", [tools])
        write_verdicts(connection, "a/b", "fake:2", [])
    with database.read() as connection:
        assert read_verdicts(connection, "a/b", "fake:1") == {}
        assert read_verdicts(connection, "a/b", "fake:2") == {Feature.TOOLS: tools}
