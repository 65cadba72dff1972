"""Serves the built pages. They are static and talk to the API like everybody else; no data passes through here."""

from fastapi import APIRouter
from fastapi.responses import FileResponse

from weft.web import links
from weft.web.files import FILES, page, static_file


def router() -> APIRouter:
    """`GET /`, the pages that clients link to, and the files they need."""
    routes = APIRouter(include_in_schema=False)

    @routes.head("/")
    @routes.get("/")
    def home() -> FileResponse:  # pyright: ignore[reportUnusedFunction] - the decorator uses it
        return page("index.html")

    for name, media_type in FILES.items():
        routes.add_api_route(f"/assets/{name}", _serving(name, media_type))
    routes.include_router(links.router())
    return routes


def _serving(name: str, media_type: str):  # noqa: ANN202 - FastAPI reads the inner function
    def serve() -> FileResponse:
        return static_file(name, media_type)

    return serve
