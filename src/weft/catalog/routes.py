"""The public catalog over HTTP: no login, any origin, and an ETag so that a page that has it asks cheaply.

Whether a model runs is asked of `state_of`, and what probes found of it of `badges_of`; whoever mounts the router hands
them in. Errors are raised; the app writes
them.
"""

from collections.abc import Callable
from hashlib import sha256
from typing import Annotated

import msgspec
from fastapi import APIRouter, Header, Response

from weft.catalog.badges.wire import BadgesOf, no_badges
from weft.catalog.catalog import Catalog
from weft.catalog.types import ModelCard, ModelState
from weft.catalog.wire import CatalogPage, CatalogRow, catalog_page, catalog_row
from weft.kit.routes.schema import documented

StateOf = Callable[[ModelCard], ModelState]


def router(catalog: Catalog, state_of: StateOf, badges_of: BadgesOf = no_badges) -> APIRouter:
    """`GET /inference/catalog/models` and `GET /inference/catalog/models/{model_id}`."""
    routes = APIRouter(tags=["catalog"])

    def list_models(
        if_none_match: Annotated[str | None, Header()] = None,
    ) -> Response:
        """Every model of the catalog: what it is, costs and needs, and whether it runs here."""
        models = [(card, state_of(card)) for card in catalog.cards]
        return _reply(catalog_page(models, catalog.now(), badges_of), if_none_match)

    def get_model(
        model_id: str,
        if_none_match: Annotated[str | None, Header()] = None,
    ) -> Response:
        """One model of the catalog, by its id or an alias."""
        card = catalog.get(model_id)
        return _reply(catalog_row(card, state_of(card), catalog.now(), badges_of), if_none_match)

    routes.add_api_route(
        "/inference/catalog/models", list_models, responses=documented(CatalogPage)
    )
    routes.add_api_route(
        "/inference/catalog/models/{model_id:path}", get_model, responses=documented(CatalogRow)
    )
    return routes


def _reply(body: msgspec.Struct, if_none_match: str | None) -> Response:
    """The body, or 304 where the caller has it already (RFC 9110, section 13.1.2)."""
    content = msgspec.json.encode(body)
    etag = f'"{sha256(content).hexdigest()[:32]}"'
    headers = {"etag": etag, "cache-control": "no-cache", "access-control-allow-origin": "*"}
    known = [tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")]
    if etag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return Response(content=content, media_type="application/json", headers=headers)
