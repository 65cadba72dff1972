"""A request through the door leaves a call whose id is the request's."""

import json
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from tests.gateway.house import Door
from tests.gateway.tracing.stored import TraceDatabase

from weft.gateway.tracing import recorder
from weft.identity.projects.tracing import set_trace
from weft.identity.teams import get_project
from weft.identity.types import TraceLevel

pytestmark = pytest.mark.asyncio(loop_scope="module")
FULL = {"X-Weft-Trace": "full"}
MESSAGES = [{"role": "user", "content": "one two three"}]
ASKED: dict[str, Any] = {"model": "test/fake", "messages": MESSAGES}


async def ask(door: Door, path: str, body: object, **headers: str) -> httpx.Response:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return await door.client.post(f"/v1/{path}", json=body, headers=told)


def id_of(response: httpx.Response) -> str:
    return response.headers["x-request-id"]


async def set_level(door: Door, level: TraceLevel | None) -> None:
    def change(connection: Any) -> None:
        project = get_project(connection, "my-team", "inference")
        set_trace(connection, project.id, level)

    await door.database.write_soon(change)


async def test_request_when_traced_then_record_ledger_and_call_have_one_id(
    door: Door, stored: TraceDatabase
) -> None:
    response = await ask(door, "chat/completions", ASKED, **FULL)
    call = await stored.call(id_of(response))
    record = await door.record_of(response)
    assert record is not None
    assert (call.project_id, call.row.wb_user_id) == (record.project_id, record.user_id)
    with door.database.read() as connection:
        wanted = text("SELECT kind FROM ledger_transaction WHERE idempotency_key = :id")
        assert connection.execute(wanted, {"id": record.id}).scalar_one() == "charge"
    assert call.row.op_name == "weft.chat.completions"
    assert call.row.status == "success"
    assert (call.row.model, call.row.input_tokens, call.row.output_tokens) == ("test/fake", 3, 3)
    assert call.inputs == ASKED
    assert call.output == response.json()
    assert call.summary["weft"]["cost_nusd"] == str(record.cost_nusd)
    assert call.row.ended_at_us - call.row.started_at_us == record.total_us
    assert call.row.trace_id == record.id.removeprefix("req_")
    assert call.row.parent_id is None


async def test_request_when_level_is_metadata_then_no_word_of_it_is_kept(
    door: Door, stored: TraceDatabase
) -> None:
    response = await ask(door, "chat/completions", ASKED, X_Weft_Trace="metadata")
    call = await stored.call(id_of(response))
    assert call.inputs == {"model": "test/fake"}
    assert call.output is None
    assert (call.row.input_tokens, call.row.output_tokens) == (3, 3)
    everything = " ".join(str(value) for value in call.row)
    assert "one two" not in everything


async def test_request_when_nobody_asks_then_leaves_nothing(
    door: Door, stored: TraceDatabase
) -> None:
    quiet = await ask(door, "chat/completions", ASKED)
    off = await ask(door, "chat/completions", ASKED, X_Weft_Trace="off")
    later = await ask(door, "chat/completions", ASKED, **FULL)
    await stored.call(id_of(later))
    assert stored.find(id_of(quiet)) is None
    assert stored.find(id_of(off)) is None


async def test_request_when_project_is_set_then_headers_lower_and_never_raise(
    door: Door, stored: TraceDatabase
) -> None:
    await set_level(door, TraceLevel.METADATA)
    try:
        raised = await ask(door, "chat/completions", ASKED, **FULL)
        assert (await stored.call(id_of(raised))).attributes["trace"] == "metadata"
        plain = await ask(door, "chat/completions", ASKED)
        assert (await stored.call(id_of(plain))).attributes["trace"] == "metadata"
        lowered = await ask(door, "chat/completions", ASKED, X_Weft_Trace="off")
        await set_level(door, TraceLevel.OFF)
        forbidden = await ask(door, "chat/completions", ASKED, **FULL)
        await set_level(door, None)
        await stored.call(id_of(await ask(door, "chat/completions", ASKED, **FULL)))
        assert stored.find(id_of(lowered)) is None
        assert stored.find(id_of(forbidden)) is None
    finally:
        await set_level(door, None)


