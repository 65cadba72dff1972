"""Each kind of limit refuses on each door, in the shape that the door's clients read, and the engine sees nothing.

One limit of each kind is enough here: which limits there are, and what each of them tells, is in `test_refused.py`.
"""

import json
from typing import Any

import httpx
import pytest

from conformance.limits.asks import LIMITED
from conformance.limits.situations import Situation, Stage, this_minute
from weft.ledger.types import Outcome, Tokens

pytestmark = pytest.mark.conformance

TEXT = "hello " * 12
_SAID = [{"role": "user", "content": TEXT}]
DOORS: dict[str, tuple[str, dict[str, Any]]] = {
    "completions": ("v1/completions", {"prompt": TEXT, "max_tokens": 60}),
    "completions-stream": ("v1/completions", {"prompt": TEXT, "max_tokens": 60, "stream": True}),
    "embeddings": ("v1/embeddings", {"input": TEXT, "model": "test/vectors"}),
    "responses": ("v1/responses", {"input": TEXT, "max_output_tokens": 60}),
    "responses-stream": (
        "v1/responses",
        {"input": TEXT, "max_output_tokens": 60, "stream": True},
    ),
    "messages": ("v1/messages", {"messages": _SAID, "max_tokens": 60}),
    "messages-stream": ("v1/messages", {"messages": _SAID, "max_tokens": 60, "stream": True}),
    "tokenize": ("tokenize", {"prompt": TEXT}),
    "count": ("v1/messages/count_tokens", {"messages": _SAID}),
}
FREE = frozenset({"tokenize", "count"})
"""What costs nothing, and has no tokens that count."""
KINDS = ("concurrency-project", "requests-key", "tokens-user", "spend-key-day", "models")
STRICT_KINDS = ("credits-bought", "country")
ANTHROPIC_TYPES = {
    402: "billing_error",
    403: "permission_error",
    429: "rate_limit_error",
}


def ask(stage: Stage, situation: Situation, door: str) -> httpx.Response:
    path, body = DOORS[door]
    return stage.http.post(
        f"{stage.weft.console_url}{path}",
        json={"model": LIMITED, **body},
        headers={**situation.account.headers, **situation.headers},
    )


def refused(stage: Stage, situation: Situation, door: str) -> httpx.Response:
    """The refusal; again if the minute turned before it was asked."""
    for _ in range(3):
        minute = this_minute()
        situation.fill()
        counted, seen = stage.books.counted(), stage.seen()
        response = ask(stage, situation, door)
        if response.status_code != 200 and this_minute() == minute:
            assert stage.books.counted() == counted, "it used something up"
            assert stage.seen() == seen, "the engine saw it"
            return response
        assert this_minute() > minute, f"let through: {situation.told}"
    raise AssertionError("the minute turned three times")


def check(stage: Stage, situation: Situation, door: str) -> None:
    told, response = situation.told, refused(stage, situation, door)
    assert response.status_code == told.status
    body = response.json()
    error, metadata = body["error"], body["error"]["metadata"]
    assert error["code"] == told.code
    assert error["message"].startswith(told.message)
    wanted = {name: value for name, value in told.metadata.items() if name != "asked"}
    assert {name: metadata.get(name) for name in wanted} == wanted
    assert metadata["remedy"]
    assert ("retry-after" in response.headers) == told.waits
    if door.startswith(("messages", "count")):
        assert (body["type"], error["type"]) == ("error", ANTHROPIC_TYPES[told.status])
        assert body["request_id"] == response.headers["request-id"]
    else:
        assert set(body) == {"error"}
    record = stage.books.record_of(response.headers["x-request-id"])
    assert record is not None
    assert (record.status, record.outcome) == (told.status, Outcome.REFUSED)
    assert (record.cost_nusd, record.engine, record.tokens) == (0, "", Tokens())
    assert json.loads(record.refusal)["message"] == error["message"]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("kind", KINDS)
def test_limit_when_reached_then_refuses_on_this_door_in_its_shape(
    stage: Stage, kind: str, door: str
) -> None:
    if door in FREE and kind.startswith(("tokens", "spend")):
        situation = stage.situation(kind)
        situation.fill()
        assert ask(stage, situation, door).status_code == 200, "it uses nothing of that"
        return
    check(stage, stage.situation(kind), door)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("kind", STRICT_KINDS)
def test_limit_of_a_strict_server_when_reached_then_refuses_on_this_door_in_its_shape(
    strict_stage: Stage, kind: str, door: str
) -> None:
    if door in FREE and kind.startswith("credits"):
        situation = strict_stage.situation(kind)
        situation.fill()
        assert ask(strict_stage, situation, door).status_code == 200, "it costs nothing"
        return
    check(strict_stage, strict_stage.situation(kind), door)
