"""The static files and the headers that they go out with."""

from pathlib import Path

from fastapi.responses import FileResponse

STATIC = Path(__file__).parent / "static"
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:;"
    " base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
FILES = {
    "authorize.js": "text/javascript",
    "home.css": "text/css",
    "home.js": "text/javascript",
    "icon.svg": "image/svg+xml",
    "link.js": "text/javascript",
    "session.js": "text/javascript",
}


def page(name: str) -> FileResponse:
    """A page."""
    return static_file(name, "text/html; charset=utf-8")


def static_file(name: str, media_type: str) -> FileResponse:
    """A file of ours, which may load only what this server has."""
    headers = {
        "content-security-policy": CONTENT_SECURITY_POLICY,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cache-control": "no-cache",
    }
    return FileResponse(STATIC / name, media_type=media_type, headers=headers)
