"""`/api/playground/{team}/{project}/providers`: custom providers; members see them, those who may write change them."""

import time
from typing import Annotated

from fastapi import APIRouter, Path, Request

from weft.evals.providers.book import ProviderBook, Way
from weft.evals.providers.reach import check_key, place_of
from weft.evals.providers.types import PROVIDER_NAME, Provider
from weft.evals.providers.wire import (
    ProviderList,
    ProviderTold,
    ProviderWanted,
    Tested,
    told,
)
from weft.identity.projects.gate import Visitor
from weft.kit.errors import NotFound
from weft.traces.routes.desk import Desk

BASE = "/api/playground/{team}/{project}/providers"
MAX_MODELS_TOLD = 1000
_Name = Annotated[str, Path(pattern=PROVIDER_NAME)]


def router(desk: Desk, book: ProviderBook) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix=BASE, tags=["playground"])

    async def writer(request: Request, team: str, project: str) -> Visitor:
        visitor = await desk.enter(request, f"{team}/{project}")
        visitor.may_write()
        return visitor

    @routes.get("")
    async def list_providers(request: Request, team: str, project: str) -> ProviderList:
        """The project's providers with their models; never a key."""
        visitor = await desk.enter(request, f"{team}/{project}")
        providers, keys = await book.listed(visitor.project_id)
        return ProviderList(providers=[told(one, keys.get(one.name)) for one in providers])

    @routes.put("/{name}")
    async def put_provider(
        request: Request, team: str, project: str, name: _Name, wanted: ProviderWanted
    ) -> ProviderTold:
        """Make a provider or change it; a key that is left out stays."""
        visitor = await writer(request, team, project)
        await book.save(visitor, name, wanted.wanted())
        providers, keys = await book.listed(visitor.project_id)
        found = next(one for one in providers if one.name == name)
        return told(found, keys.get(name))

    @routes.delete("/{name}", status_code=204)
    async def delete_provider(request: Request, team: str, project: str, name: _Name) -> None:
        """Remove a provider, its models and its key."""
        await book.remove(await writer(request, team, project), name)

    @routes.post("/{name}/test")
    async def test_provider(
        request: Request, team: str, project: str, name: _Name, wanted: ProviderWanted | None = None
    ) -> Tested:
        """Ask a provider for its models: the one that is there, or, with a body, one that is to be saved.

        A body without a key is tried with the one that is there, if it was set for the same server.
        """
        visitor = await writer(request, team, project)
        way = await _way(book, visitor, name, wanted)
        began_s = time.perf_counter()
        models = await book.models(way)
        total_ms = (time.perf_counter() - began_s) * 1e3
        return Tested(models=models[:MAX_MODELS_TOLD], total_ms=total_ms)

    _ = (list_providers, put_provider, delete_provider, test_provider)
    return routes


async def _way(
    book: ProviderBook, visitor: Visitor, name: str, wanted: ProviderWanted | None
) -> Way:
    if wanted is None:
        return await book.way(visitor.project_id, name)
    new = wanted.wanted()
    place = place_of(new.base_url, new.headers)
    key = new.api_key
    if key is None:
        try:
            kept = await book.way(visitor.project_id, name)
        except NotFound:
            key = ""
        else:
            key = kept.key if kept.place.name == place.name else ""
    check_key(place, key)
    tried = Provider(name, new.base_url, new.headers, "", new.models, "", 0, 0, "")
    return Way(tried, place, key)
