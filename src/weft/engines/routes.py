"""`/api/engines`: what runs, and loading, unloading, pinning and probing it. For admins of the server.

The command line of the same machine comes with a token that the server wrote down for it (`app/folder.py`); it opens
these routes and nothing else.
"""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import unquote

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
from weft.identity.audit.trail import Trail
from weft.identity.audit.types import OPERATOR, Actor
from weft.identity.rights.teams import require_server_admin
from weft.identity.types import User
from weft.kit.errors import NotFound

SignedIn = Callable[[Request], Awaitable[User]]
_MODEL = "/{model:path}"
_OPERATOR_LIMIT_CHARS = 128
MAX_AFTER = 2**53


def router(
    engines: Engines,
    catalog: Catalog,
    signed_in: SignedIn,
    local_token: str,
    probe: Probe,
    trail: Trail,
) -> APIRouter:
    """The routes; `local_token` is for whoever may read the data folder, empty for nobody."""
    routes = APIRouter(prefix="/api/engines", tags=["engines"])

    async def admin(request: Request) -> Actor:
        if _is_local(request, local_token):
            return Actor(_operator(request))
        user = await signed_in(request)
        require_server_admin(user, "see and steer its engines", "models ps")
        return Actor(user.username, user.id)

    allowed = [Depends(admin)]
    desk = _Desk(engines, catalog, trail)

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
        snapshot = _snapshot_of(engines, desk.find(model))
        return engine_log(snapshot, _replica_of(snapshot, replica), after, limit)

    @routes.get(_MODEL, dependencies=allowed)
    async def show_engine(model: str) -> ModelDetails:
        """One model, with the last lines that its engine wrote."""
        return await desk.details(desk.find(model))

    _ = (list_engines, show_engine, read_engine_log)
    _add_steering(routes, desk, admin, probe)
    return routes


@dataclass(frozen=True, slots=True)
class _Desk:
    engines: Engines
    catalog: Catalog
    trail: Trail

    def find(self, model: str) -> Route:
        return self.engines.find_route(self.catalog.get(model))

    async def details(self, route: Route) -> ModelDetails:
        snapshot = _snapshot_of(self.engines, route)
        return model_details(self.engines, snapshot, await MemoryUse.of([snapshot]))

    async def tell(self, by: Actor, verb: str, model: str) -> Route:
        """Where the model runs, once the audit log knows what is about to be done with it."""
        route = self.find(model)
        await self.trail.tell(by, f"engine.{verb}", route.asked.id)
        return route


def _add_steering(
    routes: APIRouter, desk: _Desk, admin: Callable[[Request], Awaitable[Actor]], probe: Probe
) -> None:
    engines = desk.engines

    @routes.post(f"{_MODEL}/load")
    async def load_engine(by: Annotated[Actor, Depends(admin)], model: str) -> ModelDetails:
        """Begin to load a model, as a request for it would. Does not wait until it is ready."""
        route = await desk.tell(by, "load", model)
        engines.load(route)
        return await desk.details(route)

    @routes.post(f"{_MODEL}/unload")
    async def unload_engine(by: Annotated[Actor, Depends(admin)], model: str) -> ModelDetails:
        """Let a model sleep once its requests are done. The next request wakes it."""
        route = await desk.tell(by, "unload", model)
        await engines.unload(route)
        return await desk.details(route)

    @routes.post(f"{_MODEL}/pin")
    async def pin_engine(by: Annotated[Actor, Depends(admin)], model: str) -> ModelDetails:
        """Load a model and keep it loaded, until it is unpinned or the server ends."""
        route = await desk.tell(by, "pin", model)
        engines.pin(route, True)  # noqa: FBT003 - the verb says it
        return await desk.details(route)

    @routes.post(f"{_MODEL}/unpin")
    async def unpin_engine(by: Annotated[Actor, Depends(admin)], model: str) -> ModelDetails:
        """Let a model sleep again when nobody uses it."""
        route = await desk.tell(by, "unpin", model)
        engines.pin(route, False)  # noqa: FBT003 - the verb says it
        return await desk.details(route)

    @routes.post(f"{_MODEL}/probe")
    async def probe_engine(by: Annotated[Actor, Depends(admin)], model: str) -> ProbedModel:
        """Probe a model that is awake, now; its badges, once that is done."""
        route = await desk.tell(by, "probe", model)
        return probed_model(route, await probe_when_asked(engines, probe, route))

    _ = (load_engine, unload_engine, pin_engine, unpin_engine, probe_engine)


def _replica_of(snapshot: ModelSnapshot, name: str) -> EngineSnapshot | None:
    if not name:
        return newest_replica(snapshot)
    for one in snapshot.replicas:
        if one.name == name:
            return one
    raise NotFound(
        f"{snapshot.model} has no replica {name!r}", remedy="`replicas` of the answer names them"
    )


def _is_local(request: Request, local_token: str) -> bool:
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    return bool(local_token) and secrets.compare_digest(given.encode(), local_token.encode())


def _operator(request: Request) -> str:
    """Whoever gave a command on this machine, as the command says; who has the token may be believed."""
    name = unquote(request.headers.get(OPERATOR, ""))[:_OPERATOR_LIMIT_CHARS]
    return name if name.isprintable() and name else "command line"


def _snapshot_of(engines: Engines, route: Route) -> ModelSnapshot:
    """Of the model that really serves: a stand-in is told under its own name."""
    return next(one for one in engines.models() if one.key == route.key)
