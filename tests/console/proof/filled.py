"""Fills screens that would be empty: a queue, an evaluation that ran, a monitor that judged, a run that logged."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from conformance.server import ECHO, PROJECT, TEAM, wait_until
from weft.kit.ids import uuid7_hex

PLACE = f"{TEAM}/{PROJECT}"
Ask = Callable[..., Any]
"""Method, path and body; what is answered, of an answer that is good."""


def fill(ask: Ask, request: str) -> dict[str, str]:
    """Put them in; the names by which `screens.py` finds them. `request` is a call that was answered."""
    batch = start_batch(ask)
    names = {
        "request": request,
        "queue": make_queue(ask, request),
        "monitor": make_monitor(ask),
        "run": write_run(ask),
        "batch": batch,
    }
    path = f"/api/evals/{PLACE}/batches/{batch}"
    wait_until(lambda: ask("GET", path)["state"] == "done")
    return {**names, "evaluation": ask("GET", path)["runs"][0]["call_id"]}


def make_queue(ask: Ask, request: str) -> str:
    """A queue with a question and a call."""
    spec = {
        "_type": "AnnotationSpec",
        "name": "Is it right?",
        "field_schema": {"type": "boolean"},
        "_class_name": "AnnotationSpec",
        "_bases": ["BaseObject", "BaseModel"],
    }
    obj = {"project_id": PLACE, "object_id": "right", "val": spec}
    digest = ask("POST", "/traces/obj/create", {"obj": obj})["digest"]
    refs = [f"weave:///{PLACE}/object/right:{digest}"]
    wanted = {"project_id": PLACE, "name": "To judge", "scorer_refs": refs}
    queue = ask("POST", "/traces/annotation_queues", wanted)["id"]
    added = {"project_id": PLACE, "call_ids": [request]}
    ask("POST", f"/traces/annotation_queues/{queue}/items", added)
    return queue


def start_batch(ask: Ask) -> str:
    """An evaluation of the stand-in on a few rows."""
    rows = [{"input": f"say {word}", "expected": word} for word in ("warp", "weft", "say heddle")]
    table = ask("POST", "/traces/table/create", {"table": {"project_id": PLACE, "rows": rows}})
    val = {
        "_type": "Dataset",
        "rows": f"weave:///{PLACE}/table/{table['digest']}",
        "_class_name": "Dataset",
        "_bases": ["Object", "BaseModel"],
    }
    obj = {"project_id": PLACE, "object_id": "threads", "val": val}
    digest = ask("POST", "/traces/obj/create", {"obj": obj})["digest"]
    wanted = {
        "name": "Words",
        "dataset_ref": f"weave:///{PLACE}/object/threads:{digest}",
        "models": [{"model": ECHO, "name": "parrot", "params": {"max_tokens": 16}}],
        "scorers": [{"kind": "contains", "name": "said"}],
    }
    return ask("POST", f"/api/evals/{PLACE}/batches", wanted)["id"]


def make_monitor(ask: Ask) -> str:
    """A monitor without a model, and the calls that it judged."""
    path = f"/api/monitors/{PLACE}/clean-json"
    scorer = {"kind": "ValidJSONScorer", "name": "ValidJSON"}
    ask("PUT", path, {"op_names": ["reply"], "scorers": [scorer]})
    for output in ("{}", "[1]", "no json"):
        id_, at = uuid7_hex(), datetime.now(UTC).isoformat()
        start = {"project_id": PLACE, "id": id_, "trace_id": id_, "op_name": "reply"}
        begun = {**start, "started_at": at, "attributes": {}, "inputs": {"question": "why"}}
        ask("POST", "/traces/call/start", {"start": begun})
        ended: dict[str, Any] = {
            "project_id": PLACE,
            "id": id_,
            "ended_at": at,
            "output": output,
            "summary": {},
        }
        ask("POST", "/traces/call/end", {"end": ended})
    wait_until(lambda: ask("GET", path)["judged"] >= 3)
    return "clean-json"


def write_run(ask: Ask) -> str:
    """A run of the `wandb` client that logged a few steps."""
    query = "mutation M($input: UpsertBucketInput!) { upsertBucket(input: $input) { inserted } }"
    config = json.dumps({"lr": {"value": 0.1}, "optimizer": {"value": {"name": "adam"}}})
    wanted = {"name": "loom-1", "entityName": TEAM, "modelName": PROJECT, "config": config}
    ask("POST", "/graphql", {"query": query, "variables": {"input": wanted}})
    steps = [json.dumps({"_step": n, "loss": 4 / (n + 1), "val": {"acc": n / 9}}) for n in range(9)]
    summary = json.dumps({"loss": 0.44, "_runtime": 12.5})
    files = {
        "wandb-history.jsonl": {"offset": 0, "content": steps},
        "wandb-summary.json": {"offset": 0, "content": [summary]},
    }
    body = {"files": files, "complete": True, "exitcode": 0}
    ask("POST", f"/files/{PLACE}/loom-1/file_stream", body)
    return "loom-1"
