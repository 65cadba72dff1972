"""What breaks the trace stores of others, done to a running server over HTTP."""

import asyncio
import json
import socket
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest

from conformance.server import PROJECT, TEAM, Weft, running_weft, wait_until
from weft.kit.ids import uuid7_hex

NAME = f"{TEAM}/{PROJECT}"
COMPLETE = f"traces/v2/{NAME}/calls/complete"
AT = "2026-11-28T05:00:00.000001Z"
LATER = "2026-11-28T05:00:01.500001Z"
TIMEOUT_S = 60.0


@pytest.fixture(scope="module")
def weft(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Weft]:
    folder = tmp_path_factory.mktemp("pains")
    with running_weft(folder, settings={"WEFT_TEAM": TEAM, "WEFT_EAGER_ENGINES": "false"}) as weft:
        weft.cli("project", "create", NAME)
        yield weft


@pytest.fixture(scope="module")
def http(weft: Weft) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=weft.console_url, auth=("api", weft.api_key), timeout=TIMEOUT_S
    ) as one:
        yield one


def call(**values: Any) -> dict[str, Any]:
    return {
        "project_id": NAME,
        "id": uuid7_hex(),
        "trace_id": uuid7_hex(),
        "op_name": f"weave:///{NAME}/op/predict:{'d' * 43}",
        "started_at": AT,
        "ended_at": LATER,
        "attributes": {},
        "inputs": {},
        "output": None,
        "summary": {},
        **values,
    }


def complete(http: httpx.Client, *calls: dict[str, Any]) -> None:
    http.post(COMPLETE, json={"batch": list(calls)}).raise_for_status()


def read(http: httpx.Client, id_: str) -> dict[str, Any]:
    answer = http.post("traces/call/read", json={"project_id": NAME, "id": id_})
    answer.raise_for_status()
    return answer.json()["call"]


def query(http: httpx.Client, **body: Any) -> list[dict[str, Any]]:
    answer = http.post("traces/calls/stream_query", json={"project_id": NAME, **body})
    answer.raise_for_status()
    return [json.loads(line) for line in answer.text.splitlines()]


def count(http: httpx.Client, **body: Any) -> int:
    answer = http.post("traces/calls/query_stats", json={"project_id": NAME, **body})
    answer.raise_for_status()
    return answer.json()["count"]


def test_trace_when_it_has_50_000_calls_then_is_taken_and_its_tree_is_read(
    http: httpx.Client,
) -> None:
    trace, root = uuid7_hex(), uuid7_hex()
    calls = [call(id=root, trace_id=trace)]
    calls += [call(trace_id=trace, parent_id=root) for _ in range(49_999)]
    for start in range(0, len(calls), 5000):
        complete(http, *calls[start : start + 5000])
    tree = query(http, filter={"trace_ids": [trace]}, columns=["id", "parent_id", "started_at"])
    assert len(tree) == 50_000
    assert {one["id"] for one in tree} == {one["id"] for one in calls}
    children = query(http, filter={"parent_ids": [root]}, limit=50, offset=100)
    assert len(children) == 50  # a tree can be opened level by level


