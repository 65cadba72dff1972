"""`/api/models`: models of the hub looked at and downloaded, for admins of the server; and how awake each model is.

A download is a job of the server: it goes on when the page that started it is closed.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel

from weft.catalog.catalog import Catalog
from weft.engines.adding.answers import (
    DownloadAsk,
    DownloadInfo,
    DownloadsInfo,
    LookedInfo,
    ask_of,
    download_info,
    looked_info,
)
from weft.engines.adding.jobs import Downloads
from weft.engines.adding.types import Ask, Download, KnownModel
from weft.engines.pool import Engines
from weft.engines.types import ModelStage
from weft.identity.audit.trail import Trail
from weft.identity.rights.teams import require_server_admin
from weft.identity.types import User

SignedIn = Callable[[Request], Awaitable[User]]
_Id = Annotated[str, Path(max_length=64)]


class ModelStageInfo(BaseModel):
    """Where a model is, over all its engines."""

    model: str
    stage: ModelStage
    eta_s: float | None
    """Until a request that comes now is taken; null while it is ready."""
    pinned: bool


class ModelStages(BaseModel):
    """The models that have engines of their own here; of all others the catalog tells."""

    models: list[ModelStageInfo]


def router(
    engines: Engines,
    catalog: Catalog,
    downloads: Downloads,
    signed_in: SignedIn,
    trail: Trail,
) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/api/models", tags=["models"])
    _add_stages(routes, engines, signed_in)
    _add_downloads(routes, catalog, downloads, signed_in=signed_in, trail=trail)
    return routes


def _add_stages(routes: APIRouter, engines: Engines, signed_in: SignedIn) -> None:
    @routes.get("/stages", dependencies=[Depends(signed_in)])
    async def list_stages() -> ModelStages:  # pyright: ignore[reportUnusedFunction]
        """How awake each model is: small enough to be asked every few seconds while something changes."""
        return ModelStages(
            models=[
                ModelStageInfo(
                    model=one.key, stage=one.stage, eta_s=one.eta_s, pinned=one.is_pinned
                )
                for one in engines.models()
                if one.key == one.model
            ]
        )


def _add_downloads(
    routes: APIRouter,
    catalog: Catalog,
    downloads: Downloads,
    *,
    signed_in: SignedIn,
    trail: Trail,
) -> None:
    async def admin(request: Request) -> User:
        user = await signed_in(request)
        require_server_admin(user, "add models", "models add")
        return user

    allowed = [Depends(admin)]

    def ask(body: DownloadAsk) -> Ask:
        known = KnownModel(catalog.get(body.model), body.engine) if body.model else None
        return ask_of(body, known)

    @routes.post("/look", dependencies=allowed)
    async def look_at_model(body: DownloadAsk) -> LookedInfo:
        """What a download would bring, how large it is, and what it takes to run it. Changes nothing."""
        looked = await downloads.look(ask(body))
        return looked_info(looked, downloads.shop.weights.free_bytes())

    @routes.get("/downloads", dependencies=allowed)
    async def list_downloads() -> DownloadsInfo:
        """Every download, newest first."""
        shop = downloads.shop
        return DownloadsInfo(
            downloads=[download_info(one) for one in downloads.all()],
            source=shop.source_name,
            has_token=shop.has_token,
            free_bytes=shop.weights.free_bytes(),
        )

    _ = (look_at_model, list_downloads)
    _add_jobs(routes, downloads, admin, ask=ask, trail=trail)


def _add_jobs(
    routes: APIRouter,
    downloads: Downloads,
    admin: Callable[[Request], Awaitable[User]],
    *,
    ask: Callable[[DownloadAsk], Ask],
    trail: Trail,
) -> None:
    caller = Depends(admin)

    async def told(user: User, verb: str, download: Download) -> DownloadInfo:
        info = download_info(download)
        await trail.tell(user, f"download.{verb}", info.model, repository=info.repository)
        return info

    @routes.post("/downloads", status_code=202)
    async def start_download(body: DownloadAsk, user: Annotated[User, caller]) -> DownloadInfo:
        """Begin to download a model. Once its weights are here, a new model's card is written and it is served."""
        return await told(user, "start", downloads.start(ask(body), user.username))

    @routes.post("/downloads/{id}/cancel")
    async def cancel_download(
        id: _Id,  # noqa: A002 - the path's word
        user: Annotated[User, caller],
    ) -> DownloadInfo:
        """Stop a download. What it brought stays, and is gone on with when it is resumed."""
        return await told(user, "cancel", downloads.cancel(id))

    @routes.post("/downloads/{id}/resume")
    async def resume_download(
        id: _Id,  # noqa: A002 - the path's word
        user: Annotated[User, caller],
    ) -> DownloadInfo:
        """Go on with a download that failed or was cancelled, where it stopped."""
        return await told(user, "resume", downloads.resume(id))

    @routes.delete("/downloads/{id}", status_code=204)
    async def forget_download(
        id: _Id,  # noqa: A002 - the path's word
        user: Annotated[User, caller],
    ) -> None:
        """Take a download that is over off the list. Its files stay."""
        downloads.forget(id)
        await trail.tell(user, "download.forget", id)

    _ = (start_download, cancel_download, resume_download, forget_download)
