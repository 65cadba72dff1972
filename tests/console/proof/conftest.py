"""A server with something on every screen, in it texts that would be programs if a page let them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from conformance.server import ECHO, PATIENCE_S, PROJECT, TEAM, Weft
from console.given import ask, running_console
from console.proof.filled import fill

SCRIPT = "<img src=x onerror=window.hit=1><script>window.hit=1</script>"
"""As a name, where a name may have any characters."""
SAID = f"""\
{SCRIPT} [a](javascript:window.hit=1) [b](JaVaScRiPt&colon;window.hit=1) ![c](https://evil.example/c.png)
<a href="javascript:window.hit=1" onclick="window.hit=1">d</a> <svg/onload=window.hit=1> [e](data:text/html,x)
<iframe srcdoc="<script>parent.hit=1</script>"></iframe> [f]: javascript:window.hit=1 [f]
```html
{SCRIPT}
```
"""
"""What a model says."""


@dataclass
class World:
    """The server, and what was put into it."""

    weft: Weft
    names: dict[str, str]
    """What `screens.py` asks for by name, such as a `request` that was answered."""
    planted: dict[str, int] = field(default_factory=dict[str, int])
    """What was sent to put a hostile text in, and what it was answered."""

    def post(self, path: str, body: object, method: str = "POST") -> httpx.Response:
        """Ask a route of the API, as the administrator."""
        response = httpx.request(
            method,
            f"{self.weft.console_url.rstrip('/')}{path}",
            headers=self.weft.headers,
            json=body,
            timeout=PATIENCE_S,
        )
        self.planted[f"{method} {path}"] = response.status_code
        return response

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """Ask as `post` does, for something that is to be answered well."""
        response = self.post(path, body, method)
        assert response.is_success, f"{method} {path}: {response.text}"
        return response.json()


def ask_model(weft: Weft, text: str, **more: object) -> httpx.Response:
    body = {"model": ECHO, "messages": [{"role": "user", "content": text}], **more}
    headers = {**weft.headers, "OpenAI-Project": f"{TEAM}/{PROJECT}"}
    url = f"{weft.url}/chat/completions"
    return httpx.post(url, headers=headers, json=body, timeout=PATIENCE_S)


def plant(world: World) -> None:
    """Put texts of an attacker wherever somebody may write."""
    weft = world.weft
    tool = {"type": "function", "function": {"name": "f", "description": SCRIPT}}
    ask_model(weft, SAID, tools=[tool])
    ask_model(weft, "x", model=SCRIPT)  # a model that is not there: an error with the name in it
    world.post("/api/keys", {"name": SCRIPT, "team": TEAM})
    world.post("/api/keys", {"name": f"{SCRIPT} of a service"})
    call = {
        "project_id": f"{TEAM}/{PROJECT}",
        "op_name": SCRIPT,
        "display_name": SCRIPT,
        "started_at": "2026-11-20T10:00:00Z",
        "attributes": {SCRIPT: SCRIPT},
        "inputs": {SCRIPT: SAID, "tool": json.dumps({SCRIPT: SCRIPT})},
    }
    world.post("/traces/call/start", {"start": call})
    plant_objects(world)
    column = {
        "evaluation_object_ref": f"weave:///{TEAM}/{PROJECT}/object/Eval:1",
        "scorer_name": SCRIPT,
        "summary_metric_path": "mean",
    }
    board = {"title": "Planted", "description": SAID, "columns": [column]}
    world.post(f"/api/evals/{TEAM}/{PROJECT}/leaderboards", board)


def plant_objects(world: World) -> None:
    """A prompt and a dataset whose texts, variables and columns would be programs."""
    place = f"{TEAM}/{PROJECT}"
    rows = [{SCRIPT: SAID, "n": number} for number in range(3)]
    table = world.post("/traces/table/create", {"table": {"project_id": place, "rows": rows}})
    bases = ["Object", "BaseModel"]
    values: dict[str, dict[str, object]] = {
        "prompt": {
            "_class_name": "MessagesPrompt",
            "_bases": ["Prompt", *bases],
            "description": SCRIPT,
            "messages": [{"role": SCRIPT, "content": SAID}, {"role": "user", "content": "{x}"}],
        },
        "rows": {
            "_class_name": "Dataset",
            "_bases": bases,
            "description": SCRIPT,
            "rows": f"weave:///{place}/table/{table.json()['digest']}",
        },
    }
    for name, value in values.items():
        val = {"_type": value["_class_name"], "name": SCRIPT, **value}
        obj = {"project_id": place, "object_id": f"hostile-{name}", "val": val}
        world.post("/traces/obj/create", {"obj": obj})


@pytest.fixture(scope="module")
def weft(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Weft]:
    """A server that keeps the whole of each request in its project's traces."""
    often = {"WEFT_MONITOR_LOOK_S": "0.3"}
    with running_console(tmp_path_factory.mktemp("proof"), settings=often) as weft:
        ask(weft, "PUT", f"projects/{TEAM}/{PROJECT}/trace", trace="full")
        yield weft


@pytest.fixture(scope="module")
def world(weft: Weft) -> World:
    """With requests, keys and traces."""
    answer = ask_model(weft, "warp and weft")
    assert answer.status_code == 200, answer.text
    world = World(weft, {})
    world.names |= fill(world.ask, answer.headers["x-request-id"])
    plant(world)
    return world
