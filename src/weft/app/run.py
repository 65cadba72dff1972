"""`weft serve`, from settings to exit code: builds every part, hands each what it needs, and takes all apart again.

The composition root: nothing else knows everyone. Order of starting: folder, port, database, identity, engines, door,
server; the reverse when stopping, so that nothing is asked of a part that is gone. Stopping order matters for money:
the server drains first, then the writer of usage records empties its queue, then the database closes.
"""

import asyncio
import contextlib
import gc
import logging
import socket
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

import uvloop
from fastapi import FastAPI

from weft.app.billing import Billing
from weft.app.books import Books
from weft.app.control import make_control
from weft.app.doors import open_doors
from weft.app.evals.monitors import Around
from weft.app.evals.open import Evals
from weft.app.folder import DataFolder, told
from weft.app.health import health_router, is_settled, measure, measure_traces
from weft.app.http_protocol import sweep_forever
from weft.app.inference.open import InferencePages
from weft.app.parts.engines import begin, make_engines, make_prober
from weft.app.parts.limits import limit_parts
from weft.app.parts.mounts import Mount
from weft.app.ready import Ready, ready
from weft.app.server import Server, bind, make_server
from weft.app.storage import open_database, server_secret
from weft.app.traces.door import open_recorder
from weft.app.traces.open import Traces, open_traces
from weft.app.traces.refusals import with_refusals
from weft.catalog.catalog import Catalog
from weft.catalog.load import load_catalog
from weft.engines.pool import Engines
from weft.engines.probes.schedule import Prober
from weft.gateway import routes as gateway_routes
from weft.gateway.adapters.named import Adapters
from weft.gateway.flow import InferenceDoor
from weft.gateway.idempotency.keys import Keys
from weft.gateway.journal import Journal
from weft.gateway.wire.bounds import Bounds
from weft.identity import routes as identity_routes
from weft.identity.bootstrap import FirstStart, first_start
from weft.identity.login.entrance import Ways
from weft.identity.principal import Gate
from weft.identity.projects import routes as project_routes
from weft.kit.batch import GroupCommit
from weft.kit.clock import Clock, SystemClock
from weft.kit.db import Database
from weft.kit.ids import new_id
from weft.kit.logs import RequestLog, configure_logging, open_request_log
from weft.kit.metrics import Metrics
from weft.kit.setting_groups.server import local_url
from weft.kit.settings import Settings
from weft.ledger.ledger import Ledger
from weft.ledger.owners import Owners
from weft.ledger.usage import routes as ledger_routes
from weft.limits import routes as limits_routes
from weft.limits.admission import Admission
from weft.limits.allowance import Allowances
from weft.limits.country.guard import CountryGuard
from weft.limits.plans.load import Plans, load_plans
from weft.limits.plans.store import check_plans
from weft.wandb import routes as wandb_routes
from weft.wandb.front import Front
from weft.web import routes as web_routes

log = logging.getLogger(__name__)

READY_TIMEOUT_S = 60.0
"""How long the start waits for engines before it says that the server is up all the same."""
READY_LOOK_S = 0.05
GC_THRESHOLD = 20_000
"""Objects made beyond those freed before young ones are looked at; Python's own 700 is reached every few requests."""
SWITCH_INTERVAL_S = 0.0005
"""How long a thread may keep the interpreter from the event loop; Python's own 5 ms would be seen by streams."""
LAST_USED_INTERVAL_S = 60.0
CANCELLED_GRACE_S = 5.0
"""For requests that outlived the drain to write their records and say goodbye."""


@dataclass(frozen=True, slots=True)
class House:
    """The parts of a server, built and not yet serving."""

    settings: Settings
    catalog: Catalog
    engines: Engines
    prober: Prober
    gate: Gate
    owners: Owners
    books: Books
    billing: Billing
    country: CountryGuard | None
    control: FastAPI
    server: Server
    first: FirstStart | None


