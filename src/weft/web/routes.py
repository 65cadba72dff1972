"""Serves the console: one page for all of its addresses, and the files that it loads. No data passes through here."""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, HTTPException, Request, Response

from weft.web import links
from weft.web.files import Console

PAGES = (
    "/",
    "/inference",
    "/inference/compare",
    "/catalog/{model:path}",
    "/playground",
    "/billing",
    "/billing/{rest:path}",
    "/requests/{request_id}",
    "/settings",
    "/settings/{rest:path}",
    "/login",
    "/invite/{token}",
    "/reset/{token}",
    "/authorize",
)
"""Addresses of the console that name no project; ui/src/routes has a file for each."""


def router(console: Console | None = None) -> APIRouter:
    """The console's page and files. They come last: whatever else has a path goes first."""
    files = console or Console()
    routes = APIRouter(include_in_schema=False)

    def page() -> Response:
        return files.page()

    for path in PAGES:
        routes.add_api_route(path, page, methods=["GET", "HEAD"])
    names = files.asset_names()
    routes.add_api_route("/assets/{name}", _serving(files, names), methods=["GET", "HEAD"])
    links.add_pages(routes, page)
    return routes


def _serving(
    files: Console, names: frozenset[str]
) -> Callable[[str, Request], Awaitable[Response]]:
    async def serve(name: str, request: Request) -> Response:
        if name not in names:
            raise HTTPException(404, "There is no such file")
        return files.asset(name, request)

    return serve
