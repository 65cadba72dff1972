"""The inference doors: which path leads to which, each with the door that knows keys in front of it."""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import replace

from weft.app.http_protocol import Handler
from weft.app.openapi import (
    CHAT_PATH,
    COMPLETIONS_PATH,
    COUNT_PATH,
    DETOKENIZE_PATH,
    EMBEDDINGS_PATH,
    MESSAGES_PATH,
    RESPONSES_PATH,
    TOKENIZE_PATH,
)
from weft.gateway.dialects.exchange import TranslatedDoor
from weft.gateway.dialects.messages.dialect import CountDialect, MessagesDialect
from weft.gateway.dialects.responses.dialect import ResponsesDialect
from weft.gateway.dialects.types import Dialect
from weft.gateway.errands.chat import ChatErrand
from weft.gateway.errands.completions.errand import CompletionErrand
from weft.gateway.errands.embeddings.errand import EmbeddingErrand
from weft.gateway.errands.tokens.errand import DetokenizeErrand, TokenizeErrand
from weft.gateway.errands.types import Read
from weft.gateway.flow import InferenceDoor
from weft.gateway.idempotency.door import IdempotentDoor
from weft.gateway.idempotency.flight import Door
from weft.gateway.idempotency.keys import Keys
from weft.gateway.idempotency.live import Held
from weft.gateway.tracing.kinds import kind_of
from weft.gateway.tracing.recorder import Recorder, Tracing

DIALECTS: Mapping[str, Dialect] = {
    MESSAGES_PATH: MessagesDialect(),
    RESPONSES_PATH: ResponsesDialect(),
    COUNT_PATH: CountDialect(),
}
READS: Mapping[str, Read] = {
    CHAT_PATH: ChatErrand.read,
    COMPLETIONS_PATH: CompletionErrand.read,
    EMBEDDINGS_PATH: EmbeddingErrand.read,
    TOKENIZE_PATH: TokenizeErrand.read,
    DETOKENIZE_PATH: DetokenizeErrand.read,
    **{path: dialect.read for path, dialect in DIALECTS.items()},
}


def open_doors(
    stack: contextlib.AsyncExitStack,
    door: InferenceDoor,
    keys: Keys,
    recorder: Recorder | None = None,
    widen: Callable[[InferenceDoor], Door] | None = None,
) -> dict[bytes, Handler]:
    """What answers a POST to each path; taken apart before whatever `door` works with.

    `recorder` takes what requests leave in traces; `widen` makes a door of chats that knows more models.
    """
    keys.start()
    stack.push_async_callback(keys.close)
    held = Held()
    handlers: dict[bytes, Handler] = {}
    for path, read in READS.items():
        dialect = DIALECTS.get(path)
        tracing = Tracing(recorder, kind_of(path, dialect)) if recorder else None
        own = replace(door, read=read, tracing=tracing)
        front = IdempotentDoor(
            widen(own) if widen is not None and path == CHAT_PATH else own,
            gate=door.gate,
            journal=door.journal,
            keys=keys,
            held=held,
            path=path,
            country=door.country,
            origins=door.origins,
        )
        stack.push_async_callback(front.close)
        handlers[path.encode()] = front if dialect is None else TranslatedDoor(front, dialect)
    return handlers
