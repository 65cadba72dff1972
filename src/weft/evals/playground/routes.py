"""`/api/playground/{team}/{project}/models` and `.../history`: what was saved, and what was said."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from weft.evals.playground import history, saved
from weft.evals.playground.wire import ChatPage, ChatWhole, SavedList, SavedModel, SavedWanted
from weft.evals.shelf import Shelf
from weft.traces.calls.read.reader import CallReader
from weft.traces.routes.desk import Desk

BASE = "/api/playground/{team}/{project}"


def router(desk: Desk, shelf: Shelf, reader: CallReader) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix=BASE, tags=["playground"])
    _add_saved(routes, desk, shelf)
    _add_history(routes, desk, reader)
    return routes


def _add_saved(routes: APIRouter, desk: Desk, shelf: Shelf) -> None:
    @routes.get("/models")
    async def list_saved_models(request: Request, team: str, project: str) -> SavedList:
        """The latest version of every saved model, the newest first."""
        visitor = await desk.enter(request, f"{team}/{project}")
        return SavedList(models=await saved.latest(shelf, visitor))

    @routes.post("/models")
    async def save_model(
        request: Request, team: str, project: str, wanted: SavedWanted
    ) -> SavedModel:
        """Save a model with its settings: a new version, where one of this name is there already."""
        visitor = await desk.enter(request, f"{team}/{project}")
        visitor.may_write()
        return await saved.save(shelf, visitor, wanted)

    @routes.get("/models/{object_id}/versions")
    async def list_saved_versions(
        request: Request, team: str, project: str, object_id: str
    ) -> SavedList:
        """All versions of a saved model, the newest first."""
        visitor = await desk.enter(request, f"{team}/{project}")
        return SavedList(models=await saved.versions(shelf, visitor, object_id))

    @routes.get("/models/{object_id}/versions/{version}")
    async def show_saved_model(
        request: Request, team: str, project: str, object_id: str, version: str
    ) -> SavedModel:
        """One version, by digest, `latest`, `v3` or an alias."""
        visitor = await desk.enter(request, f"{team}/{project}")
        return await saved.load(shelf, visitor, object_id, version)

    @routes.delete("/models/{object_id}", status_code=204)
    async def delete_saved_model(request: Request, team: str, project: str, object_id: str) -> None:
        """Remove a saved model with all its versions."""
        visitor = await desk.enter(request, f"{team}/{project}")
        visitor.may_write()
        await saved.remove(shelf, visitor, object_id)

    _ = (list_saved_models, save_model, list_saved_versions, show_saved_model, delete_saved_model)


def _add_history(routes: APIRouter, desk: Desk, reader: CallReader) -> None:
    @routes.get("/history")
    async def list_history(
        request: Request,
        team: str,
        project: str,
        limit: Annotated[int, Query(ge=1, le=history.MAX_PAGE)] = history.PAGE,
        cursor: Annotated[str | None, Query(max_length=64)] = None,
        mine: bool = False,  # noqa: FBT001, FBT002 - the query's word
        q: Annotated[str, Query(max_length=history.SEARCH_CHARS)] = "",
    ) -> ChatPage:
        """The chats that members had in the playground, newest first.

        `mine`: only the caller's; `q`: only those with each of its words in model, messages or answer.
        """
        visitor = await desk.enter(request, f"{team}/{project}")
        user_id = visitor.user_id if mine else None
        return await history.page(reader, visitor, history.Cut(limit, cursor, user_id, q))

    @routes.get("/history/{chat_id}")
    async def show_chat(request: Request, team: str, project: str, chat_id: str) -> ChatWhole:
        """One chat with what was asked and answered, to be gone on with."""
        visitor = await desk.enter(request, f"{team}/{project}")
        return await history.chat(reader, visitor, chat_id)

    _ = (list_history, show_chat)
