"""References: the addresses by which clients name objects, ops, tables, calls and agents' traces, read and written.

    weave:///<entity>/<project>/object/<name>:<version>[/<edge>/<value>]*     also op
    weave:///<entity>/<project>/table/<digest>
    weave:///<entity>/<project>/call/<id>[/<edge>/<value>]*
    weave:///<entity>/<project>/agent_turn/<trace id>                         also agent_span/<id>
    weave:///<entity>/<project>/agent_conversation/<id>

Edges lead into a value: `attr/<name>`, `key/<key>`, `index/<number>`, `id/<digest of a table's row>`. Their values, and
the ids of conversations, are percent-encoded with no safe characters; nothing else is encoded.
Source: `weave/trace/refs.py` of the client 0.54.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import quote, unquote

from weft.kit.errors import InvalidRequest

PREFIX = "weave:///"
LATEST = "latest"
REF_CHARS = 32_768
_PARTS = 3
"""Entity, project and kind stand before everything else."""


class BadRef(InvalidRequest):
    """A text is no reference."""

    code = "invalid_ref"
    remedy = "references look like weave:///team/project/object/name:version"

    def __init__(self, text: str, why: str) -> None:
        super().__init__(f"{text[:200]!r} is no reference: {why}")


class RefKind(StrEnum):
    """What a reference names."""

    OBJECT = "object"
    OP = "op"
    TABLE = "table"
    CALL = "call"
    AGENT_TURN = "agent_turn"
    AGENT_CONVERSATION = "agent_conversation"
    AGENT_SPAN = "agent_span"


class EdgeKind(StrEnum):
    """How one step leads into a value."""

    ATTR = "attr"
    KEY = "key"
    INDEX = "index"
    ID = "id"
    """The row of a table that has this digest."""


class Edge(NamedTuple):
    """One step into a value."""

    kind: EdgeKind
    value: str


@dataclass(frozen=True, slots=True)
class Ref:
    """A reference, taken apart. `str(ref)` is its text again."""

    entity: str
    project: str
    kind: RefKind
    name: str = ""
    """Of an object or op; of a call, a turn, a span or a conversation its id; empty for a table."""
    digest: str = ""
    """Of an object, op or table, or another word for the version: `latest`, `v3`, an alias; else empty."""
    edges: tuple[Edge, ...] = ()

    @property
    def project_id(self) -> str:
        """The project as clients name it: `team/project`."""
        return f"{self.entity}/{self.project}"

    @property
    def whole(self) -> "Ref":
        """What the edges lead into."""
        return replace(self, edges=()) if self.edges else self

    def into(self, *edges: Edge) -> "Ref":
        """A reference that leads some steps further."""
        return replace(self, edges=(*self.edges, *edges))

    def __str__(self) -> str:
        """The reference as clients write it."""
        text = f"{PREFIX}{self.entity}/{self.project}/{self.kind.value}/{self._own_part()}"
        for edge in self.edges:
            text += f"/{edge.kind.value}/{quote(edge.value, safe='')}"
        return text

    def _own_part(self) -> str:
        if self.kind is RefKind.TABLE:
            return self.digest
        if self.kind in _VERSIONED:
            return f"{self.name}:{self.digest}"
        return quote(self.name, safe="") if self.kind is RefKind.AGENT_CONVERSATION else self.name


_VERSIONED = frozenset({RefKind.OBJECT, RefKind.OP})
_WITH_EDGES = frozenset({RefKind.OBJECT, RefKind.OP, RefKind.CALL})
_KINDS = {kind.value: kind for kind in RefKind}
_EDGES = {kind.value: kind for kind in EdgeKind}


def parse_ref(text: str) -> Ref:
    """The reference that `text` writes; an object without a version is its latest one.

    Raises:
        BadRef: it writes none.
    """
    if not text.startswith(PREFIX):
        raise BadRef(text, f"it does not start with {PREFIX}")
    if len(text) > REF_CHARS:
        raise BadRef(text, f"it has more than {REF_CHARS} characters")
    parts = text[len(PREFIX) :].split("/")
    if len(parts) <= _PARTS or not all(parts[: _PARTS + 1]):
        raise BadRef(text, "entity, project, kind and what is meant have to follow")
    entity, project, word, own = parts[: _PARTS + 1]
    kind = _KINDS.get(word)
    if kind is None:
        raise BadRef(text, f"there is no kind {word[:40]!r}")
    rest = parts[_PARTS + 1 :]
    if rest == [""]:
        rest = []
    if rest and kind not in _WITH_EDGES:
        raise BadRef(text, f"nothing follows the id of kind {word}")
    name, digest = _name_and_digest(text, kind, own)
    return Ref(entity, project, kind, name, digest, _edges(text, rest))


def find_ref(value: object) -> Ref | None:
    """The reference that a value of somebody's JSON is, if it is one; never raises."""
    if not isinstance(value, str) or not value.startswith(PREFIX):
        return None
    try:
        return parse_ref(value)
    except BadRef:
        return None


def object_ref(project: str, name: str, digest: str, *, is_op: bool = False) -> str:
    """The text of a reference to a version of an object or op of `team/project`."""
    return f"{PREFIX}{project}/{'op' if is_op else 'object'}/{name}:{digest}"


def _name_and_digest(text: str, kind: RefKind, own: str) -> tuple[str, str]:
    if kind is RefKind.TABLE:
        if ":" in own:
            raise BadRef(text, "a digest has no colon")
        return "", own
    if kind not in _VERSIONED:
        return unquote(own) if kind is RefKind.AGENT_CONVERSATION else own, ""
    name, _, digest = own.partition(":")
    if not name or ":" in digest or own.endswith(":"):
        raise BadRef(text, "name:version is expected")
    return name, digest or LATEST


def _edges(text: str, parts: list[str]) -> tuple[Edge, ...]:
    if len(parts) % 2:
        raise BadRef(text, "edges come in pairs of a kind and a value")
    edges: list[Edge] = []
    for word, value in zip(parts[::2], parts[1::2], strict=True):
        kind = _EDGES.get(word)
        if kind is None:
            raise BadRef(text, f"there is no edge {word[:40]!r}")
        plain = unquote(value)
        if kind is EdgeKind.INDEX and not _is_number(plain):
            raise BadRef(text, f"{plain[:40]!r} is no index")
        edges.append(Edge(kind, plain))
    return tuple(edges)


def _is_number(text: str) -> bool:
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdigit() and len(digits) <= len(str(1 << 62))