def test_payload_when_it_has_20_mb_then_comes_back_as_it_was(http: httpx.Client) -> None:
    text = "twenty megabytes " * (20 * 1024 * 1024 // 17)
    one = call(output={"text": text})
    complete(http, one)
    assert read(http, one["id"])["output"] == {"text": text}


def test_batch_when_it_is_too_large_then_the_client_is_told_to_split_it(
    http: httpx.Client,
) -> None:
    answer = http.post(COMPLETE, content=b" " * (65 * 1024 * 1024))
    assert answer.status_code == 413


def test_client_when_it_dies_in_the_middle_of_a_batch_then_nothing_of_it_is_kept(
    http: httpx.Client,
) -> None:
    one = call()
    body = json.dumps({"batch": [one]}).encode()
    request = http.build_request("POST", COMPLETE, content=body)
    head = f"POST /{COMPLETE} HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\n\r\n".encode()
    address = (request.url.host, request.url.port)
    with socket.create_connection(address, timeout=TIMEOUT_S) as connection:
        connection.sendall(head + body[: len(body) // 2])
    assert query(http, filter={"call_ids": [one["id"]]}) == []
    complete(http, one)
    assert read(http, one["id"])["id"] == one["id"]


def test_call_when_two_clients_write_it_then_it_is_one(weft: Weft) -> None:
    one = call(output="mine")
    ends = ("ended_at", "output", "summary")
    start = {"start": {name: value for name, value in one.items() if name not in ends}}
    end = {"end": {"project_id": NAME, "id": one["id"], **{name: one[name] for name in ends}}}

    async def both() -> list[httpx.Response]:
        auth = ("api", weft.api_key)
        async with httpx.AsyncClient(
            base_url=weft.console_url, auth=auth, timeout=TIMEOUT_S
        ) as client:
            path = f"traces/v2/{NAME}/call"
            posts = [client.post(f"{path}/start", json=start), client.post(f"{path}/end", json=end)]
            posts += [client.post(COMPLETE, json={"batch": [one]}) for _ in range(2)]
            return await asyncio.gather(*posts, *[client.post(f"{path}/end", json=end)])

    assert {answer.status_code for answer in asyncio.run(both())} == {200}
    with httpx.Client(base_url=weft.console_url, auth=("api", weft.api_key)) as http:
        [found] = query(http, filter={"call_ids": [one["id"]]})
        assert (found["output"], found["summary"]["weave"]["status"]) == ("mine", "success")


def test_call_when_clocks_disagree_then_its_latency_is_not_negative(http: httpx.Client) -> None:
    one = call(started_at=LATER, ended_at=AT)
    complete(http, one)
    assert read(http, one["id"])["summary"]["weave"]["latency_ms"] >= 0


def test_batch_when_an_id_is_in_it_twice_then_it_is_one_call(http: httpx.Client) -> None:
    one = call(output=1)
    complete(http, one, {**one, "output": 2})
    assert [found["output"] for found in query(http, filter={"call_ids": [one["id"]]})] == [2]


NASTY: dict[str, Any] = {
    "emoji 🍩": "🧵 ﷽ e\u0301",
    "nul": "before\x00after",
    "huge": 2**200,
    "long fraction": 0.1234567890123456789,
    "deep": [[[[[{"a": [None, True]}]]]]],
    "empty": {"": "", " ": []},
    "quote'\"\\": "'; DROP TABLE trace_call; --",
}


def test_values_when_they_are_nasty_then_come_back_as_they_were(http: httpx.Client) -> None:
    one = call(inputs=NASTY, output=NASTY, display_name="nul \x00 and 🍩")
    complete(http, one)
    found = read(http, one["id"])
    assert (found["inputs"], found["output"]) == (NASTY, NASTY)
    assert found["display_name"].endswith("and 🍩")


def test_values_when_json_does_not_have_them_then_are_kept_as_words(http: httpx.Client) -> None:
    one = call(output=[float("nan"), float("inf"), float("-inf"), "\ud800 half"])
    body = json.dumps({"batch": [one]})  # as Python's own module writes them
    http.post(COMPLETE, content=body).raise_for_status()
    assert read(http, one["id"])["output"] == ["NaN", "Infinity", "-Infinity", "\ufffd half"]


def test_store_when_it_stands_still_under_load_then_nothing_is_lost_or_doubled(
    weft: Weft, http: httpx.Client
) -> None:
    before = count(http)
    sent: list[int] = []
    stop = threading.Event()

    def load() -> None:
        with httpx.Client(base_url=weft.console_url, auth=("api", weft.api_key), timeout=60) as own:
            while not stop.is_set():
                complete(own, *[call() for _ in range(20)])
                sent.append(20)

    def traces() -> dict[str, Any]:
        return httpx.get(f"{weft.console_url}healthz", timeout=10).json()

    threads = [threading.Thread(target=load) for _ in range(3)]
    with closing(sqlite3.connect(weft.data_dir / "traces.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for thread in threads:
            thread.start()
        wait_until(lambda: traces()["traces"]["spool_bytes"] > 0, within_s=30)
        assert traces()["status"] == "degraded"
        taken = len(sent)
        wait_until(lambda: len(sent) > taken + 10, within_s=30)  # it goes on being quick
        object_ = {"project_id": NAME, "object_id": "thing", "val": {"a": 1}}
        assert http.post("traces/obj/create", json={"obj": object_}).status_code == 200
        other.execute("ROLLBACK")
    wait_until(lambda: traces()["status"] == "ok", within_s=30)
    stop.set()
    for thread in threads:
        thread.join(TIMEOUT_S)
    wait_until(lambda: traces()["traces"]["backlog"] == 0, within_s=30)
    assert traces()["traces"]["lost"] == 0
    assert count(http) - before == sum(sent)
    asked = {"project_id": NAME, "object_id": "thing", "digest": "latest"}
    assert http.post("traces/obj/read", json=asked).json()["obj"]["val"] == {"a": 1}
