"""Which engine answers for a model: its own, by the first spec of its card that can be served here, or the stand-in.

Owns the routes. Knows nothing of what runs. Weights may come while the server runs: a model that had nothing to run it
with is looked at again when somebody asks for it. Invariant: a model that has a route keeps it.
"""

import math
import time
from collections.abc import Collection, Iterable
from dataclasses import replace

from weft.catalog.needs import not_runnable
from weft.catalog.types import ModelCard
from weft.engines.kinds.plan import make_plan
from weft.engines.ray.placement import RayOptions, place
from weft.engines.types import Machine, Route

STAND_IN_ID = "weft/tiny-chat"
"""The model that ships, and answers for those that this server cannot run."""
LOOK_AGAIN_S = 5.0


class Routes:
    """The route of each model."""

    def __init__(
        self,
        cards: Iterable[ModelCard],
        machine: Machine,
        *,
        ray: RayOptions | None,
        stand_in: bool,
    ) -> None:
        """Find a route for each of `cards`, where there is one; on the cluster of `ray`, if that is given.

        Raises:
            CannotStart: a card's engine table makes no sense.
        """
        self._machine = machine
        self._ray = ray
        self._routes: dict[str, Route] = {}
        for card in cards:
            self._look(card)
        self.stand_in = self._routes.get(STAND_IN_ID) if stand_in else None
        """What answers for models without a route of their own; None: nothing does."""
        self._stand_ins: dict[str, Route] = {}
        self._looked_at_s: dict[str, float] = {}

    def own(self) -> Collection[Route]:
        """Of the models that run here themselves."""
        return self._routes.values()

    def has_own(self, card: ModelCard) -> bool:
        """Whether the model runs here itself."""
        return card.id in self._routes

    def find(self, card: ModelCard) -> Route:
        """Which engine answers for `card`.

        Raises:
            ModelNotRunnable: this server has nothing to run it with.
        """
        return self._routes.get(card.id) or self._look_again(card) or self._stand_in_for(card)

    def look_now(self, card: ModelCard) -> bool:
        """Look again without waiting, because weights came; tells whether the model runs here itself."""
        return card.id in self._routes or self._look(card) is not None

    def _stand_in_for(self, card: ModelCard) -> Route:
        route = self._stand_ins.get(card.id)
        if route is None:
            if self.stand_in is None:
                raise not_runnable(card)
            route = self._stand_ins[card.id] = replace(self.stand_in, asked=card)
        return route

    def _look_again(self, card: ModelCard) -> Route | None:
        """At most every `LOOK_AGAIN_S`: it costs a look at the disk."""
        now_s = time.monotonic()
        if now_s - self._looked_at_s.get(card.id, -math.inf) < LOOK_AGAIN_S:
            return None
        self._looked_at_s[card.id] = now_s
        return self._look(card)

    def _look(self, card: ModelCard) -> Route | None:
        ray = self._ray if card.serving.placement == "auto" else None
        machine = ray.machine(self._machine) if ray else self._machine
        for spec in card.engines:
            plan = make_plan(card, spec, machine)
            if plan is not None:
                plan = place(plan, ray) if ray else plan
                route = self._routes[card.id] = Route(card, card, spec, plan)
                return route
        return None
