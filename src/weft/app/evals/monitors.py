"""Monitors, put together: what they judge with, what that costs, whom they tell, and how people handle them."""

import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Request

from weft.app.evals.stewards import Stewards
from weft.billing.alerts.types import Said
from weft.billing.alerts.watch import Alerts
from weft.catalog.adapters.names import may_name_adapter
from weft.evals.door import Asker, Door
from weft.evals.monitors import routes as monitor_routes
from weft.evals.monitors.desk import MonitorDesk
from weft.evals.monitors.routes import Office
from weft.evals.monitors.watching.parts import Pace, Parts
from weft.evals.monitors.watching.rules import Alarm
from weft.evals.monitors.watching.watch import Monitors
from weft.evals.ops import Ops
from weft.evals.prompts import Prompts
from weft.evals.shelf import Shelf
from weft.gateway.flow import InferenceDoor
from weft.identity.people import user_names
from weft.kit.clock import Clock
from weft.kit.db import Database
from weft.kit.errors import WeftError
from weft.kit.metrics import MONITOR_REFUSALS, MONITOR_STATES, MONITOR_VERDICTS, Metrics
from weft.kit.money import NUSD_PER_USD, NanoUsdPerMtok
from weft.kit.settings import Settings
from weft.ledger.usage.store import find_usage
from weft.limits.country.guard import CountryGuard
from weft.traces.routes.desk import Desk


@dataclass(frozen=True, slots=True)
class Around:
    """What monitors need of other rooms."""

    settings: Settings
    database: Database
    """Of everything but traces."""
    alerts: Alerts
    metrics: Metrics


@dataclass(frozen=True, slots=True)
class Charges:
    """Implements `Charges` and `Prices` of `evals.monitors` by the door's own bound and the ledger's own record."""

    door: InferenceDoor
    stewards: Stewards
    database: Database
    clock: Clock

    async def worst_nusd(self, asker: Asker, payload: bytes) -> int:
        """See `Charges.worst_nusd`: what the door would hold for it, were there no limit."""
        errand = self.door.read(payload, self.door.bounds)
        if may_name_adapter(errand.model):
            named = await self.door.adapters.find(
                await self.stewards.principal(asker), errand.model
            )
            route = await self.door.adapters.route(named)
        else:
            route = self.door.engines.find_route(self.door.catalog.resolve(errand.model))
        return errand.estimate(route).cost_nusd(route.card.price_at(self.clock.now()))

    async def charged_nusd(self, request_id: str) -> int | None:
        """See `Charges.charged_nusd`."""
        found = await self.database.read_soon(lambda c: find_usage(c, request_id))
        return None if found is None else found.cost_nusd

    def prices_of(self, model: str) -> tuple[NanoUsdPerMtok, NanoUsdPerMtok] | None:
        """See `Prices.prices_of`."""
        try:
            price = self.door.catalog.resolve(model).price_at(self.clock.now())
        except WeftError:
            return None
        return price.input_nusd_per_mtok, price.output_nusd_per_mtok


@dataclass(frozen=True, slots=True)
class BillingHerald:
    """Implements `Herald` by the queue that all alerts take."""

    alerts: Alerts

    async def tell(self, alarm: Alarm) -> None:
        """See `Herald.tell`."""
        await self.alerts.tell(
            alarm.team_id, alarm.key, Said(alarm.subject, alarm.facts, alarm.path)
        )


def open_monitors(
    stack: contextlib.AsyncExitStack,
    around: Around,
    desk: Desk,
    shelf: Shelf,
    ops: Ops,
    prompts: Prompts,
    door: InferenceDoor,
    inner: Door,
) -> APIRouter:
    """Look after all monitors until `stack` closes; their routes."""
    settings, stewards = around.settings, Stewards(around.database)
    charges = Charges(door, stewards, around.database, desk.clock)
    pace = Pace(settings.monitor_look_s, settings.monitor_per_minute, settings.monitor_backlog)
    herald = BillingHerald(around.alerts)
    monitors = Monitors(
        Parts(desk.store, shelf, ops, prompts, inner, charges, stewards, herald, desk.clock, pace)
    )
    monitors.start()
    stack.push_async_callback(monitors.close)
    _measure(around.metrics, monitors)
    max_nusd = settings.monitor_max_budget_usd * NUSD_PER_USD
    handled = MonitorDesk(shelf, desk.gate, desk.clock, max_nusd, _names(around.database))
    return monitor_routes.router(Office(desk, handled, charges, _country(door.country)))


def _names(database: Database) -> Callable[[set[str]], Awaitable[Mapping[str, str]]]:
    async def names(user_ids: set[str]) -> Mapping[str, str]:
        return await database.read_soon(lambda c: user_names(c, user_ids))

    return names


def _country(guard: CountryGuard | None) -> Callable[[Request], None]:
    def check(request: Request) -> None:
        if guard is not None:
            peer = request.client.host if request.client else ""
            guard.decide(peer, request.headers.raw).enforce()

    return check


def _measure(metrics: Metrics, monitors: Monitors) -> None:
    tally = monitors.tally

    def states() -> list[tuple[tuple[str, ...], float]]:
        every = list(tally.states.values())
        return [((why.value or "running",), float(every.count(why))) for why in sorted(set(every))]

    metrics.register(MONITOR_STATES, states)
    metrics.register(MONITOR_VERDICTS, lambda: [((), float(tally.judged))])
    metrics.register(MONITOR_REFUSALS, lambda: [((), float(tally.refused))])
