"""The door's small routes: which models there are. The large one, chat completions, is `flow.py` and takes no route.

They ask for a key like every `/v1` path, and answer in OpenAI's shapes.
"""

from functools import partial

import msgspec
from fastapi import APIRouter, Request, Response

from weft.catalog.adapters.names import may_name_adapter
from weft.catalog.catalog import Catalog
from weft.catalog.types import ModelState
from weft.catalog.wire import ModelPage, ModelRow, adapter_row, model_page, model_row
from weft.engines.pool import Engines
from weft.engines.probes.schedule import badges_of
from weft.gateway.adapters.named import Adapters, NamedAdapter
from weft.identity.headers import credentials_of
from weft.identity.principal import Gate, is_allowed_model, may_use_model
from weft.identity.types import Principal
from weft.kit.routes.schema import documented
from weft.limits.country.guard import CountryGuard


def router(
    gate: Gate,
    catalog: Catalog,
    engines: Engines,
    adapters: Adapters,
    country: CountryGuard | None = None,
) -> APIRouter:
    """`GET /v1/models` and `GET /v1/models/{model_id}`, whose id may hold slashes."""
    routes = APIRouter(prefix="/v1", tags=["inference"])
    badges = partial(badges_of, engines)

    async def caller(request: Request) -> Principal:
        authorization, project = credentials_of(request.headers.raw)
        principal = gate.find(authorization, project) or await gate.authorize(
            authorization, project
        )
        if country is not None:
            peer = request.client.host if request.client else ""
            country.decide(peer, request.headers.raw).enforce()
        return principal

    def state_of(named: NamedAdapter) -> ModelState:
        """A model that another stands in for has no adapters; one that runs may have to load it first."""
        state = engines.state_of(named.card)
        if state.stand_in or not state.runnable:
            return ModelState.NOT_RUNNABLE
        route = adapters.routes.known(named.card, named.adapter)
        is_awake = route is not None and engines.is_awake(route)
        return ModelState.READY if is_awake else ModelState.ASLEEP

    def rows_of(named: NamedAdapter, principal: Principal) -> list[ModelRow]:
        if not state_of(named).runnable:
            return []
        if not is_allowed_model(principal, named.card.id, named.names):
            return []
        return [adapter_row(named.card, state_of(named), named.adapter, named.names[0], badges)]

    @routes.get("/models", responses=documented(ModelPage))
    async def list_models(  # pyright: ignore[reportUnusedFunction] - the decorator uses it
        request: Request,
    ) -> Response:
        """The models that this key may call here, and the adapters on them."""
        principal = await caller(request)
        models = [
            (card, engines.state_of(card))
            for card in catalog.cards
            if is_allowed_model(principal, card.id)
        ]
        found = await adapters.listed(principal)
        rows = [row for named in found for row in rows_of(named, principal)]
        return _reply(model_page(models, catalog.now(), rows, badges))

    @routes.get("/models/{model_id:path}", responses=documented(ModelRow))
    async def get_model(  # pyright: ignore[reportUnusedFunction] - the decorator uses it
        model_id: str, request: Request
    ) -> Response:
        """One model by its id; 404 for one that does not run here, saying what it would need."""
        principal = await caller(request)
        if may_name_adapter(model_id):
            named = await adapters.find(principal, model_id)
            may_use_model(principal, named.card.id, named.names)
            await adapters.routes.find(named.card, named.adapter)
            return _reply(adapter_row(named.card, state_of(named), named.adapter, model_id, badges))
        card = catalog.resolve(model_id)
        may_use_model(principal, card.id)
        engines.find_route(card)
        return _reply(model_row(card, engines.state_of(card), badges))

    return routes


def _reply(body: msgspec.Struct) -> Response:
    return Response(content=msgspec.json.encode(body), media_type="application/json")
