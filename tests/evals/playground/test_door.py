"""The playground's door on a real server: the door's own answer, for whoever is logged in."""

import json
import time
from typing import Any

import httpx

from conformance.server import ECHO, wait_until
from evals.conftest import NAME, Client
from evals.test_completions import read_call

PATH = f"/api/playground/{NAME}/chat/completions"
QUESTION = [{"role": "user", "content": "what is weft"}]


def asked(content: str = "what is weft", **more: Any) -> dict[str, Any]:
    return {"model": ECHO, "messages": [{"role": "user", "content": content}], **more}


def test_chat_when_session_asks_then_one_id_for_record_and_call(
    client: Client, browser: httpx.Client
) -> None:
    answer = browser.post(PATH, json=asked(n=2, temperature=0))
    assert answer.status_code == 200, answer.text
    request_id = answer.headers["x-request-id"]
    assert [choice["index"] for choice in answer.json()["choices"]] == [0, 1]
    record = client.weft.usage(request_id)
    assert record is not None
    assert record["output_tokens"] == answer.json()["usage"]["completion_tokens"]
    call = read_call(client, request_id)
    assert call["op_name"] == "weft.playground"
    assert call["inputs"]["messages"] == QUESTION
    assert call["output"]["choices"] == answer.json()["choices"]


def test_chat_when_not_to_be_tracked_then_record_and_no_call(
    client: Client, browser: httpx.Client
) -> None:
    answer = browser.post(PATH, json=asked(), headers={"x-weft-trace": "off"})
    later = browser.post(PATH, json=asked())
    assert client.weft.usage(answer.headers["x-request-id"]) is not None
    read_call(client, later.headers["x-request-id"])
    read = client.ok("/call/read", {"id": answer.headers["x-request-id"]})
    assert read["call"] is None


def test_stream_when_asked_then_chunks_leave_at_once_and_record_is_there_at_the_end(
    client: Client, browser: httpx.Client
) -> None:
    body = asked(
        "[[fake: tokens=20 delay_ms=50]] on", stream=True, stream_options={"include_usage": True}
    )
    came_s: list[float] = []
    text = b""
    with browser.stream("POST", PATH, json=body) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        for piece in answer.iter_raw():
            came_s.append(time.monotonic())
            text += piece
        record = client.weft.usage(answer.headers["x-request-id"])
    assert came_s[-1] - came_s[0] > 0.5, "it was gathered somewhere"
    assert len(came_s) > 10
    events = text.decode().strip().split("\n\n")
    assert events[-1] == "data: [DONE]"
    assert json.loads(events[-2].removeprefix("data: "))["usage"]["completion_tokens"] == 20
    assert record is not None
    assert record["output_tokens"] == 20
    assert record["id"] == answer.headers["x-request-id"]


def test_stream_when_browser_leaves_then_engine_stops(
    client: Client, browser: httpx.Client
) -> None:
    body = asked("[[fake: tokens=2000 delay_ms=10]] on", stream=True)
    with browser.stream("POST", PATH, json=body) as answer:
        lines = answer.iter_lines()
        for _ in range(6):
            next(lines)
        request_id = answer.headers["x-request-id"]
    wait_until(lambda: client.weft.usage(request_id) is not None)
    wait_until(lambda: client.weft.in_flight(ECHO) == 0)
    record = client.weft.usage(request_id)
    assert record is not None
    assert record["outcome"] == "cancelled"
    assert record["output_tokens"] < 2000


def test_chat_when_malformed_then_openais_envelope(browser: httpx.Client) -> None:
    answer = browser.post(PATH, json={"model": ECHO, "messages": []})
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "messages"
    assert browser.post(PATH, json=asked(model="no/such")).json()["error"]["code"] == (
        "model_not_found"
    )


def test_chat_when_viewer_asks_then_told_what_to_do(viewer: httpx.Client) -> None:
    answer = viewer.post(PATH, json=asked())
    assert answer.status_code == 403
    assert "make you a member" in answer.json()["error"]["metadata"]["remedy"]


def test_chat_when_another_site_sent_it_then_refused(browser: httpx.Client) -> None:
    for headers in ({"origin": "https://elsewhere.example"}, {"sec-fetch-site": "cross-site"}):
        answer = browser.post(PATH, json=asked(), headers=headers)
        assert answer.status_code == 403, headers


def test_chat_when_nobody_asks_then_401_and_404_for_a_project_of_others(
    client: Client, browser: httpx.Client
) -> None:
    url = client.weft.console_url.rstrip("/") + PATH
    assert httpx.post(url, json=asked()).status_code == 401
    elsewhere = "/api/playground/no/where/chat/completions"
    assert browser.post(elsewhere, json=asked()).status_code == 404
    assert browser.get(PATH).status_code == 405


def test_chat_when_key_asks_then_judged_as_at_v1(client: Client, browser: httpx.Client) -> None:
    url = client.weft.console_url.rstrip("/") + PATH
    answer = httpx.post(
        url, json=asked(), headers={**client.weft.headers, "openai-project": "no/where"}
    )
    assert answer.status_code == 200, "the path names the project"
    traces_only = client.weft.key("--user", "admin", "--scope", "traces")
    headers = {"authorization": f"Bearer {traces_only}"}
    assert browser.post(PATH, json=asked(), headers=headers).status_code == 403
