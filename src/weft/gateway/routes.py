"""The door's small routes: which models there are. The large one, chat completions, is `flow.py` and takes no route.

They ask for a key like every `/v1` path, and answer in OpenAI's shapes.
"""

import msgspec
from fastapi import APIRouter, Request, Response

from weft.catalog.catalog import Catalog
from weft.catalog.wire import ModelPage, ModelRow, model_page, model_row
from weft.engines.pool import Engines
from weft.identity.headers import credentials_of
from weft.identity.principal import Gate, may_use_model
from weft.identity.types import Principal
from weft.kit.schema import documented
from weft.limits.country.guard import CountryGuard


def router(
    gate: Gate, catalog: Catalog, engines: Engines, country: CountryGuard | None = None
) -> APIRouter:
    """`GET /v1/models` and `GET /v1/models/{model_id}`, whose id may hold slashes."""
    routes = APIRouter(prefix="/v1", tags=["inference"])

    async def caller(request: Request) -> Principal:
        authorization, project = credentials_of(request.headers.raw)
        principal = gate.find(authorization, project) or await gate.authorize(
            authorization, project
        )
        if country is not None:
            peer = request.client.host if request.client else ""
            country.decide(peer, request.headers.raw).enforce()
        return principal

    def allowed(principal: Principal, model_id: str) -> bool:
        return principal.allowed_models is None or model_id in principal.allowed_models

    @routes.get("/models", responses=documented(ModelPage))
    async def list_models(  # pyright: ignore[reportUnusedFunction] - the decorator uses it
        request: Request,
    ) -> Response:
        """The models that this key may call here."""
        principal = await caller(request)
        models = [
            (card, engines.state_of(card)) for card in catalog.cards if allowed(principal, card.id)
        ]
        return _reply(model_page(models, catalog.now()))

    @routes.get("/models/{model_id:path}", responses=documented(ModelRow))
    async def get_model(  # pyright: ignore[reportUnusedFunction] - the decorator uses it
        model_id: str, request: Request
    ) -> Response:
        """One model by its id; 404 for one that does not run here, saying what it would need."""
        principal = await caller(request)
        card = catalog.resolve(model_id)
        may_use_model(principal, card.id)
        engines.find_route(card)
        return _reply(model_row(card, engines.state_of(card)))

    return routes


def _reply(body: msgspec.Struct) -> Response:
    return Response(content=msgspec.json.encode(body), media_type="application/json")
