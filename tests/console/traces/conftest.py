"""Calls of projects, written through the trace API as the client would; each test that changes them has its own."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from conformance.server import PATIENCE_S, PROJECT, TEAM, Weft
from weft.kit.ids import uuid7_hex

TRACES = 240
FAILED = 3
MODELS = ("small", "large")
EPOCH = datetime.now(UTC) - timedelta(hours=2)


@dataclass(frozen=True)
class Traced:
    """A project with traces, some failed, each with a call inside."""

    weft: Weft
    place: str
    """`team/project`."""
    roots: tuple[str, ...]
    """Ids of whole traces, the oldest first."""

    @property
    def address(self) -> str:
        """The table's."""
        return f"/{self.place}/weave/traces"

    def write(self, calls: list[dict[str, Any]]) -> None:
        """Store calls that have ended."""
        post(self.weft, f"traces/v2/{self.place}/calls/complete", {"batch": calls})

    def start(self, call: dict[str, Any]) -> None:
        """Store the start of a call."""
        ends = ("ended_at", "output", "summary", "exception")
        begun = {name: value for name, value in call.items() if name not in ends}
        post(self.weft, "traces/call/start", {"start": begun})

    def end(self, call: dict[str, Any]) -> None:
        """Store its end."""
        names = ("project_id", "id", "trace_id", "ended_at", "output", "summary", "exception")
        post(self.weft, "traces/call/end", {"end": {name: call[name] for name in names}})

    def count(self) -> int:
        """How many calls there are."""
        answer = post(self.weft, "traces/calls/query_stats", {"project_id": self.place})
        return answer.json()["count"]


def post(weft: Weft, path: str, body: dict[str, Any]) -> httpx.Response:
    """Ask as the administrator."""
    url = f"{weft.console_url}{path}"
    answer = httpx.post(url, json=body, headers=weft.headers, timeout=PATIENCE_S)
    assert answer.is_success, answer.text
    return answer


def a_call(
    place: str, number: int, *, parent: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    """The call of this number: of a model, with a nested input and a score, a second after the one before."""
    id_ = uuid7_hex()
    began = EPOCH + timedelta(seconds=number)
    failed = more.pop("failed", False)
    model = MODELS[number % 2]
    usage = {model: {"requests": 1, "prompt_tokens": 100, "completion_tokens": number}}
    return {
        "project_id": place,
        "id": id_,
        "trace_id": parent["trace_id"] if parent else uuid7_hex(),
        "parent_id": parent["id"] if parent else None,
        "op_name": f"weave:///{place}/op/{'answer' if parent is None else 'search'}:{'d' * 43}",
        "display_name": None,
        "started_at": began.isoformat(),
        "ended_at": (began + timedelta(milliseconds=10 + number)).isoformat(),
        "attributes": {"env": "test"},
        "inputs": {
            "question": f"What is {number}, <b>or</b> more?",
            "number": number,
            "user": {"name": "Ada" if number % 3 else "Grace"},
            "judge": f"weave:///{place}/object/judge:{'a' * 43}",
        },
        "output": None if failed else {"answer": f"It is {number}.", "good": number % 2 == 0},
        "summary": {"usage": usage},
        "exception": "ValueError: no" if failed else None,
        **more,
    }


def a_project(weft: Weft, project: str, traces: int = TRACES) -> Traced:
    """A project of this name with so many traces."""
    place = f"{TEAM}/{project}"
    if project != PROJECT:
        post(weft, f"api/teams/{TEAM}/projects", {"name": project})
    roots = [a_call(place, number, failed=number < FAILED) for number in range(traces)]
    inside = [a_call(place, number, parent=root) for number, root in enumerate(roots)]
    made = Traced(weft, place, tuple(root["id"] for root in roots))
    if traces:
        made.write([*roots, *inside])
    return made


@pytest.fixture(scope="module")
def traced(weft: Weft) -> Traced:
    """Traces that no test changes."""
    return a_project(weft, PROJECT)
