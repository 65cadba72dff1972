"""Serves the built pages. They are static and talk to the API like everybody else; no data passes through here."""

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse

STATIC = Path(__file__).parent / "static"
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:;"
    " base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_FILES = {"home.css": "text/css", "home.js": "text/javascript", "icon.svg": "image/svg+xml"}


def router() -> APIRouter:
    """`GET /` and the files it needs."""
    routes = APIRouter(include_in_schema=False)

    @routes.head("/")
    @routes.get("/")
    def home() -> FileResponse:  # pyright: ignore[reportUnusedFunction] - the decorator uses it
        return _file("index.html", "text/html; charset=utf-8")

    for name, media_type in _FILES.items():
        routes.add_api_route(f"/assets/{name}", _serving(name, media_type))
    return routes


def _serving(name: str, media_type: str):  # noqa: ANN202 - FastAPI reads the inner function
    def serve() -> FileResponse:
        return _file(name, media_type)

    return serve


def _file(name: str, media_type: str) -> FileResponse:
    headers = {
        "content-security-policy": CONTENT_SECURITY_POLICY,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cache-control": "no-cache",
    }
    return FileResponse(STATIC / name, media_type=media_type, headers=headers)
