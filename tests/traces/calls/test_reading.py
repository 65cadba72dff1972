"""Calls through their routes: as they were sent, filtered, cut to columns, with what the server adds."""

import json
from typing import Any

import pytest

from traces.doors import OURS, THEIRS, Door

OP = f"weave:///{OURS}/op/predict:v1abc"
AT = "2026-11-01T10:00:{:02}.000{:03}Z"


def call(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "project_id": OURS,
        "id": f"c{number}",
        "trace_id": f"t{number // 2}",
        "op_name": OP,
        "started_at": AT.format(number % 60, 1),
        "ended_at": AT.format(number % 60, 501),
        "attributes": {},
        "inputs": {"n": number},
        "output": {"ok": number % 2 == 0},
        "summary": {"usage": {"m": {"prompt_tokens": 10, "completion_tokens": number}}},
        **fields,
    }


async def write(door: Door, *calls: dict[str, Any]) -> None:
    await send(door, "*/calls/complete", json.dumps({"batch": list(calls)}))


async def send(door: Door, path: str, payload: str) -> None:
    post = Post(door.keys["ada"], payload.encode())
    handler: Any = door.traces.handlers()[path.encode()]
    await handler(post)
    assert post.status == 200, post.body


class Post:
    """A request as the fast path gets it."""

    def __init__(self, key: str, payload: bytes) -> None:
        self.request_id = "test"
        self.headers = [(b"authorization", f"Bearer {key}".encode())]
        self.payload = payload
        self.status, self.head, self.body = 0, b"", b""

    def answer(self, status: int, head: bytes, body: bytes) -> None:
        self.status, self.head, self.body = status, head, body


async def stream(door: Door, **asked: Any) -> list[dict[str, Any]]:
    answer = await door.ask("/calls/stream_query", {"project_id": OURS, **asked})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/jsonl"
    return [json.loads(line) for line in answer.text.splitlines()]


async def ids(door: Door, **asked: Any) -> list[str]:
    return [found["id"] for found in await stream(door, **asked)]


async def test_a_call_comes_back_as_it_was_sent(door: Door) -> None:
    sent = call(
        1,
        parent_id="p",
        display_name='a "name"',
        thread_id="th",
        turn_id="tu",
        wb_run_id="loom/cloth/run",
        wb_run_step=3,
        exception="Traceback",
        inputs={
            "text": "line\nbreak \u2028 \x85 ä",
            "nul": "a\0b",
            "big": 2**70,
            "list": [1, {"a": None}],
        },
        output=None,
    )
    await write(door, sent)
    [found] = await stream(door)
    told = found.pop("summary")
    assert told == {
        **sent["summary"],
        "weave": {
            "status": "error",
            "trace_name": "predict",
            "display_name": 'a "name"',
            "latency_ms": 0,
        },
    }
    expected = {name: value for name, value in sent.items() if name != "summary"}
    assert found == {
        **expected,
        "wb_user_id": door.users["ada"],
        "wb_run_step_end": None,
        "deleted_at": None,
        "otel_dump": None,
    }
    assert (await door.get("/call/read", {"project_id": OURS, "id": "c1"}))["call"]["id"] == "c1"
    assert await door.get("/call/read", {"project_id": OURS, "id": "c9"}) == {"call": None}


async def test_texts_with_line_breaks_stay_on_their_line(door: Door) -> None:
    await send(door, "*/calls/complete", json.dumps({"batch": [call(1)]}, indent=2))
    [found] = await stream(door)
    assert found["inputs"] == {"n": 1}


async def test_a_running_call_has_no_end_and_no_latency(door: Door) -> None:
    start = {k: v for k, v in call(1).items() if k not in {"ended_at", "output", "summary"}}
    await send(door, "/call/start", json.dumps({"start": start}))
    [found] = await stream(door)
    assert found["ended_at"] is None
    assert found["output"] is None
    assert found["summary"] == {"weave": {"status": "running", "trace_name": "predict"}}


async def test_filters_choose(door: Door) -> None:
    ref = f"weave:///{OURS}/object/model:d1"
    await write(
        door,
        call(1, parent_id="c0", inputs={"self": ref}),
        call(2, op_name=f"weave:///{OURS}/op/predict:v2", thread_id="th", output={"deep": [ref]}),
        call(3, op_name=f"weave:///{OURS}/op/predict.more:v1", turn_id="tu"),
        call(4, op_name="bare", wb_run_id="a/b/c", inputs={"self": ref + "2"}),
    )
    expectations: list[tuple[dict[str, Any], list[str]]] = [
        ({}, ["c1", "c2", "c3", "c4"]),
        ({"op_names": [OP]}, ["c1"]),
        ({"op_names": [f"weave:///{OURS}/op/predict:*"]}, ["c1", "c2"]),
        ({"op_names": ["bare", OP]}, ["c1", "c4"]),
        ({"op_names": ["predict"]}, ["c1", "c2"]),
        ({"input_refs": [ref]}, ["c1"]),
        ({"input_refs": [f"weave:///{OURS}/object/model:*"]}, ["c1", "c4"]),
        ({"output_refs": [ref]}, ["c2"]),
        ({"parent_ids": ["c0"]}, ["c1"]),
        ({"trace_ids": ["t1"]}, ["c2", "c3"]),
        ({"call_ids": ["c4", "c1", "nobody"]}, ["c1", "c4"]),
        ({"thread_ids": ["th"]}, ["c2"]),
        ({"thread_ids": []}, []),
        ({"turn_ids": ["tu"]}, ["c3"]),
        ({"trace_roots_only": True}, ["c2", "c3", "c4"]),
        ({"wb_run_ids": ["a/b/c"]}, ["c4"]),
        ({"wb_user_ids": [door.users["ada"]], "trace_ids": ["t1"], "call_ids": ["c3"]}, ["c3"]),
        ({"wb_user_ids": [door.users["vic"]]}, []),
    ]
    for given, expected in expectations:
        assert await ids(door, filter=given) == expected, given
        told = await door.get("/calls/query_stats", {"project_id": OURS, "filter": given})
        assert told["count"] == len(expected), given


