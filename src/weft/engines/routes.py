"""`/api/engines`: what runs, and loading, unloading, pinning and probing it. For admins of the server.

The command line of the same machine comes with a token that the server wrote down for it (`app/folder.py`); it opens
these routes and nothing else.
"""

import secrets
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from weft.catalog.catalog import Catalog
from weft.engines.answers import (
    EngineLog,
    MemoryUse,
    ModelDetails,
    ModelInfos,
    ProbedModel,
    engine_log,
    model_details,
    model_infos,
    newest_replica,
    probed_model,
)
from weft.engines.pool import Engines
from weft.engines.probes.asked import Probe, probe_when_asked
from weft.engines.process.logs import RING_LINES
from weft.engines.types import EngineSnapshot, ModelSnapshot, Route
from weft.identity.types import User
from weft.kit.errors import NotFound, NotPermitted

SignedIn = Callable[[Request], Awaitable[User]]
_MODEL = "/{model:path}"
MAX_AFTER = 2**53


def router(
    engines: Engines, catalog: Catalog, signed_in: SignedIn, local_token: str, probe: Probe
) -> APIRouter:
    """The routes; `local_token` is for whoever may read the data folder, empty for nobody."""
    routes = APIRouter(prefix="/api/engines", tags=["engines"])

    async def admin(request: Request) -> None:
        if not _is_local(request, local_token) and not (await signed_in(request)).is_admin:
            raise _not_an_admin()

    allowed = [Depends(admin)]

    def find(model: str) -> Route:
        return engines.find_route(catalog.get(model))

    async def details(route: Route) -> ModelDetails:
        snapshot = _snapshot_of(engines, route)
        return model_details(engines, snapshot, await MemoryUse.of([snapshot]))

    @routes.get("", dependencies=allowed)
    async def list_engines() -> ModelInfos:
        """Every model that this server can run: its state, its replicas, and what they use."""
        snapshots = list(engines.models())
        memory = await MemoryUse.of(snapshots)
        return model_infos(engines, memory, snapshots)

    @routes.get(f"{_MODEL}/log", dependencies=allowed)
    async def read_engine_log(
        model: str,
        replica: Annotated[str, Query(max_length=300, description="the newest one if empty")] = "",
        after: Annotated[int, Query(ge=0, le=MAX_AFTER, description="`next` of an answer")] = 0,
        limit: Annotated[int, Query(ge=1, le=RING_LINES)] = RING_LINES,
    ) -> EngineLog:
        """What a model's engine wrote, and with `after` what it wrote since: ask again to follow it."""
        snapshot = _snapshot_of(engines, find(model))
        return engine_log(snapshot, _replica_of(snapshot, replica), after, limit)

    @routes.get(_MODEL, dependencies=allowed)
    async def show_engine(model: str) -> ModelDetails:
        """One model, with the last lines that its engine wrote."""
        return await details(find(model))

    @routes.post(f"{_MODEL}/load", dependencies=allowed)
    async def load_engine(model: str) -> ModelDetails:
        """Begin to load a model, as a request for it would. Does not wait until it is ready."""
        route = find(model)
        engines.load(route)
        return await details(route)

    @routes.post(f"{_MODEL}/unload", dependencies=allowed)
    async def unload_engine(model: str) -> ModelDetails:
        """Let a model sleep once its requests are done. The next request wakes it."""
        route = find(model)
        await engines.unload(route)
        return await details(route)

    @routes.post(f"{_MODEL}/pin", dependencies=allowed)
    async def pin_engine(model: str) -> ModelDetails:
        """Load a model and keep it loaded, until it is unpinned or the server ends."""
        route = find(model)
        engines.pin(route, True)  # noqa: FBT003 - the verb says it
        return await details(route)

    @routes.post(f"{_MODEL}/unpin", dependencies=allowed)
    async def unpin_engine(model: str) -> ModelDetails:
        """Let a model sleep again when nobody uses it."""
        route = find(model)
        engines.pin(route, False)  # noqa: FBT003 - the verb says it
        return await details(route)

    @routes.post(f"{_MODEL}/probe", dependencies=allowed)
    async def probe_engine(model: str) -> ProbedModel:
        """Probe a model that is awake, now; its badges, once that is done."""
        route = find(model)
        return probed_model(route, await probe_when_asked(engines, probe, route))

    _ = (list_engines, show_engine, load_engine, unload_engine, pin_engine, unpin_engine)
    _ = (probe_engine, read_engine_log)
    return routes


def _replica_of(snapshot: ModelSnapshot, name: str) -> EngineSnapshot | None:
    if not name:
        return newest_replica(snapshot)
    for one in snapshot.replicas:
        if one.name == name:
            return one
    raise NotFound(
        f"{snapshot.model} has no replica {name!r}", remedy="`replicas` of the answer names them"
    )


def _not_an_admin() -> NotPermitted:
    return NotPermitted(
        "Only admins of the server see and steer its engines",
        remedy="Ask whoever runs the server; on its machine `weft models ps` does it.",
    )


def _is_local(request: Request, local_token: str) -> bool:
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    return bool(local_token) and secrets.compare_digest(given.encode(), local_token.encode())


def _snapshot_of(engines: Engines, route: Route) -> ModelSnapshot:
    """Of the model that really serves: a stand-in is told under its own name."""
    return next(one for one in engines.models() if one.key == route.key)
