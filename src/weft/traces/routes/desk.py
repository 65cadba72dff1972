"""What a route of traces works with, and how it is written: `TraceRoute` for its errors, `Desk` for all else.

A route takes the plain `Request`. `await desk.reading(request, Shape)` decodes the body and lets the caller into the
project that it names; `desk.writing` is for those who change something. Unknown fields are left out: newer clients send
them.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from typing_extensions import override

from weft.identity.headers import credentials_of
from weft.identity.login.cookie import COOKIE, refuse_other_sites
from weft.identity.projects.gate import Credentials, ProjectGate, Visitor
from weft.kit.clock import Clock
from weft.kit.errors import InvalidRequest, WeftError
from weft.traces.costs.book import EMPTY_BOOK, PriceBook
from weft.traces.errors import error_body
from weft.traces.json_text import BadShape, decode_soon
from weft.traces.store import TraceStore

PREFIXES = ("/traces", "")
"""Clients that know `WANDB_BASE_URL` ask under `/traces`; those that know `WF_TRACE_SERVER_URL`, at the root."""


S = TypeVar("S")


class TraceRoute(APIRoute):
    """A route whose errors have the shape that the Weave clients read."""

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap FastAPI's own handler."""
        handle = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await handle(request)
            except WeftError as error:
                return error_answer(error)
            except RequestValidationError as error:
                first = error.errors()[0]
                place = ".".join(str(part) for part in first["loc"])
                return error_answer(BadShape(f"{place}: {first['msg']}"))

        return answered


@dataclass(frozen=True, slots=True)
class Asked(Generic[S]):
    """A request that was read, and who sent it."""

    body: S
    visitor: Visitor

    @property
    def project_id(self) -> str:
        """Identity's id of the project: what the store is asked for."""
        return self.visitor.project_id


@dataclass(frozen=True, slots=True)
class Desk:
    """Store, gate, clock, and what this server asks for its models."""

    store: TraceStore
    gate: ProjectGate
    clock: Clock
    book: PriceBook = EMPTY_BOOK

    async def reading(self, request: Request, shape: type[S]) -> Asked[S]:
        """The body, from somebody who may read the project that its `project_id` names.

        Raises:
            WeftError: the body is none, or the caller may not.
        """
        body = await decoded(request, shape)
        return Asked(body, await self.enter(request, project_of(body)))

    async def writing(self, request: Request, shape: type[S]) -> Asked[S]:
        """As `reading`, from somebody who may also write."""
        asked = await self.reading(request, shape)
        asked.visitor.may_write()
        return asked

    async def enter(self, request: Request, project: str) -> Visitor:
        """Let the caller of a request into `team/project`.

        Raises:
            WeftError: they may not.
        """
        return await self.gate.enter(credentials(request), project)


async def decoded(request: Request, shape: type[S]) -> S:
    """The body of a request; a long one is read beside the event loop, where inference goes on.

    Raises:
        BadJson: it is no JSON, or its fields have other types.
    """
    return await decode_soon(await request.body(), shape)


def project_of(body: object) -> str:
    """The project that a body names; in some shapes it stands one level below."""
    project = getattr(body, "project_id", None)
    if project is None:
        for name in ("obj", "table", "start", "end"):
            inner = getattr(body, name, None)
            if inner is not None:
                project = getattr(inner, "project_id", None)
    if not isinstance(project, str) or not project:
        raise InvalidRequest(
            "the body names no project", param="project_id", remedy="send project_id: team/project"
        )
    return project


def credentials(request: Request) -> Credentials:
    """What came with a request to say who it is from; a cookie counts only for what the console itself sends."""
    authorization, _project = credentials_of(request.headers.raw)
    session = request.cookies.get(COOKIE, "") if not authorization else ""
    if session:
        refuse_other_sites(request)
    return Credentials(authorization, session)


def trace_router(*, tags: str = "traces") -> APIRouter:
    """A router for routes of traces."""
    return APIRouter(tags=[tags], route_class=TraceRoute)


def json_answer(value: object, status: int = 200) -> Response:
    """A JSON answer; msgspec structs, dataclasses, dictionaries."""
    return Response(msgspec.json.encode(value), status, media_type="application/json")


def error_answer(error: WeftError) -> Response:
    """An error's answer."""
    headers = {name.decode(): value.decode() for name, value in error.headers()}
    return Response(error_body(error), error.status, headers, media_type="application/json")
