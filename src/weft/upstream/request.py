"""Request heads as bytes (RFC 9112 sections 2 to 6), checked against header injection.

Owns the form of a request line and header section. Knows nothing of connections. Invariant: the
bytes it returns hold exactly one request head whose framing is the given content length, whatever
strings it was given; anything else is a ValueError.
"""

import re
from collections.abc import Sequence

__all__ = ["HeadTemplate", "request_head"]

_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_TARGET = re.compile(rb"/[!-~]*")
_HOST = re.compile(rb"[\[\]A-Za-z0-9._:%-]+")
# Field content: visible bytes and inner blanks; no CR, LF, NUL or other control byte.
_VALUE = re.compile(rb"(?:[!-~\x80-\xff](?:[\t -~\x80-\xff]*[!-~\x80-\xff])?)?")

# Framing and hop headers are this room's business; compression is never asked for, because bodies
# are handed on as they come. `Connection` stays free: "close" is a legitimate wish.
_RESERVED = frozenset(
    (
        b"host",
        b"content-length",
        b"transfer-encoding",
        b"accept-encoding",
        b"expect",
        b"te",
        b"trailer",
        b"upgrade",
    )
)


class HeadTemplate:
    """A request head checked once and rendered per request: the form for hot paths."""

    __slots__ = ("_prefix",)

    def __init__(
        self, method: str, path: str, *, host: bytes, headers: Sequence[tuple[bytes, bytes]] = ()
    ) -> None:
        """Check and render all but the content length.

        Raises ValueError on a method, path, host or header that HTTP/1.1 does not allow or that
        this room sets itself.
        """
        verb = method.encode("ascii", "replace")
        if not _TOKEN.fullmatch(verb) or verb == b"CONNECT":
            raise ValueError(f"not a method that can be sent: {method!r}")
        target = path.encode("ascii", "replace") if path.isascii() else b""
        if not _TARGET.fullmatch(target) or b"#" in target:
            raise ValueError(f"not a request path: {path!r}")
        if not _HOST.fullmatch(host):
            raise ValueError(f"not a host: {host!r}")
        line = b"%b %b HTTP/1.1\r\nHost: %b\r\n" % (verb, target, host)
        self._prefix = line + _field_lines(headers)

    def beside(self, method: str, path: str) -> "HeadTemplate":
        """Another request to the same server, with the same headers.

        Raises ValueError as the constructor does.
        """
        other = HeadTemplate(method, path, host=b"unused")
        _, _, rest = self._prefix.partition(b"\r\n")
        line, _, _ = other._prefix.partition(b"\r\n")
        other._prefix = b"%b\r\n%b" % (line, rest)
        return other

    @property
    def path(self) -> str:
        """What it asks for."""
        return self._prefix.split(b" ", 2)[1].decode()

    def render(
        self, content_length: int | None, extra: Sequence[tuple[bytes, bytes]] = ()
    ) -> bytes:
        """Return the head for a body of `content_length` bytes, None for a request without one.

        `extra` headers differ per request and are checked here.
        """
        prefix = self._prefix + _field_lines(extra) if extra else self._prefix
        if content_length is None:
            return prefix + b"\r\n"
        if content_length < 0:
            raise ValueError(f"not a length: {content_length}")
        return b"%bContent-Length: %d\r\n\r\n" % (prefix, content_length)


def request_head(
    method: str,
    path: str,
    headers: Sequence[tuple[bytes, bytes]],
    *,
    host: bytes,
    content_length: int | None,
) -> bytes:
    """Return the complete head of one request; raises ValueError as `HeadTemplate` does."""
    return HeadTemplate(method, path, host=host, headers=headers).render(content_length)


def _field_lines(headers: Sequence[tuple[bytes, bytes]]) -> bytes:
    lines: list[bytes] = []
    for name, value in headers:
        if not _TOKEN.fullmatch(name) or name.lower() in _RESERVED:
            raise ValueError(f"not a header that can be sent: {name!r}")
        if not _VALUE.fullmatch(value):
            # The value may be a key, so it is not shown.
            raise ValueError(f"the value of header {name!r} holds bytes that headers may not")
        lines.append(b"%b: %b\r\n" % (name, value))
    return b"".join(lines)