async def test_order_pages_and_counts(door: Door) -> None:
    await write(door, *(call(number) for number in range(10)))
    assert await ids(door, limit=3, offset=2) == ["c2", "c3", "c4"]
    newest = [{"field": "started_at", "direction": "desc"}]
    assert await ids(door, sort_by=newest, limit=2) == ["c9", "c8"]
    by_n = [{"field": "inputs.n", "direction": "desc"}]
    assert await ids(door, sort_by=by_n, limit=2, offset=1) == ["c8", "c7"]
    by_output = [{"field": "output.ok", "direction": "asc"}]
    assert await ids(door, sort_by=by_output, limit=4) == ["c9", "c7", "c5", "c3"]
    assert len(await ids(door, sort_by=[])) == 10
    asked = {"project_id": OURS, "limit": 4, "include_total_storage_size": True}
    told = await door.get("/calls/query_stats", asked)
    assert (told["count"], told["has_more"]) == (4, True)
    assert told["total_storage_size_bytes"] > 0


async def test_columns_cut_what_comes(door: Door) -> None:
    await write(door, call(1, inputs={"a": {"b": 1, "c": 2}, "l": [1, 2], "x": 3}, parent_id="p"))
    always = {"id", "project_id", "trace_id", "op_name", "started_at", "attributes", "inputs"}
    [found] = await stream(door, columns=["id"])
    assert set(found) == always
    assert found["inputs"] == found["attributes"] == {}
    [found] = await stream(
        door, columns=["inputs.a.b", "inputs.l.0", "inputs.no", "parent_id", "summary.weave.status"]
    )
    assert set(found) == always | {"parent_id", "summary"}
    assert found["inputs"] == {"a": {"b": 1}, "l": [1, 2]}
    assert found["summary"] == {"weave": {"status": "success"}}
    [found] = await stream(door, columns=["output", "storage_size_bytes", "wb_username"])
    assert found["output"] == {"ok": False}
    assert found["storage_size_bytes"] > 0
    refused = await door.ask("/calls/stream_query", {"project_id": OURS, "columns": ["nothing"]})
    assert refused.status_code == 400


async def test_extras_come_when_asked_for(door: Door) -> None:
    await write(door, call(2), call(3))
    price = {"m": {"prompt_token_cost": 0.5, "completion_token_cost": 2}}
    if (await door.ask("/cost/create", {"project_id": OURS, "costs": price})).status_code != 200:
        price = {}
    body = {
        "project_id": OURS,
        "weave_ref": f"weave:///{OURS}/call/c2",
        "feedback_type": "wandb.note.1",
        "payload": {"note": "fine"},
    }
    await door.get("/feedback/create", body)
    two, three = await stream(
        door,
        include_costs=True,
        include_feedback=True,
        include_usernames=True,
        include_storage_size=True,
        include_total_storage_size=True,
    )
    assert [item["payload"] for item in two["summary"]["weave"]["feedback"]] == [{"note": "fine"}]
    assert three["summary"]["weave"]["feedback"] == []
    assert two["wb_username"] == "ada"
    assert (
        two["total_storage_size_bytes"] == two["storage_size_bytes"] + three["storage_size_bytes"]
    )
    if price:
        assert two["summary"]["weave"]["costs"]["m"]["prompt_tokens_total_cost"] == 5
    else:
        assert two["summary"]["weave"]["costs"] == {}


async def test_views_that_a_client_sent_stay_beside_what_is_derived(door: Door) -> None:
    views = {"report": {"_type": "CustomWeaveType"}}
    sent = {"weave": {"views": views, "status": "odd", "latency_ms": -1}, "mine": 2**70}
    await write(door, call(2, summary=sent))
    [found] = await stream(door)
    assert found["summary"]["mine"] == 2**70
    assert found["summary"]["weave"]["views"] == views
    assert found["summary"]["weave"]["status"] == "success"
    assert found["summary"]["weave"]["latency_ms"] >= 0


