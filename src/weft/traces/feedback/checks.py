"""What only the database can tell of feedback: is an annotation's value what its spec says, is there such a queue.

While the database is away, or has not got all yet of what was accepted, what is not there is not held against anybody.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import msgspec
from sqlalchemy import Connection

from weft.identity.projects.gate import Visitor
from weft.traces.feedback.json_schema import fits
from weft.traces.feedback.parts import FeedbackPart
from weft.traces.feedback.rules import BadFeedback
from weft.traces.json_text import load
from weft.traces.queues.store import live_queues
from weft.traces.resolving.read import read_ref_values
from weft.traces.store import TraceStore
from weft.traces.types import ProjectKey
from weft.traces.writing.writer import StoreAway


class Known(msgspec.Struct, frozen=True):
    """What the database has of what feedback leans on."""

    specs: Mapping[str, Any]
    """By reference."""
    queues: frozenset[str]
    is_all: bool = True
    """Whether that is all there is."""

    def check(self, part: FeedbackPart) -> None:
        """Check one feedback.

        Raises:
            BadFeedback: its spec or its queue is not there, or its value is not what its spec says.
        """
        if part.queue_id and part.queue_id not in self.queues and self.is_all:
            raise BadFeedback(f"there is no queue {part.queue_id[:64]} here", param="queue_id")
        ref = part.annotation_ref
        if ref and ref in self.specs:
            _check_value(load(part.payload)["value"], self.specs[ref])
        elif ref and self.is_all:
            raise BadFeedback(f"there is no object {ref[:300]} here", param="annotation_ref")


async def find_known(store: TraceStore, visitor: Visitor, parts: Sequence[FeedbackPart]) -> Known:
    """What there is in a project of the specs and queues that feedback names."""
    specs = {part.annotation_ref for part in parts if part.annotation_ref}
    queues = {part.queue_id for part in parts if part.queue_id}
    nothing = Known({}, frozenset())
    if not specs and not queues:
        return nothing

    def find(connection: Connection, key: ProjectKey) -> Known:
        return Known(
            read_ref_values(connection, key, visitor.name, sorted(specs)),
            live_queues(connection, key, sorted(queues)),
        )

    try:
        known = await store.read(visitor.project_id, find, empty=nothing)
    except StoreAway:
        return msgspec.structs.replace(nothing, is_all=False)
    is_behind = store.writer.backlog.size_bytes > 0
    return msgspec.structs.replace(known, is_all=not is_behind)


def _check_value(value: Any, spec: Any) -> None:
    no_spec: dict[str, Any] = {"field_schema": None}
    fields = cast("dict[str, Any]", spec) if isinstance(spec, dict) else no_spec
    schema = fields.get("field_schema", True)
    if schema is not True and not isinstance(schema, dict):
        raise BadFeedback("annotation_ref names no annotation spec", param="annotation_ref")
    if not fits(value, schema):
        raise BadFeedback(
            "the value is not what the annotation spec asks for",
            param="payload.value",
            remedy="send a value that its field_schema allows",
        )
