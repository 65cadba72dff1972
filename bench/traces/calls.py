"""The data set: calls of about 2.1 KB of JSON, in the client's wire format.

Traces of 1 to 10 calls, 30 ops, 6 models, times spread evenly over the days that are asked for. Bodies are made before
anything is timed; ids are UUIDv7 and times ISO 8601 with microseconds, as the client sends them.
"""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from weft.kit.ids import uuid7_hex

BENCH = Path(__file__).resolve().parents[1]
MODELS = ("openai/gpt-oss-20b", "openai/gpt-oss-120b", "meta-llama/Llama-3.1-8B-Instruct")
MODELS += ("Qwen/Qwen3-30B-A3B-Instruct-2507", "microsoft/Phi-4-mini-instruct", "weft/tiny-chat")
OPS = 30
WORDS = [
    "loom",
    "weft",
    "warp",
    "cloth",
    "thread",
    "shuttle",
    "pattern",
    "heddle",
    "selvage",
    "bobbin",
    "yarn",
    "spindle",
]
Call = dict[str, Any]


class Calls:
    """Makes calls of one project, oldest first."""

    def __init__(self, project: str, *, total: int, days: float, seed: int = 1) -> None:
        self._random = random.Random(seed)
        self._project = project
        self._at = datetime.now(UTC) - timedelta(days=days)
        self._step = timedelta(days=days) / max(total, 1)
        self._left_in_trace = 0
        self._trace = self._root = ""

    def batch(self, size: int) -> list[Call]:
        """The next `size` calls."""
        return [self._call() for _ in range(size)]

    def _call(self) -> Call:
        rand = self._random
        id_ = uuid7_hex()
        if not self._left_in_trace:
            self._left_in_trace = rand.randint(1, 10)
            self._trace, self._root = uuid7_hex(), id_
        self._left_in_trace -= 1
        self._at += self._step
        model = rand.choice(MODELS)
        op = rand.randrange(OPS)
        prompt = " ".join(rand.choices(WORDS, k=90))
        answer = " ".join(rand.choices(WORDS, k=100))
        tokens = rand.randint(10, 900)
        counts = {"requests": 1, "prompt_tokens": 120, "completion_tokens": tokens}
        return {
            "project_id": self._project,
            "id": id_,
            "trace_id": self._trace,
            "parent_id": None if self._root == id_ else self._root,
            "op_name": f"weave:///{self._project}/op/op_{op}:{'d' * 43}",
            "display_name": None,
            "started_at": self._at.isoformat(),
            "ended_at": (self._at + timedelta(milliseconds=rand.expovariate(1 / 800))).isoformat(),
            "attributes": {
                "weave": {"kind": "llm", "client_version": "0.54.0", "source": "python-sdk"},
                "env": rand.choice(("prod", "test")),
                "score": round(rand.random(), 4),
            },
            "inputs": {
                "model": model,
                "messages": [{"role": "user", "content": prompt}],
                "temperature": 0.7,
            },
            "output": {
                "id": f"chatcmpl-{id_}",
                "object": "chat.completion",
                "choices": [{"index": 0, "message": {"role": "assistant", "content": answer}}],
                "score": round(rand.random(), 6),
            },
            "summary": {"usage": {model: counts}, "status_counts": {"success": 1, "error": 0}},
            "exception": None,
        }


def complete_bodies(calls: Calls, batches: int, size: int) -> Iterator[bytes]:
    """Bodies of `calls/complete`."""
    for _ in range(batches):
        yield json.dumps({"batch": calls.batch(size)}).encode()


def start_and_end(call: Call) -> tuple[bytes, bytes]:
    """Bodies of `call/start` and `call/end`."""
    ends = ("ended_at", "output", "summary", "exception")
    start = {name: value for name, value in call.items() if name not in ends}
    end = {name: call[name] for name in ("project_id", "id", "trace_id", *ends)}
    return json.dumps({"start": start}).encode(), json.dumps({"end": end}).encode()
