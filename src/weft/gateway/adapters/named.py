"""Adapters at the door: from the name in a request to the card, the adapter and the route that answer for it.

Owns who may use which: a request made on behalf of a team may use that team's adapters and those that are everybody's;
any other is as unknown as a model that does not exist. Asked only for names that can be no model's. Invariant: a key
that is restricted to a model may use its adapters, and one that is restricted to an adapter nothing else.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from weft.catalog.adapters.fit import fits, is_base
from weft.catalog.adapters.folder import AdapterFolder
from weft.catalog.adapters.names import names_of, parse_name
from weft.catalog.adapters.types import Adapter, AdapterName, AdapterUnusable, Unusable
from weft.catalog.catalog import Catalog
from weft.catalog.types import ModelCard
from weft.engines.adapters.hot import HotAdapters
from weft.engines.adapters.routes import AdapterRoutes
from weft.engines.types import Lease, Route
from weft.gateway.adapters.seams import Named, Send
from weft.identity.types import Principal

LOOK_EVERY_S = 1.0
"""How long an answer of the folder holds: so late is a new version seen."""
LOOK_TIMEOUT_S = 30.0
KEPT = 1024


@dataclass(frozen=True, slots=True)
class NamedAdapter(Named):
    """What a request asks for: a model with an adapter."""

    adapter: Adapter


class Adapters:
    """The adapters of a server, for those who ask by name: `gateway.adapters.seams.OtherNames`. For one event loop."""

    def __init__(self, catalog: Catalog, folder: AdapterFolder, routes: AdapterRoutes) -> None:
        self._catalog = catalog
        self._folder = folder
        self.routes = routes
        self.hot = HotAdapters()
        self._seen: dict[tuple[str, str, str], tuple[float, Adapter]] = {}

    @classmethod
    def open(cls, root: Path, catalog: Catalog, find_route: Callable[[ModelCard], Route]) -> Self:
        """Those of the folder `root`, which need not exist; `find_route` tells the route of a model by itself."""
        return cls(catalog, AdapterFolder(root), AdapterRoutes(find_route))

    async def find(self, principal: Principal, model: str) -> NamedAdapter:
        """What `model` names for this caller.

        Raises:
            ModelNotFound: there is no such adapter that the caller's team may use.
            ModelRetired: the model under it was withdrawn.
            AdapterUnusable: it is there, and not in order.
        """
        asked = parse_name(model)
        if asked is None or (asked.base and self._catalog.find(asked.base) is None):
            raise self._catalog.not_found(model)
        if asked.base:
            self._catalog.resolve(asked.base)  # retired: said before anything is looked for
        adapter = await self._look(principal, model, asked)
        if adapter is None:
            raise self._catalog.not_found(model)
        card = self._catalog.resolve(asked.base or self._base_of(adapter).id)
        return NamedAdapter(card, names_of(card.id, adapter, principal.project), adapter)

    async def route(self, named: Named) -> Route:
        """What answers for the model with the adapter; see `AdapterRoutes.find`."""
        assert isinstance(named, NamedAdapter), "found here"
        return await self.routes.find(named.card, named.adapter)

    def sender(self, lease: Lease, route: Route, send: Send) -> Send:
        """See `OtherNames.sender`: an engine that takes adapters while it runs is given this one first."""
        return self.hot.sender(lease, route, send) if route.plan.is_hot else send

    async def listed(self, principal: Principal) -> Sequence[NamedAdapter]:
        """The latest version of every adapter that this caller may use; without what is broken or fits no model."""
        async with asyncio.timeout(LOOK_TIMEOUT_S):
            found = await asyncio.to_thread(lambda: list(self._folder.listed(principal.team)))
        whole = [one for one in found if isinstance(one, Adapter)]
        own = {one.name for one in whole if one.team and one.project == principal.project}
        named: list[NamedAdapter] = []
        for adapter in whole:
            card = self._find_base(adapter)
            is_hidden = not adapter.team and adapter.name in own  # the name means the project's own
            if card is not None and fits(adapter, card) and not is_hidden:
                names = names_of(card.id, adapter, principal.project)
                named.append(NamedAdapter(card, names, adapter))
        return named

    async def _look(self, principal: Principal, model: str, asked: AdapterName) -> Adapter | None:
        key, now_s = (principal.team, principal.project, model), time.monotonic()
        seen = self._seen.get(key)
        if seen is not None and now_s < seen[0]:
            return seen[1]
        async with asyncio.timeout(LOOK_TIMEOUT_S):
            adapter = await asyncio.to_thread(
                self._folder.find, principal.team, principal.project, asked
            )
        if adapter is None:
            self._seen.pop(key, None)
            return None
        if len(self._seen) >= KEPT:
            self._seen.clear()
        self._seen[key] = (now_s + LOOK_EVERY_S, adapter)
        return adapter

    def _base_of(self, adapter: Adapter) -> ModelCard:
        card = self._find_base(adapter)
        if card is None:
            raise AdapterUnusable(
                f"The adapter {adapter.shown} was trained on `{adapter.peft.base_model[:200]}`,"
                " which is no model of this server",
                reason=Unusable.WRONG_BASE,
                remedy="write the exact id of its model here as `wandb.base_model` into the adapter's"
                " metadata.json; GET /v1/models lists them",
            )
        return card

    def _find_base(self, adapter: Adapter) -> ModelCard | None:
        card = self._catalog.find(adapter.peft.base_model)
        if card is not None and is_base(adapter, card):
            return card
        return next((card for card in self._catalog.cards if is_base(adapter, card)), None)