async def test_request_when_header_is_no_level_then_is_refused_by_name(door: Door) -> None:
    response = await ask(door, "chat/completions", ASKED, X_Weft_Trace="yes")
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "invalid_trace_level"
    assert (await door.settled_record(id_of(response))).status == 400


@pytest.mark.parametrize("model", ["test/fake", "test/alias", "test/thinker"])
async def test_stream_when_traced_then_its_answer_is_put_together(
    door: Door, stored: TraceDatabase, model: str
) -> None:
    body = {**ASKED, "model": model, "stream": True}
    response = await ask(door, "chat/completions", body, **FULL)
    call = await stored.call(id_of(response))
    assert call.output["object"] == "chat.completion"
    [choice] = call.output["choices"]
    said = [json.loads(line[6:]) for line in response.text.splitlines() if line[:7] == "data: {"]
    pieces = [chunk["choices"][0]["delta"].get("content") or "" for chunk in said]
    assert choice["message"]["content"] == "".join(pieces)
    assert choice["finish_reason"] == "stop"
    assert call.summary["usage"]
    assert call.inputs == body


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("path", "body", "op", "said"),
    [
        ("completions", {"prompt": "one two"}, "weft.completions", ["choices", 0, "text"]),
        (
            "messages",
            {"max_tokens": 50, "messages": MESSAGES},
            "weft.messages",
            ["content", 0, "text"],
        ),
        (
            "responses",
            {"input": "one two", "store": False},
            "weft.responses",
            ["output", 0, "content", 0, "text"],
        ),
    ],
)
async def test_other_doors_when_traced_then_their_own_bodies_are_kept(
    door: Door,
    stored: TraceDatabase,
    path: str,
    body: dict[str, Any],
    op: str,
    said: list[Any],
    stream: bool,
) -> None:
    sent = {"model": "test/fake", **body, **({"stream": True} if stream else {})}
    response = await ask(door, path, sent, **FULL)
    assert response.status_code == 200, response.text
    call = await stored.call(id_of(response))
    assert (call.row.op_name, call.row.status) == (op, "success")
    assert call.inputs == sent
    found: Any = call.output
    for step in said:
        found = found[step]
    assert found.startswith("one two")


async def test_embeddings_when_traced_then_leave_a_call(door: Door, stored: TraceDatabase) -> None:
    sent = {"model": "test/vectors", "input": "one two"}
    response = await ask(door, "embeddings", sent, **FULL)
    call = await stored.call(id_of(response))
    assert call.row.op_name == "weft.embeddings"
    assert call.output == response.json()
    assert call.row.input_tokens == 2


@pytest.mark.parametrize(("model", "status"), [("test/none", 404), ("test/down", 502)])
async def test_request_when_it_fails_then_leaves_a_call_with_its_error(
    door: Door, stored: TraceDatabase, model: str, status: int
) -> None:
    response = await ask(door, "chat/completions", {**ASKED, "model": model}, **FULL)
    assert response.status_code == status
    call = await stored.call(id_of(response))
    assert call.row.status == "error"
    error = response.json()["error"]
    assert call.exception["message"] == error["message"]
    assert call.exception["type"] == (error["code"] or error["type"])
    assert call.summary["weft"]["status"] == status
    terse = await ask(door, "chat/completions", {**ASKED, "model": model}, X_Weft_Trace="metadata")
    call = await stored.call(id_of(terse))
    assert error["message"] not in call.exception["message"]


@pytest.mark.parametrize("body", [b"{nonsense", b"[1]", b'{"model": "\xff"}', b""])
async def test_request_when_it_is_no_json_then_its_call_can_be_read(
    door: Door, stored: TraceDatabase, body: bytes
) -> None:
    response = await door.client.post("/v1/chat/completions", content=body, headers=FULL)
    assert response.status_code == 400
    call = await stored.call(id_of(response))
    assert list(call.inputs) == ["body"]


async def test_stream_when_the_engine_dies_then_what_came_is_kept(
    door: Door, stored: TraceDatabase
) -> None:
    dying = "[[fake: die_after=2 tokens=5]] a b c"
    body = {"model": "test/fake", "messages": [{"role": "user", "content": dying}], "stream": True}
    response = await ask(door, "chat/completions", body, **FULL)
    call = await stored.call(id_of(response))
    assert call.row.status == "error"
    assert call.output["choices"][0]["message"]["content"]


