"""`/call/update` and `/calls/delete`.

Shapes: the Weave trace server's API (client 0.54). Renaming is accepted while the database is away; deleting is not.
"""

from collections.abc import Awaitable, Callable, Sequence

import msgspec
from fastapi import APIRouter, Request, Response

from weft.kit.clock import to_us
from weft.kit.errors import InvalidRequest
from weft.traces.calls.change.remove import delete_calls
from weft.traces.calls.change.rename import RenameCall
from weft.traces.calls.parts import ID_CHARS, NAME_CHARS
from weft.traces.routes.desk import Desk, json_answer, trace_router
from weft.traces.store import TraceStore

DELETE_LIMIT = 100_000

Remove = Callable[[TraceStore, str, Sequence[str], int], Awaitable[int]]
"""Deletes calls of a project and all below them, at a time; how many there were."""


class UpdateBody(msgspec.Struct):
    """`call/update`."""

    project_id: str
    call_id: str
    display_name: str | None = None


class DeleteBody(msgspec.Struct):
    """`calls/delete`."""

    project_id: str
    call_ids: list[str]


def router(desk: Desk, remove: Remove = delete_calls) -> APIRouter:
    """The routes that change calls."""
    routes = trace_router()

    @routes.post("/call/update")
    async def update(request: Request) -> Response:
        """Give a call a display name, or take it away."""
        asked = await desk.writing(request, UpdateBody)
        name = asked.body.display_name
        _check(asked.body.call_id)
        if name is not None and len(name) > NAME_CHARS:
            raise InvalidRequest(
                f"display_name is over {NAME_CHARS} characters", param="display_name"
            )
        name = None if name is None else name.replace("\0", "\N{REPLACEMENT CHARACTER}")
        now_us = to_us(desk.clock.now())
        op = RenameCall(asked.project_id, asked.body.call_id, name, now_us)
        await desk.store.writer.write(op)
        return json_answer({})

    @routes.post("/calls/delete")
    async def delete(request: Request) -> Response:
        """Delete calls and everything below them; says how many there were."""
        asked = await desk.writing(request, DeleteBody)
        ids = asked.body.call_ids
        if len(ids) > DELETE_LIMIT:
            raise InvalidRequest(
                f"at most {DELETE_LIMIT} calls are deleted at once", param="call_ids"
            )
        for id_ in ids:
            _check(id_)
        now_us = to_us(desk.clock.now())
        removed = await remove(desk.store, asked.project_id, ids, now_us)
        return json_answer({"num_deleted": removed})

    _ = (update, delete)
    return routes


def _check(id_: str) -> None:
    if not 0 < len(id_) <= ID_CHARS or "\0" in id_:
        raise InvalidRequest(f"an id has 1 to {ID_CHARS} characters and no NUL", param="call_id")
