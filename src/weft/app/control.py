"""The control plane's web app: everything but the hot path, in one FastAPI application.

Owns how errors look (OpenAI's envelope everywhere), request ids, the health and metrics endpoints and the OpenAPI
description. Routes themselves belong to their rooms.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match

from weft import __version__
from weft.app.invalid import invalid_request
from weft.app.openapi import TAGS, describe_doors, describe_key
from weft.app.parts.mounts import Mount
from weft.catalog.catalog import NOT_FOUND
from weft.gateway.cors import EXPOSED
from weft.gateway.flow import SERVER_ERROR
from weft.kit.errors import (
    InternalError,
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
    WeftError,
)
from weft.kit.ids import new_id
from weft.kit.routes.handing import hand_on
from weft.kit.settings import Settings

log = logging.getLogger(__name__)

_ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "content-security-policy": "frame-ancestors 'none'",
}
"""On every answer that does not say so itself: no other site shows it in a frame, and no browser guesses what it is."""


def make_control(settings: Settings, mounts: Sequence[Mount]) -> FastAPI:
    """The app with all rooms' routes mounted. Documentation at `/docs` works without a network."""
    app = FastAPIOffline(
        title="Weft",
        version=__version__,
        summary="Serverless inference that you host yourself.",
        description=(
            "Everything under `/v1` speaks the OpenAI API: point any OpenAI client at `<this server>/v1`."
            " Keys go into `Authorization: Bearer`; the optional `OpenAI-Project: team/project` says on whose"
            " account. Errors have OpenAI's envelope; `error.metadata.remedy` says what to do."
        ),
        docs_url="/docs",
        redoc_url=None,
        redirect_slashes=False,  # it would lead to whatever host the client named, and by http
        openapi_tags=TAGS,
    )
    for mount in mounts:
        hand_on(mount.router, app, prefix=mount.prefix, is_listed=mount.is_listed)
    describe_doors(app)
    describe_key(app)
    _handle_errors(app)
    app.middleware("http")(_edge)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors_origins),
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=list(EXPOSED),
        )
    return app


async def _edge(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """The request's edge: an id for each, and an envelope also for our own mistakes."""
    request_id = new_id("req")
    try:
        response = await call_next(request)
    except Exception:
        log.exception("request_crashed request_id=%s path=%s", request_id, request.url.path)
        response = error_response(InternalError(SERVER_ERROR, remedy="retry after a short wait"))
    response.headers["x-request-id"] = request_id
    for name, value in _ALWAYS.items():
        response.headers.setdefault(name, value)
    return response


def error_response(error: WeftError) -> Response:
    """`error` as an HTTP response."""
    headers = {name.decode(): value.decode() for name, value in error.headers()}
    return Response(error.envelope(), error.status, headers=headers, media_type="application/json")


def _handle_errors(app: FastAPI) -> None:
    async def on_weft(_request: Request, error: Exception) -> Response:
        assert isinstance(error, WeftError)
        return error_response(error)

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        response = error_response(_from_http(request, error))
        if error.status_code == 405:
            response.headers["allow"] = _allowed(error)
        return response

    async def on_invalid(_request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return error_response(invalid_request(error.errors()[0]))

    app.add_exception_handler(WeftError, on_weft)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(RequestValidationError, on_invalid)


def _allowed(error: HTTPException) -> str:
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    return headers.get("allow", "POST")


def _is_known(request: Request, path: str) -> bool:
    routes: Sequence[BaseRoute] = request.app.routes
    scope = {**request.scope, "path": path}
    return any(route.matches(scope)[0] is not Match.NONE for route in routes)


def _from_http(request: Request, error: HTTPException) -> WeftError:
    path = request.url.path
    if error.status_code == 404:
        remedy = "the API's paths begin with /v1; /docs lists them all"
        if (plain := path.rstrip("/")) != path and _is_known(request, plain):
            remedy = f"the path is {plain[:200]}, without a slash at its end"
        return NotFound(f"{NOT_FOUND}: {request.method} {path[:200]}", remedy=remedy)
    if error.status_code == 405:
        allowed = _allowed(error)
        return MethodNotAllowed(
            f"{request.method} is not allowed on {path[:200]}", remedy=f"use {allowed}"
        )
    return InvalidRequest(str(error.detail))
