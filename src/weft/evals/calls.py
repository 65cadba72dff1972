"""Calls that this room writes, in the shapes of the Weave client's own: starts, ends, usage of all below."""

import time
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from weft.identity.projects.gate import Visitor
from weft.kit.ids import uuid7_hex
from weft.traces.calls.parts import CallPart
from weft.traces.json_text import dump
from weft.traces.refs import object_ref

EVALUATE = "Evaluation.evaluate"
PREDICT_AND_SCORE = "Evaluation.predict_and_score"
SUMMARIZE = "Evaluation.summarize"
EVAL_META = "_weave_eval_meta"

Usage = dict[str, dict[str, Any]]
"""By model, as a call's summary tells it."""


def now_us() -> int:
    """This moment."""
    return time.time_ns() // 1000


def started(
    visitor: Visitor,
    op_name: str,
    inputs: Mapping[str, Any],
    *,
    parent: CallPart | None = None,
    attributes: Mapping[str, Any] | None = None,
    id_: str = "",
) -> CallPart:
    """A call that begins now; a root is a trace of its own."""
    own = id_ or uuid7_hex()
    return CallPart(
        id=own,
        trace_id=parent.trace_id if parent else own,
        op_name=op_name,
        started_at_us=now_us(),
        parent_id=parent.id if parent else None,
        wb_user_id=visitor.user_id,
        attributes=dump(attributes or {}),
        inputs=dump(inputs),
    )


def ended(
    part: CallPart,
    output: Any,
    *,
    exception: str | None = None,
    usage: Usage | None = None,
    errors: int = 0,
    calls: int = 1,
) -> CallPart:
    """The same call, over now; `errors` and `calls` count it and all below it."""
    failed = errors + (exception is not None)
    summary: dict[str, Any] = {
        "status_counts": {"success": max(calls - failed, 0), "error": failed}
    }
    if usage:
        summary["usage"] = usage
    return msgspec.structs.replace(
        part,
        ended_at_us=max(now_us(), part.started_at_us),
        output=None if output is None else dump(output),
        exception=exception,
        summary=dump(summary),
    )


def end_of(part: CallPart) -> CallPart:
    """Only what the end of a call tells, where its start was written before."""
    return CallPart(
        id=part.id,
        trace_id=part.trace_id,
        started_at_us=part.started_at_us,
        ended_at_us=part.ended_at_us,
        output=part.output,
        summary=part.summary,
        exception=part.exception,
    )


def summed(usages: Iterable[Usage]) -> Usage:
    """What several calls used together."""
    total: Usage = {}
    for usage in usages:
        for model, counts in usage.items():
            known = total.setdefault(model, {})
            for name, count in counts.items():
                if isinstance(count, int | float) and not isinstance(count, bool):
                    known[name] = known.get(name, 0) + count
    return total


def call_ref(visitor: Visitor, id_: str) -> str:
    """The reference of a call in the visitor's project."""
    return f"weave:///{visitor.name}/call/{id_}"


def op_ref(visitor: Visitor, name: str, digest: str) -> str:
    """The reference of an op."""
    return object_ref(visitor.name, name, digest, is_op=True)
