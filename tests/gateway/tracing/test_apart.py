"""Inference does not wait for traces."""

import json
import sqlite3
import sys
import time
from pathlib import Path

import pytest
from tests.gateway.house import open_door
from tests.gateway.tracing.stored import TraceDatabase

from weft.app.traces.database import TRACES_NAME

REQUESTS = 20
FULL = {"X-Weft-Trace": "full"}


async def test_requests_when_the_trace_database_is_frozen_then_go_on_and_none_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "log.txt"
    with path.open("w") as log:
        monkeypatch.setattr(sys, "stderr", log)
        async with open_door(tmp_path, log_requests=True) as door:
            stored = TraceDatabase(door)
            door.client.headers.update(FULL)
            first = await door.ask("one two")
            await stored.call(first.headers["x-request-id"])
            frozen = sqlite3.connect(tmp_path / TRACES_NAME, isolation_level=None)
            frozen.execute("BEGIN IMMEDIATE")
            began_s = time.monotonic()
            ids = [
                (await door.ask("one two", stream=index % 2 == 0)).headers["x-request-id"]
                for index in range(REQUESTS)
            ]
            took_s = time.monotonic() - began_s
            assert all(stored.find(one) is None for one in ids)
            metrics = (await door.client.get("/metrics")).text
            [backlog] = [
                line for line in metrics.splitlines() if line.startswith("weft_trace_backlog ")
            ]
            assert float(backlog.split()[1]) >= 1
            frozen.execute("ROLLBACK")
            frozen.close()
            for one in ids:
                assert (await stored.call(one)).row.status == "success"
            stored.database.close()
    assert took_s < 10, "a request waited for the trace database"
    lines = [json.loads(line) for line in path.read_text().splitlines() if line[:1] == "{"]
    logged = [line["request_id"] for line in lines if line["event"] == "request_finished"]
    assert logged[1 : REQUESTS + 1] == ids
