"""Which pages of other origins may read an answer of the door; the control plane has Starlette's middleware for it."""

from collections.abc import Sequence

EXPOSED = (
    "x-request-id",
    "x-weft-stand-in",
    "x-weft-stand-in-ignored",
    "idempotent-replayed",
    "x-weft-original-request-id",
)
"""Headers that a page may read."""
_EXPOSED = ", ".join(EXPOSED).encode()


def cors_lines(headers: Sequence[tuple[bytes, bytes]], origins: frozenset[bytes]) -> bytes:
    """Header lines for a request with these headers; `origins` may be read from, `*` stands for any."""
    if not origins:
        return b""
    for name, value in headers:
        if name == b"origin" and (value in origins or b"*" in origins):
            return (
                b"access-control-allow-origin: %b\r\nvary: origin\r\n"
                b"access-control-expose-headers: %b\r\n" % (value, _EXPOSED)
            )
    return b""