async def test_feedback_filters_and_sorts_calls(door: Door) -> None:
    await write(door, *(call(number) for number in range(4)))
    for number, note in ((1, "good"), (2, "bad"), (2, "good enough")):
        body = {
            "project_id": OURS,
            "weave_ref": f"weave:///{OURS}/call/c{number}",
            "feedback_type": "wandb.note.1",
            "payload": {"note": note},
        }
        await door.get("/feedback/create", body)
    note = {"$getField": "feedback.[wandb.note.1].payload.note"}
    for expression, expected in (
        ({"$eq": [note, {"$literal": "bad"}]}, ["c2"]),
        ({"$contains": {"input": note, "substr": {"$literal": "good"}}}, ["c1", "c2"]),
        (
            {"$eq": [{"$convert": {"input": note, "to": "exists"}}, {"$literal": True}]},
            ["c1", "c2"],
        ),
        ({"$eq": [note, {"$literal": None}]}, ["c0", "c3"]),
        ({"$not": [{"$eq": [note, {"$literal": "bad"}]}]}, ["c0", "c1", "c3"]),
        ({"$not": [{"$eq": [note, {"$literal": ""}]}]}, ["c1", "c2"]),  # the client's `scored_by`
        ({"$eq": [{"$getField": "feedback.[*].creator"}, {"$literal": "x"}]}, []),
    ):
        assert await ids(door, query={"$expr": expression}) == expected, expression
    sort = [{"field": "feedback.[wandb.note.1].payload.note", "direction": "asc"}]
    assert (await ids(door, sort_by=sort))[:1] in (["c1"], ["c2"])


async def test_references_are_expanded_to_filter_sort_and_read(door: Door) -> None:
    refs: list[str] = []
    for size in (3, 1, 2):
        body = {"obj": {"project_id": OURS, "object_id": f"m{size}", "val": {"size": size}}}
        made = await door.get("/obj/create", body)
        refs.append(f"weave:///{OURS}/object/m{size}:{made['digest']}")
    await write(door, *(call(n, inputs={"model": ref}) for n, ref in enumerate(refs)), call(7))
    sort = [{"field": "inputs.model.size", "direction": "asc"}]
    assert await ids(door, expand_columns=["inputs.model"], sort_by=sort) == [
        "c1",
        "c2",
        "c0",
        "c7",
    ]
    size = {"$getField": "inputs.model.size"}
    query = {"$expr": {"$gt": [size, {"$literal": 1}]}}
    assert await ids(door, query=query) == []
    found = await stream(door, query=query, expand_columns=["inputs.model"])
    assert [(one["id"], one["inputs"]["model"]["size"]) for one in found] == [("c0", 3), ("c2", 2)]
    assert found[0]["inputs"]["model"]["_ref"] == refs[0]
    [plain, _] = await stream(
        door, query=query, expand_columns=["inputs.model"], return_expanded_column_values=False
    )
    assert plain["inputs"]["model"] == refs[0]
    body = {"project_id": OURS, "query": query, "expand_columns": ["inputs.model"]}
    assert (await door.get("/calls/query_stats", body))["count"] == 2


async def test_large_texts_are_found_and_read(door: Door) -> None:
    large = {"text": "x" * 100_000 + "needle", "n": 5}
    await write(door, call(1, inputs=large, output=large), call(2))
    needle = {"input": {"$getField": "output.text"}, "substr": {"$literal": "needle"}}
    [found] = await stream(door, query={"$expr": {"$contains": needle}})
    assert found["inputs"] == found["output"] == large
    query = {"$expr": {"$eq": [{"$getField": "inputs.n"}, {"$literal": 5}]}}
    assert await ids(door, query=query) == ["c1"]


async def test_nobody_reads_the_calls_of_others(door: Door) -> None:
    await write(door, call(1))
    body = {"project_id": THEIRS}
    answer = await door.ask("/calls/stream_query", body, user="mel")
    assert answer.text == ""
    assert (
        await door.ask("/calls/stream_query", {"project_id": OURS}, user="mel")
    ).status_code == 404
    assert (await door.get("/calls/query_stats", body, user="mel"))["count"] == 0
    assert len(await ids(door)) == 1
    assert (
        await door.ask("/calls/stream_query", {"project_id": OURS}, user="vic")
    ).status_code == 200


@pytest.mark.parametrize(
    "asked",
    [
        {"limit": -1},
        {"offset": -1},
        {"query": {"$expr": {"$eq": [{"$getField": "nothing"}, {"$literal": 1}]}}},
        {"query": {"$expr": {"$regex": []}}},
        {"sort_by": [{"field": "nothing", "direction": "asc"}]},
        {"sort_by": [{"field": "id", "direction": "up"}]},
        {"filter": {"call_ids": ["x"] * 1001}},
        {"expand_columns": ["id"]},
    ],
)
async def test_what_cannot_be_answered_is_refused(door: Door, asked: dict[str, Any]) -> None:
    await write(door, call(1))
    answer = await door.ask("/calls/stream_query", {"project_id": OURS, **asked})
    assert answer.status_code == 400, answer.text
