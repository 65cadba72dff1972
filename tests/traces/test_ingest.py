"""Calls on the fast path: who may write, what is refused, and how it is said."""

import base64
import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from traces.doors import OURS, THEIRS, Door
from weft.traces.ingest import BATCH_LIMIT

AT = "2026-11-28T05:00:00Z"
COMPLETE = b"*/calls/complete"


@dataclass
class Sent:
    """A request as the server hands it over, and the answer that it got."""

    headers: list[tuple[bytes, bytes]]
    payload: bytes
    request_id: str = "req_1"
    status: int = 0
    head: bytes = b""
    body: Any = field(default=None)

    def answer(self, status: int, head: bytes, body: bytes) -> None:
        assert self.status == 0, "answered twice"
        self.status, self.head, self.body = status, head, json.loads(body)


async def send(door: Door, path: bytes, body: Any, *, user: str = "ada", key: str = "") -> Sent:
    secret = base64.b64encode(b"api:" + (key or door.keys[user]).encode())
    payload = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = Sent([(b"authorization", b"Basic " + secret)], payload)
    await door.traces.handlers()[path](sent)  # pyright: ignore[reportArgumentType] - the part of an exchange that is used
    assert sent.status, "never answered"
    return sent


def call(**values: Any) -> dict[str, Any]:
    return {
        "project_id": OURS,
        "id": "one",
        "trace_id": "t",
        "op_name": "f",
        "started_at": AT,
        "ended_at": AT,
        "attributes": {},
        "inputs": {},
        "summary": {},
        **values,
    }


async def ids(door: Door, project: str = OURS, user: str = "ada") -> set[str]:
    answer = await door.ask("/traces/calls/stream_query", {"project_id": project}, user=user)
    return {json.loads(line)["id"] for line in answer.text.splitlines()}


async def test_batch_when_it_is_whole_then_is_there_at_once(door: Door) -> None:
    sent = await send(door, COMPLETE, {"batch": [call(), call(id="two")], "new_field": 1})
    assert (sent.status, sent.body) == (200, {})
    assert await ids(door) == {"one", "two"}


async def test_start_and_end_when_sent_one_by_one_then_ids_are_told(door: Door) -> None:
    start = {name: value for name, value in call(id=None).items() if name != "ended_at"}
    sent = await send(door, b"/traces/call/start", {"start": start})
    end: dict[str, Any] = {
        "project_id": OURS,
        "id": sent.body["id"],
        "ended_at": AT,
        "summary": {},
        "is_eval": True,
    }
    assert (await send(door, b"*/call/end", {"end": end})).body == {}
    assert await ids(door) == {sent.body["id"]}


async def test_upsert_batch_when_an_old_client_sends_it_then_each_item_is_answered(
    door: Door,
) -> None:
    start = {"mode": "start", "req": {"start": call()}}
    end = {"mode": "end", "req": {"end": {"project_id": OURS, "id": "one", "ended_at": AT}}}
    sent = await send(door, b"/call/upsert_batch", {"batch": [start, end]})
    assert sent.body == {"res": [{"id": "one", "trace_id": "t"}, {}]}


async def test_batch_when_it_names_two_projects_then_each_call_goes_to_its_own(door: Door) -> None:
    sent = await send(door, COMPLETE, {"batch": [call(), call(id="x", project_id=THEIRS)]})
    assert sent.status == 404
    assert await ids(door) == set()


@pytest.mark.parametrize("user", ["mel"])
async def test_call_when_the_caller_has_no_part_in_the_project_then_is_told_as_if_it_were_not_there(
    quiet_door: Door, user: str
) -> None:
    theirs = await send(quiet_door, COMPLETE, {"batch": [call()]}, user=user)
    nobodys = await send(quiet_door, COMPLETE, {"batch": [call(project_id="loom/none")]}, user=user)
    assert (theirs.status, nobodys.status) == (404, 404)
    assert theirs.body["reason"].replace(OURS, "") == nobodys.body["reason"].replace(
        "loom/none", ""
    )
    assert theirs.body["error_code"] == "not_found"


async def test_call_when_a_viewer_sends_it_then_the_remedy_is_told(quiet_door: Door) -> None:
    sent = await send(quiet_door, COMPLETE, {"batch": [call()]}, user="vic")
    assert sent.status == 403
    assert "weft team add loom" in sent.body["reason"]


async def test_call_when_the_key_is_wrong_then_is_refused(quiet_door: Door) -> None:
    sent = await send(quiet_door, COMPLETE, {"batch": [call()]}, key="weft_" + "x" * 35)
    assert (sent.status, sent.body["error_code"]) == (401, "invalid_api_key")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        ({"batch": 3}, 422),
        ({"batch": [call(op_name=None)]}, 422),
        ({"batch": [call(started_at="yesterday")]}, 422),
        ({"batch": [call(id="x" * 300)]}, 422),
        ({"batch": [call(wb_run_step=1 << 70)]}, 422),
        ({"batch": [call(project_id="")]}, 404),
        ({"batch": [{"id": "a"}] * (BATCH_LIMIT + 1)}, 422),
    ],
)
async def test_batch_when_it_is_no_good_then_is_refused_in_the_clients_form(
    quiet_door: Door, body: Any, status: int
) -> None:
    sent = await send(quiet_door, COMPLETE, body)
    assert sent.status == status
    assert {"reason", "message", "error_code"} <= set(sent.body)


async def test_inputs_when_they_are_no_object_then_are_kept_all_the_same(quiet_door: Door) -> None:
    await send(quiet_door, COMPLETE, {"batch": [call(inputs=[1, 2], attributes=None)]})
    answer = await quiet_door.get("/traces/call/read", {"project_id": OURS, "id": "one"})
    assert (answer["call"]["inputs"], answer["call"]["attributes"]) == ({"value": [1, 2]}, {})


async def test_user_when_a_client_names_another_then_it_is_the_keys(quiet_door: Door) -> None:
    await send(quiet_door, COMPLETE, {"batch": [call(wb_user_id="somebody")]})
    answer = await quiet_door.get("/traces/call/read", {"project_id": OURS, "id": "one"})
    assert answer["call"]["wb_user_id"] == quiet_door.users["ada"]


async def test_calls_when_an_old_client_asks_for_them_then_come_in_one_object(
    quiet_door: Door,
) -> None:
    text = "two\nlines"
    await send(
        quiet_door, COMPLETE, {"batch": [call(id=f"c{n}", output=text) for n in range(2000)]}
    )
    answer = await quiet_door.get("/calls/query", {"project_id": OURS, "columns": ["output"]})
    assert [one["output"] for one in answer["calls"]] == [text] * 2000
    none = {"project_id": OURS, "filter": {"call_ids": ["none"]}}
    assert await quiet_door.get("/calls/query", none) == {"calls": []}
