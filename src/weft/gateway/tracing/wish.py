"""What a request says about its own trace: how much of it is kept, and which call it belongs under.

Headers: `X-Weft-Trace: off|metadata|full`; `X-Weave-Parent-Call` and `X-Weave-Trace-Id`, both ids of the call that the
client traced around the request; or W3C's `traceparent` (Trace Context, level 1), which says the same. A parent without
its trace is no place in a tree, so it is left out; a broken `traceparent` counts as none, as its specification wants.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from weft.identity.types import Principal, TraceLevel
from weft.kit.errors import InvalidRequest

LEVEL, PARENT, TRACE, CONTEXT = (
    b"x-weft-trace",
    b"x-weave-parent-call",
    b"x-weave-trace-id",
    b"traceparent",
)
_NAMES = frozenset({LEVEL, PARENT, TRACE, CONTEXT})
_ID = re.compile(rb"[A-Za-z0-9_.:-]{1,128}")
_CONTEXT = re.compile(rb"(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?")
_ZEROS = re.compile(rb"0+")
_LEVELS = {level.value.encode(): level for level in TraceLevel}


class BadTraceLevel(InvalidRequest):
    """The header says no level; nothing is guessed where a prompt might be kept."""

    code = "invalid_trace_level"

    def __init__(self) -> None:
        super().__init__(
            "X-Weft-Trace is off, metadata or full",
            param="X-Weft-Trace",
            remedy="Send one of these, once, or leave the header out.",
        )


@dataclass(frozen=True, slots=True)
class Link:
    """The call that a request belongs under."""

    trace_id: str
    parent_id: str


@dataclass(slots=True)
class Tracked:
    """A request whose trace is kept, on its way through the door."""

    level: TraceLevel
    link: Link | None
    payload: bytes = b""
    """The client's own body; kept at the level `full` only."""
    pieces: list[bytes] = field(default_factory=list[bytes])
    """What was answered, as it passed."""
    size_bytes: int = 0
    is_cut: bool = False
    """Whether there was more of the answer than is kept."""


def read_wish(
    headers: Sequence[tuple[bytes, bytes]], principal: Principal
) -> tuple[TraceLevel, Link | None]:
    """How much of a request is kept, within what its project and key allow, and where it belongs.

    Raises:
        BadTraceLevel: the header says something else.
    """
    told: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in _NAMES:
            if name == LEVEL and told.get(name, value) != value:
                raise BadTraceLevel
            told[name] = value
    if not told:
        return principal.trace, None
    level, wish = principal.trace, told.get(LEVEL)
    if wish is not None:
        asked = _LEVELS.get(wish.strip().lower())
        if asked is None:
            raise BadTraceLevel
        level = asked.at_most(principal.trace_ceiling)
    return level, _link(told)


def _link(told: dict[bytes, bytes]) -> Link | None:
    parent, trace = told.get(PARENT, b""), told.get(TRACE, b"")
    if _ID.fullmatch(parent) and _ID.fullmatch(trace):
        return Link(trace.decode(), parent.decode())
    context = _CONTEXT.fullmatch(told.get(CONTEXT, b"").strip())
    if context is None or _ZEROS.fullmatch(context[1]) or _ZEROS.fullmatch(context[2]):
        return None
    return Link(context[1].decode(), context[2].decode())
