"""The built console on disk, and the headers that its files go out with.

Built by Vite (`ui/`) into `console/` beside this file; the wheel carries it. Names of files in `assets/` hold a digest
of what is in them, so browsers keep them for good; the page itself is asked for anew each time. Nothing is compressed
here: the build leaves `.br` and `.gz` beside each file that gains by it.
"""

import functools
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from fastapi import Request, Response
from fastapi.responses import FileResponse, HTMLResponse

CONSOLE = Path(__file__).parent / "console"
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; font-src 'self';"
    " img-src 'self' data: blob:; media-src data: blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""Images and sounds of traces are bytes that the page has already (`data:`, `blob:`); none come from other servers."""
HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
}
_KEPT = {"cache-control": "public, max-age=31536000, immutable"}
_ASKED_ANEW = {"cache-control": "no-cache"}
_UNHASHED = frozenset({"icon.svg", "theme.js"})
_NOT_BUILT = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Weft</title>
<h1>The console is not built</h1>
<p>The API works: see <a href="/docs">/docs</a>. In a checkout, <code>make console</code> builds the console
(it takes Node.js 20 or newer); an installed package has it already.</p></html>
"""
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))


@dataclass(frozen=True, slots=True)
class Console:
    """The files of a built console; `folder` need not be there."""

    folder: Path = CONSOLE

    def page(self) -> Response:
        """The one page that every address of the console opens."""
        path = self.folder / "index.html"
        if not path.is_file():
            return HTMLResponse(_NOT_BUILT, 503, headers={**HEADERS, **_ASKED_ANEW})
        media_type = "text/html; charset=utf-8"
        return FileResponse(path, media_type=media_type, headers={**HEADERS, **_ASKED_ANEW})

    def asset_names(self) -> frozenset[str]:
        """The files that pages load, without their compressed forms. Look once, at the start."""
        folder = self.folder / "assets"
        if not folder.is_dir():
            return frozenset()
        return frozenset(one.name for one in folder.iterdir() if one.suffix not in {".br", ".gz"})

    def asset(self, name: str, request: Request) -> Response:
        """One of `asset_names`, in the smallest form that the browser takes (RFC 9110, section 12.5.3)."""
        path = self.folder / "assets" / name
        headers = {**HEADERS, **(_ASKED_ANEW if name in _UNHASHED else _KEPT)}
        headers["vary"] = "accept-encoding"
        taken = {
            part.partition(";")[0].strip()
            for part in request.headers.get("accept-encoding", "").split(",")
        }
        for encoding, suffix in _ENCODINGS:
            if encoding in taken and (packed := path.with_name(name + suffix)).is_file():
                path = packed
                headers["content-encoding"] = encoding
                break
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        content = path.read_bytes() if name in _UNHASHED else _kept(path)
        return Response(content, media_type=media_type, headers=headers)


@functools.cache
def _kept(path: Path) -> bytes:
    """A file that stays as it is. A page loads dozens at once: to read each in a thread costs more than to send it."""
    return path.read_bytes()
