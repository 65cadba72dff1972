"""Which paths are the trace store's, as far as a connection has to know: their bodies may be larger."""

import re

TRACE_ROOTS = frozenset(
    {
        b"agents",
        b"call",
        b"calls",
        b"feedback",
        b"file",
        b"files",
        b"obj",
        b"objs",
        b"otel",
        b"table",
        b"v2",
    }
)
"""First segments of those at the root that take large bodies."""
_OF_PROJECT = re.compile(rb"(?:/traces)?/v2/[^/]+/[^/]+/[^/]+/[^/]+")


def is_trace(path: bytes) -> bool:
    """Whether the trace store answers at `path`."""
    return path.startswith(b"/traces/") or path[1:].partition(b"/")[0] in TRACE_ROOTS


def registered(path: bytes) -> bytes:
    """By what a path is registered: `/v2/{entity}/{project}/calls/complete` is `*/calls/complete`."""
    if _OF_PROJECT.fullmatch(path):
        return b"*/" + b"/".join(path.rsplit(b"/", 2)[1:])
    return path
