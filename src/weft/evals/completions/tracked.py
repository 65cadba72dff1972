"""The call that a playground's completion leaves in its project's traces.

Op name, inputs and usage are those that the hosted service writes (`weave.completions_create`): both read alike.
"""

import time
from dataclasses import dataclass, field
from typing import Any

from weft.evals.completions.payload import SECRET, CompletionWire, model_of
from weft.identity.projects.gate import Visitor
from weft.kit.ids import uuid7_hex
from weft.traces.calls.parts import ID_CHARS, CallPart, WriteCalls
from weft.traces.json_text import BadShape, dump

OP_NAME = "weave.completions_create"


@dataclass(slots=True)
class Tracked:
    """A completion that is under way."""

    wire: CompletionWire
    visitor: Visitor
    call_id: str = field(default_factory=uuid7_hex)
    trace_id: str = ""
    started_at_us: int = field(default_factory=lambda: time.time_ns() // 1000)

    def __post_init__(self) -> None:
        self.trace_id = _checked(self.wire.trace_id, "trace_id") or uuid7_hex()
        _checked(self.wire.parent_id, "parent_id")

    def ended(
        self,
        output: Any,
        usage: dict[str, Any] | None,
        *,
        exception: str | None = None,
        request_id: str = "",
    ) -> WriteCalls:
        """What is written once it is over."""
        wire = self.wire
        inputs = {k: v for k, v in wire.inputs.items() if v is not None and k not in SECRET}
        model = inputs["model"] = model_of(wire.inputs)
        attributes: dict[str, Any] = {
            "weave": {"kind": "llm", "source": wire.source or "playground"}
        }
        if wire.conversation_id:
            attributes["conversation_id"] = wire.conversation_id
        if request_id:
            attributes["weft"] = {"request_id": request_id}
        summary: dict[str, Any] = {
            "status_counts": {
                "success": int(exception is None),
                "error": int(exception is not None),
            }
        }
        if usage:
            summary["usage"] = {model: {"requests": 1, **usage}}
        part = CallPart(
            id=self.call_id,
            trace_id=self.trace_id,
            op_name=OP_NAME,
            started_at_us=self.started_at_us,
            ended_at_us=time.time_ns() // 1000,
            parent_id=wire.parent_id or None,
            wb_user_id=self.visitor.user_id,
            attributes=dump(attributes),
            inputs=dump(inputs),
            output=None if output is None else dump(output),
            summary=dump(summary),
            exception=exception,
        )
        return WriteCalls(self.visitor.project_id, [part])


def _checked(id_: str | None, name: str) -> str | None:
    if id_ and (len(id_) > ID_CHARS or "\0" in id_):
        raise BadShape(f"{name}: an id has at most {ID_CHARS} characters and no NUL")
    return id_
