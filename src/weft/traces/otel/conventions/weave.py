"""What Weave's own clients, and LiteLLM's callback for it, say in `wandb.*` and `weave.*` attributes.

Source: LiteLLM 1.106 (`WeaveSpanAttributes`) and weave 0.54 (`otel_span_attrs`), read 2026-11.
"""

from weft.traces.otel.reading import Reading
from weft.traces.otel.spans import Span
from weft.traces.otel.values import first, text_of

PARENT_CALL, PARENT_TRACE = "weave.parent_call.id", "weave.parent_call.trace_id"


def read(span: Span) -> Reading | None:
    """What the span says in this convention; None where it says nothing in it."""
    told = span.attributes
    if not any(name.startswith(("wandb.", "weave.")) for name in told):
        return None
    turn = first(told, "wandb.is_turn")
    return Reading(
        thread_id=text_of(told, "wandb.thread_id"),
        is_turn=turn is True or turn == "true" or None,
        display_name=text_of(told, "wandb.display_name"),
        thread_name=text_of(told, "weave.conversation.name"),
    )