async def test_request_when_a_parent_is_named_then_is_its_child(
    door: Door, stored: TraceDatabase
) -> None:
    parent, trace = "0198c2aa-0000-7000-8000-000000000001", "0198c2aa-0000-7000-8000-0000000000ff"
    linked = await ask(
        door,
        "chat/completions",
        ASKED,
        X_Weft_Trace="metadata",
        X_Weave_Parent_Call=parent,
        X_Weave_Trace_Id=trace,
    )
    call = await stored.call(id_of(linked))
    assert (call.row.parent_id, call.row.trace_id) == (parent, trace)
    context = f"00-{'ab' * 16}-{'cd' * 8}-01"
    spanned = await ask(
        door, "chat/completions", ASKED, X_Weft_Trace="metadata", traceparent=context
    )
    call = await stored.call(id_of(spanned))
    assert (call.row.parent_id, call.row.trace_id) == ("cd" * 8, "ab" * 16)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Weave-Parent-Call": "alone"},
        {"X-Weave-Parent-Call": "a b", "X-Weave-Trace-Id": "t"},
        {"traceparent": "nonsense"},
        {"traceparent": f"00-{'0' * 32}-{'cd' * 8}-01"},
        {"traceparent": f"ff-{'ab' * 16}-{'cd' * 8}-01"},
    ],
)
async def test_request_when_its_parent_is_no_place_then_stands_alone(
    door: Door, stored: TraceDatabase, headers: dict[str, str]
) -> None:
    sent = {**headers, "X-Weft-Trace": "metadata"}
    response = await door.client.post("/v1/chat/completions", json=ASKED, headers=sent)
    assert response.status_code == 200
    call = await stored.call(id_of(response))
    assert call.row.parent_id is None
    assert call.row.trace_id == call.row.id.removeprefix("req_")


async def test_stream_when_the_client_hangs_up_then_what_left_is_kept(
    door: Door, stored: TraceDatabase
) -> None:
    slow = "[[fake: delay_ms=20 tokens=400]] a b c"
    body = {"model": "test/fake", "messages": [{"role": "user", "content": slow}], "stream": True}
    async with door.client.stream(
        "POST", "/v1/chat/completions", json=body, headers=FULL
    ) as response:
        async for piece in response.aiter_bytes():
            if b"data: " in piece:  # not the comment of an engine that starts
                break
    call = await stored.call(id_of(response))
    assert (call.row.status, call.exception["type"]) == ("error", "client_closed_request")
    assert call.output["choices"][0]["message"]["role"] == "assistant"
    assert call.summary["weft"]["outcome"] == "cancelled"


@pytest.mark.parametrize("path", ["chat/completions", "messages"])
async def test_request_when_it_is_repeated_then_leaves_one_call(
    door: Door, stored: TraceDatabase, path: str
) -> None:
    sent = {**ASKED, "max_tokens": 20}
    headers = {**FULL, "Idempotency-Key": f"once-{path}"}
    first = await door.client.post(f"/v1/{path}", json=sent, headers=headers)
    again = await door.client.post(f"/v1/{path}", json=sent, headers=headers)
    assert again.content == first.content
    call = await stored.call(id_of(first))
    assert (call.inputs, call.output) == (sent, first.json())
    assert id_of(again) != id_of(first)
    assert stored.find(id_of(again)) is None


async def test_answer_when_it_is_longer_than_is_kept_then_says_so(
    door: Door, stored: TraceDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "ANSWER_LIMIT_BYTES", 1000)
    response = await ask(door, "chat/completions", {**ASKED, "stream": True}, **FULL)
    call = await stored.call(id_of(response))
    assert call.summary["weft"].get("answer_cut") is (len(response.content) > 1000 or None)
    monkeypatch.setattr(recorder, "ANSWER_LIMIT_BYTES", 10)
    response = await ask(door, "chat/completions", ASKED, **FULL)
    call = await stored.call(id_of(response))
    assert (call.output, call.summary["weft"]["answer_cut"]) == (None, True)
    assert call.row.status == "success"
