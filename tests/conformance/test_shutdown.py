"""A server that is told to stop: open answers are finished, or ended clearly, and all of them are in the books."""

import json
import signal
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from conformance.server import ECHO, STOP_S, Weft, running_weft

pytestmark = pytest.mark.conformance


def stop_within_a_stream(weft: Weft, switches: str, how: signal.Signals) -> tuple[str, list[str]]:
    """Tell the server to stop after the first event; the request's id and all events."""
    body = {
        "model": ECHO,
        "messages": [{"role": "user", "content": f"[[fake: {switches}]] on"}],
        "stream": True,
    }
    url, headers = f"{weft.url}/chat/completions", weft.headers
    with httpx.stream("POST", url, json=body, headers=headers, timeout=30) as response:
        events = response.iter_lines()
        first = next(events)
        weft.process.send_signal(how)
        rest = [first, *(line for line in events if line)]
    assert weft.process.wait(STOP_S) == 0
    return response.headers["x-request-id"], [line.removeprefix("data: ") for line in rest]


def record_of(weft: Weft, request_id: str) -> tuple[Any, ...]:
    with closing(sqlite3.connect(weft.data_dir / "weft.db")) as books:
        query = "SELECT outcome, error_code, output_tokens FROM usage WHERE id = ?"
        (row,) = books.execute(query, (request_id,)).fetchall()
    return row


def test_server_when_told_to_stop_then_finishes_what_it_began(tmp_path: Path) -> None:
    with running_weft(tmp_path, settings={"WEFT_EAGER_ENGINES": "false"}) as weft:
        request_id, events = stop_within_a_stream(weft, "tokens=50 delay_ms=20", signal.SIGTERM)
        assert events[-1] == "[DONE]"
        assert record_of(weft, request_id) == ("completed", "", 50)
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{weft.console_url}healthz", timeout=5)


def test_server_when_an_answer_outlasts_the_patience_then_ends_it_clearly(tmp_path: Path) -> None:
    settings = {"WEFT_EAGER_ENGINES": "false", "WEFT_DRAIN_TIMEOUT_S": "0.5"}
    with running_weft(tmp_path, settings=settings, expected="Cancel 1 running task") as weft:
        request_id, events = stop_within_a_stream(weft, "tokens=999 delay_ms=20", signal.SIGINT)
        assert json.loads(events[-1])["error"]["code"] == "shutting_down"
        outcome, error_code, produced = record_of(weft, request_id)
        assert (outcome, error_code) == ("failed", "shutting_down")
        assert 1 <= produced < 999
