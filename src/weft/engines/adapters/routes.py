"""Which engine answers for a model with an adapter: planned once, from the model's own route.

Owns the routes of adapters. Starts nothing: the pool makes the engines of a route that it never saw when somebody asks
for a lease. Invariant: an adapter is never kept awake or started ahead because its model is, and a stand-in never
answers for one.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace

from weft.catalog.adapters.fit import check_fit
from weft.catalog.adapters.types import Adapter
from weft.catalog.needs import not_runnable
from weft.catalog.types import ModelCard
from weft.engines.adapters.plan import plan_with
from weft.engines.types import Route

KEPT = 256
"""Routes known by heart."""
PLAN_TIMEOUT_S = 30.0
"""For reading the heads of two files."""


class AdapterRoutes:
    """The routes of adapters. For one event loop."""

    def __init__(self, find_route: Callable[[ModelCard], Route]) -> None:
        """`find_route` tells the route of a model by itself."""
        self._find_route = find_route
        self._known: OrderedDict[str, tuple[Route, Route]] = OrderedDict()

    async def find(self, card: ModelCard, adapter: Adapter) -> Route:
        """Which engine answers for `card` with `adapter`.

        Raises:
            ModelNotRunnable: this server has nothing to run the model with.
            AdapterUnusable: the adapter does not fit the model, or its engine.
        """
        base = self._find_route(card)
        if base.is_stand_in:
            raise not_runnable(card)
        key = _key(card, adapter)
        known = self._known.get(key)
        if known is not None and known[0] is base:
            self._known.move_to_end(key)
            return known[1]
        check_fit(adapter, card)
        async with asyncio.timeout(PLAN_TIMEOUT_S):
            plan = await asyncio.to_thread(plan_with, base.plan, base.spec, adapter)
        serving = replace(card.serving, min_replicas=0, pinned=False)
        served = replace(base.card, serving=serving)
        route = replace(base, card=served, plan=plan, adapter=adapter)
        self._known[key] = (base, route)
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        return route

    def known(self, card: ModelCard, adapter: Adapter) -> Route | None:
        """The route, if it was ever asked for: without looking at a file."""
        known = self._known.get(_key(card, adapter))
        return known[1] if known else None


def _key(card: ModelCard, adapter: Adapter) -> str:
    return f"{card.id}:{adapter.key}"
