"""Evaluations as the Weave client writes them, straight into the tables."""

from collections.abc import Iterable, Sequence
from typing import Any

from weft.kit.db import Database
from weft.kit.ids import uuid7_hex
from weft.traces.calls.parts import CallPart, WriteCalls
from weft.traces.calls.write import CallWriter
from weft.traces.json_text import dump
from weft.traces.projects import ProjectKeys

NOON_US = 1_790_000_000_000_000
SECOND_US = 1_000_000
PREFIX = "weave:///loom/cloth"
MODEL = f"{PREFIX}/object/Parrot:m1"
DATASET_ROW = f"{PREFIX}/object/Words:d1/attr/rows/id"


def write(database: Database, project_id: str, parts: Iterable[CallPart]) -> None:
    """Write calls as the writer does."""
    with database.write() as connection:
        CallWriter(ProjectKeys()).apply(connection, [WriteCalls(project_id, list(parts))])


def call(id_: str, op: str, parent: str | None, **values: Any) -> CallPart:
    """A call of a second; texts that are not texts are written as JSON."""
    told = {
        name: value
        if name in {"id", "started_at_us", "ended_at_us", "display_name"}
        else dump(value)
        for name, value in values.items()
    }
    whole: dict[str, Any] = {
        "id": id_,
        "trace_id": "t",
        "op_name": f"{PREFIX}/op/{op}:1a",
        "started_at_us": NOON_US,
        "ended_at_us": NOON_US + SECOND_US,
        "parent_id": parent,
    }
    whole.update(told)
    return CallPart(**whole)


def root(id_: str, *, model: str = MODEL, evaluation: str = "Eval:e1", **more: Any) -> CallPart:
    """An evaluation's own call."""
    inputs = {"self": f"{PREFIX}/object/{evaluation}", "model": model}
    return call(id_, "Evaluation.evaluate", None, inputs=inputs, display_name=f"run {id_}", **more)


def trial(
    root_id: str,
    example: Any,
    output: Any,
    scores: dict[str, Any],
    *,
    at: int = 0,
    tokens: tuple[int, int] | None = None,
    model: str = MODEL,
) -> list[CallPart]:
    """One row tried: predict_and_score, the model's call, and a call for each scorer."""
    id_ = uuid7_hex()
    start = NOON_US + at * SECOND_US
    inputs = {"self": f"{PREFIX}/object/Eval:e1", "model": model, "example": example}
    usage = (
        {"usage": {"test/echo": {"prompt_tokens": tokens[0], "completion_tokens": tokens[1]}}}
        if tokens
        else {}
    )
    told = {"output": output, "scores": scores, "model_latency": 0.25}
    parts = [
        call(
            id_,
            "Evaluation.predict_and_score",
            root_id,
            inputs=inputs,
            output=told,
            started_at_us=start,
            ended_at_us=start + 3 * SECOND_US,
        ),
        call(
            f"{id_}-p",
            "Parrot.predict",
            id_,
            inputs={"self": model},
            output=output,
            summary=usage,
            started_at_us=start,
            ended_at_us=start + 2 * SECOND_US,
        ),
    ]
    parts += [
        call(f"{id_}-s-{key}", f"{key}.score", id_, output=value, started_at_us=start + SECOND_US)
        for key, value in scores.items()
    ]
    return parts


def run(
    root_id: str, rows: Sequence[tuple[Any, Any, dict[str, Any]]], **more: Any
) -> list[CallPart]:
    """A whole evaluation."""
    parts = [root(root_id)]
    for at, (example, output, scores) in enumerate(rows):
        parts += trial(root_id, example, output, scores, at=at, **more)
    return parts
