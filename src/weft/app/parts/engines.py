"""The engines and what probes them, for the composition root."""

import contextlib

from weft.catalog.catalog import Catalog
from weft.engines.keeper.loads import LoadTime, LoadTimes
from weft.engines.keeper.store import add_load_time, read_load_times
from weft.engines.options import EngineSettings
from weft.engines.pool import Engines
from weft.engines.probes.schedule import Prober, ProbeSettings
from weft.gateway.asking import EngineAsker
from weft.gateway.wire.bounds import Bounds
from weft.kit.clock import Clock, SystemClock
from weft.kit.db import Database
from weft.kit.settings import Settings


def make_engines(settings: Settings, catalog: Catalog, database: Database, clock: Clock) -> Engines:
    """The engines, which know how long loading took the last times."""
    with database.read() as connection:
        known = LoadTimes(read_load_times(connection))

    async def keep(one: LoadTime) -> None:
        await database.write_soon(lambda connection: add_load_time(connection, one))

    options = EngineSettings.from_settings(settings)
    return Engines(catalog.cards, options, clock=clock, loads=known, keep=keep)


async def begin(stack: contextlib.AsyncExitStack, engines: Engines) -> None:
    """Start the engines, which are stopped before whatever they work with is taken apart."""
    stack.push_async_callback(engines.close)
    await engines.start()


def make_prober(
    settings: Settings, catalog: Catalog, engines: Engines, database: Database
) -> Prober:
    """What probes the models; it knows already what was found before the server stopped."""
    prober = Prober(
        engines,
        EngineAsker(Bounds.of(settings)),
        database,
        ProbeSettings.from_settings(settings),
        clock=SystemClock(),
    )
    prober.load(catalog.cards)
    engines.on_ready(prober.ready)
    return prober
