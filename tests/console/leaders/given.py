"""A race of models in one evaluation, as the Weave client writes it, over HTTP."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from conformance.server import PATIENCE_S, PROJECT, TEAM, Weft
from weft.kit.ids import uuid7_hex

PLACE = f"{TEAM}/{PROJECT}"
ROWS = 40
LLAMA, GPT_OSS = "meta-llama/Llama-3.1-8B-Instruct", "openai/gpt-oss-120b"


@dataclass
class Race:
    """Writes runs of one evaluation."""

    weft: Weft
    evaluation: str = ""
    dataset: str = ""
    at: int = 0
    digests: list[str] = field(default_factory=list[str])

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """Ask the trace server."""
        url = f"{self.weft.console_url}traces{path}"
        answer = httpx.post(url, json=body, headers=self.weft.headers, timeout=PATIENCE_S)
        assert answer.is_success, answer.text
        return answer.json()

    def publish(self, name: str, class_: str, **fields: Any) -> str:
        """An object of one of the client's classes; its reference."""
        value = {
            "_type": class_,
            "name": name,
            "description": None,
            **fields,
            "_class_name": class_,
            "_bases": ["Object", "BaseModel"],
        }
        obj = {"project_id": PLACE, "object_id": name, "val": value}
        digest = self.post("/obj/create", {"obj": obj})["digest"]
        return f"weave:///{PLACE}/object/{name}:{digest}"

    def prepare(self) -> None:
        """A dataset and an evaluation of it."""
        rows = [{"question": f"What is {n} + {n}?"} for n in range(ROWS)]
        table = self.post("/table/create", {"table": {"project_id": PLACE, "rows": rows}})
        rows_ref = f"weave:///{PLACE}/table/{table['digest']}"
        self.dataset = self.publish("Sums", "Dataset", rows=rows_ref)
        self.evaluation = self.publish(
            "Adding", "Evaluation", dataset=self.dataset, scorers=[], trials=1
        )
        self.digests = table["row_digests"]

    def run(
        self, model: str, passes: Sequence[bool], *, seconds: float = 1, llm: str = LLAMA
    ) -> str:
        """One run of a model over all rows; its id."""
        ref = self.publish(model, "Model", model=llm)
        self.at += 1
        start = datetime.now(UTC) - timedelta(hours=2) + timedelta(minutes=self.at)
        root = uuid7_hex()
        share = sum(passes) / len(passes)
        output: dict[str, Any] = {
            "correct": {"true_count": sum(passes), "true_fraction": share},
            "length": {"mean": sum(map(_length, range(len(passes)))) / len(passes)},
            "model_latency": {"mean": seconds},
        }
        inputs = {"self": self.evaluation, "model": ref}
        calls = [_call(root, root, None, "Evaluation.evaluate", start, 60, inputs, output)]
        for row, passed in enumerate(passes):
            id_ = uuid7_hex()
            example = f"{self.dataset}/attr/rows/id/{self.digests[row]}"
            scores = {"correct": passed, "length": _length(row)}
            told = {"output": "four", "scores": scores, "model_latency": seconds}
            wanted = {**inputs, "example": example}
            calls.append(
                _call(id_, root, root, "Evaluation.predict_and_score", start, 2, wanted, told)
            )
            usage = {llm: {"requests": 1, "prompt_tokens": 400, "completion_tokens": 90}}
            predict = _call(
                uuid7_hex(), root, id_, f"{model}.predict", start, seconds, {"self": ref}, "four"
            )
            calls.append({**predict, "summary": {"usage": usage}})
        batch = {"batch": calls}
        self.post(f"/v2/{PLACE}/calls/complete", batch)
        return root


def _length(row: int) -> float:
    return 10.0 + row % 7


def _call(
    id_: str,
    trace: str,
    parent: str | None,
    op: str,
    start: datetime,
    seconds: float,
    inputs: Any,
    output: Any,
) -> dict[str, Any]:
    return {
        "project_id": PLACE,
        "id": id_,
        "trace_id": trace,
        "parent_id": parent,
        "op_name": f"weave:///{PLACE}/op/{op}:1a",
        "started_at": start.isoformat(),
        "ended_at": (start + timedelta(seconds=seconds)).isoformat(),
        "attributes": {},
        "inputs": inputs,
        "output": output,
        "summary": {},
    }
