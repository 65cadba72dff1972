"""What calls of each endpoint are named, and how their answers are put together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from weft.gateway.dialects.types import Dialect
from weft.gateway.tracing.answers import Assemble, chat_answer, no_answer, text_answer

Whole = Callable[[bytes, bytes, str], bytes]
"""What a client got for its body, when the door's answer was that completion; see `Dialect.whole`."""

_PREFIX = "weft."


@dataclass(frozen=True, slots=True)
class Kind:
    """One endpoint, as traces see it."""

    op: str
    """The op name of its calls."""
    operation: str
    """OpenTelemetry's word for it (`gen_ai.operation.name`)."""
    assemble: Assemble
    whole: Whole | None = None
    """None: the answer is what the client got."""


_PLAIN: Mapping[str, Kind] = {
    "/v1/chat/completions": Kind(f"{_PREFIX}chat.completions", "chat", chat_answer),
    "/v1/completions": Kind(f"{_PREFIX}completions", "text_completion", text_answer),
    "/v1/embeddings": Kind(f"{_PREFIX}embeddings", "embeddings", no_answer),
}
PLAYGROUND = Kind(f"{_PREFIX}playground", "chat", chat_answer)
"""Chats of the console's playground, whose history is found by this name."""


def kind_of(path: str, dialect: Dialect | None) -> Kind:
    """The kind of requests to a path."""
    if dialect is None and path in _PLAIN:
        return _PLAIN[path]
    name = path.removeprefix("/v1/").strip("/").replace("/", ".")
    if dialect is None:
        return Kind(_PREFIX + name, name, no_answer)
    return Kind(_PREFIX + name, "chat", chat_answer, dialect.whole)