def serve(settings: Settings, on_ready: Callable[[Ready], None], *, beside: bool = False) -> int:
    """Run the server until it is told to stop; the exit code is 0 when it drained.

    `on_ready` is called once, when requests are welcome. `beside` makes it one more gateway on the database of a server
    that may run already: they share every hold, limit and account.

    Raises:
        CannotStart: folder, port, database, secret or catalog are not in order.
    """
    configure_logging(settings)
    with (
        DataFolder(settings.data_dir, beside=beside),
        bind(settings) as listener,
        _told(settings, listener, beside=beside) as local_token,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        runner.run(_serve(settings, listener, on_ready, local_token))
    return 0


def _told(
    settings: Settings, listener: socket.socket, *, beside: bool
) -> AbstractContextManager[str]:
    """Lets the commands of this machine find the server by its data folder; a gateway beside it is not told of."""
    if beside:
        return contextlib.nullcontext("")
    return told(settings.data_dir, local_url(settings.host, listener.getsockname()[1]))


async def _serve(
    settings: Settings,
    listener: socket.socket,
    on_ready: Callable[[Ready], None],
    local_token: str,
) -> None:
    async with build(settings, local_token) as house:
        house.server.handle_signals()
        async with asyncio.TaskGroup() as tasks:
            background = [
                tasks.create_task(sweep_forever(house.server.server_state.connections)),
                tasks.create_task(_flush_last_used(house.gate)),
                tasks.create_task(house.owners.run()),
                tasks.create_task(house.books.run()),
                tasks.create_task(house.billing.alerts.run()),
                tasks.create_task(house.prober.run()),
                *([tasks.create_task(house.country.watch())] if house.country else []),
                tasks.create_task(_say_when_ready(house, listener, on_ready)),
            ]
            try:
                await house.server.serve(sockets=[listener])
                await _let_cancelled_end(house.server)
            finally:
                for task in background:
                    task.cancel()


@contextlib.asynccontextmanager
async def build(settings: Settings, local_token: str = "") -> AsyncGenerator[House]:
    """Every part, in the order in which they need each other; taken apart in the reverse order."""
    clock = SystemClock()
    catalog = _catalog(settings, clock)
    country = CountryGuard.open(settings)
    async with contextlib.AsyncExitStack() as stack:
        database = open_database(settings.data_dir, settings.database_url)
        stack.callback(database.close)
        secret = server_secret(settings)
        first = _first_start(database, secret, clock, settings)
        books = Books(settings, database, clock)
        books.open(catalog)
        plans = _plans(database, settings)
        billing = Billing(settings, database, secret, plans, clock)
        stack.push_async_callback(billing.close)
        writer = GroupCommit(database)
        stack.push_async_callback(writer.close)
        gate = _gate(stack, settings, database, secret, clock)
        traces = await open_traces(
            stack, settings, database, secret, clock, catalog, gate.note_used
        )
        evals = Evals(stack, settings, database, secret, traces)
        metrics, lines = _metrics(traces), _request_log(stack, settings)
        engines = make_engines(settings, catalog, database, clock)
        await begin(stack, engines)
        prober = make_prober(settings, catalog, engines, database)
        ledger = Ledger(writer, clock, new_id("gw"))
        owners = await _join(stack, database, ledger)
        journal = Journal(ledger, metrics, lines)
        measure(metrics, engines, writer, journal, lines)
        adapters = Adapters.open(settings.adapters_dir, catalog, engines.find_route)
        door = InferenceDoor(
            gate=gate,
            catalog=catalog,
            engines=engines,
            journal=journal,
            bounds=Bounds.of(settings),
            allowances=Allowances(database, gate, plans, default_plan=settings.default_plan),
            quota_status=settings.quota_status,
            admission=Admission(ledger),
            adapters=adapters,
            country=country,
            origins=frozenset(origin.encode() for origin in settings.cors_origins),
        )
        signed_in = identity_routes.signed_in(gate)
        pages = InferencePages(settings, catalog, engines, prober, database, clock)
        routers = [
            *pages.routers(stack, signed_in, local_token),
            gateway_routes.router(gate, catalog, engines, adapters, country),
            identity_routes.router(database, gate, secret, clock, Ways.of(settings)),
            project_routes.router(database, signed_in, clock, traces.cleaner.wake),
            *traces.search_routers(database, signed_in),
            ledger_routes.router(database, signed_in),
            *books.routers(signed_in),
            *billing.routers(signed_in, traces.has_call),
            wandb_routes.router(_front(traces, database, clock, settings)),
            limits_routes.router(limit_parts(database, gate, plans, settings, catalog, country)),
            health_router(engines, writer, metrics, traces.store.writer),
        ]
        around = Around(settings, database, billing.alerts, metrics)
        mounts = [*map(Mount, routers), *evals.mounts(door, around, ledger)]
        mounts.append(Mount(web_routes.router()))  # the last: it answers what nobody else does
        control = make_control(settings, with_refusals(mounts, traces.handlers()))
        recorder = open_recorder(stack, settings, traces.store.writer, metrics)
        doors = open_doors(stack, door, Keys(database, writer), recorder, evals.widen)
        doors |= evals.doors(door, recorder)
        server = make_server(control, settings, {**doors, **traces.handlers()})
        within = (settings, catalog, engines, prober, gate, owners, books, billing)
        yield House(*within, country, control, server, first)


def _metrics(traces: Traces) -> Metrics:
    metrics = Metrics()
    measure_traces(metrics, traces.store.writer)
    return metrics


def _front(traces: Traces, database: Database, clock: Clock, settings: Settings) -> Front:
    return Front(traces.gate, database, traces.store, clock, settings.public_url)


def _plans(database: Database, settings: Settings) -> Plans:
    plans = load_plans(settings.data_dir)
    with database.read() as connection:
        check_plans(connection, plans, settings.default_plan)
    return plans


def _gate(
    stack: contextlib.AsyncExitStack,
    settings: Settings,
    database: Database,
    secret: bytes,
    clock: Clock,
) -> Gate:
    """Who may do what; when keys were last used is written before it closes."""
    gate = Gate(database, secret, clock, require_project=settings.require_project)
    stack.callback(gate.close)
    stack.push_async_callback(gate.flush_last_used, everything=True)
    return gate


async def _join(stack: contextlib.AsyncExitStack, database: Database, ledger: Ledger) -> Owners:
    """This process says that it lives, from now until it is taken apart."""
    owners = Owners(database, ledger)
    await owners.join()
    stack.push_async_callback(owners.leave)
    return owners


def _request_log(stack: contextlib.AsyncExitStack, settings: Settings) -> RequestLog | None:
    lines = open_request_log(settings)
    if lines is not None:
        stack.push_async_callback(lines.close)
    return lines


def _catalog(settings: Settings, clock: Clock) -> Catalog:
    """The shipped cards and the user's own; the folder for those need not exist."""
    folder = settings.catalog_dir
    return load_catalog(folder if folder.is_dir() else None, clock=clock)


def _first_start(
    database: Database, secret: bytes, clock: Clock, settings: Settings
) -> FirstStart | None:
    with database.write() as connection:
        return first_start(
            connection,
            secret,
            clock,
            username=settings.admin_username,
            team=settings.team,
        )


async def _say_when_ready(
    house: House, listener: socket.socket, on_ready: Callable[[Ready], None]
) -> None:
    for _ in range(int(READY_TIMEOUT_S / READY_LOOK_S)):
        if is_settled(house.engines):
            break
        await asyncio.sleep(READY_LOOK_S)
    _favour_the_loop()
    first, port = house.first, listener.getsockname()[1]
    on_ready(ready(house.settings, first, house.catalog.cards, house.engines, port))


def _favour_the_loop() -> None:
    """Requests make hardly any cycles, so look for them seldom, and never again at what was built at the start."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD, 20, 20)
    sys.setswitchinterval(SWITCH_INTERVAL_S)


async def _flush_last_used(gate: Gate) -> None:
    while True:
        await asyncio.sleep(LAST_USED_INTERVAL_S)
        await gate.flush_last_used()


async def _let_cancelled_end(server: Server) -> None:
    """What the drain's end cancelled still writes its record and says goodbye."""
    if tasks := list(server.server_state.tasks):
        await asyncio.wait(tasks, timeout=CANCELLED_GRACE_S)
