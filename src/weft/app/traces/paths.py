"""Paths as a connection knows them: the trace store's, whose bodies may be larger, and those that name a project."""

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
PLAYGROUND = b"/api/playground/*/*/chat/completions"
"""The playground's door, as it is registered; the stars are team and project."""
_OF_PROJECT = re.compile(rb"(?:/traces)?/v2/[^/]+/[^/]+/[^/]+/[^/]+")
_OF_PLAYGROUND = re.compile(rb"/api/playground/([^/]+)/([^/]+)/chat/completions")


def is_trace(path: bytes) -> bool:
    """Whether the trace store answers at `path`."""
    return path.startswith(b"/traces/") or path[1:].partition(b"/")[0] in TRACE_ROOTS


def registered(path: bytes) -> bytes:
    """By what a path is registered: `/v2/{entity}/{project}/calls/complete` is `*/calls/complete`."""
    if _OF_PROJECT.fullmatch(path):
        return b"*/" + b"/".join(path.rsplit(b"/", 2)[1:])
    return PLAYGROUND if _OF_PLAYGROUND.fullmatch(path) else path


def project_of(path: bytes) -> bytes:
    """`team/project`, as a path of the playground names it; empty in any other."""
    found = _OF_PLAYGROUND.fullmatch(path)
    return b"%b/%b" % found.groups() if found else b""
