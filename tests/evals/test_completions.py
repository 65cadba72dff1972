"""Playground completions through the real door of a real server."""

import json
import time
from typing import Any

import httpx

from conformance.server import ECHO, TINY
from evals.conftest import Client

QUESTION = [{"role": "user", "content": "what is weft"}]


def asked(model: str = ECHO, **more: Any) -> dict[str, Any]:
    return {"inputs": {"model": model, "messages": QUESTION, **more}}


def test_completion_when_asked_then_answers_and_leaves_call(client: Client) -> None:
    before = client.weft.total_requests()
    answer = client.ok("/completions/create", asked(temperature=0.0, max_tokens=16))
    assert answer["response"]["choices"][0]["message"]["content"]
    assert answer["weave_call_id"]
    assert answer["trace_id"]
    assert client.weft.total_requests() == before + 1


def test_completion_when_untracked_then_leaves_no_call(client: Client) -> None:
    answer = client.ok("/completions/create", {**asked(), "track_llm_call": False})
    assert answer["weave_call_id"] is None


def test_completion_when_client_names_hosted_service_then_same_model(client: Client) -> None:
    answer = client.ok("/completions/create", asked(f"coreweave/{TINY}", max_tokens=4))
    assert answer["response"]["usage"]["completion_tokens"] > 0


def test_completion_when_model_unknown_then_doors_refusal_in_clients_form(client: Client) -> None:
    response = client.post("/completions/create", {"project_id": client.name, **asked("no/such")})
    assert response.status_code == 404
    told = response.json()
    assert told["error_code"] == "model_not_found"
    assert "no/such" in told["reason"]


def test_stream_when_asked_then_lines_of_chunks_after_meta(client: Client) -> None:
    body = {"project_id": client.name, **asked(max_tokens=16)}
    response = client.post("/completions/create_stream", body)
    assert response.status_code == 200, response.text
    lines = [json.loads(line) for line in response.text.splitlines()]
    assert lines[0]["_meta"]["weave_call_id"]
    text = "".join(line["choices"][0]["delta"].get("content") or "" for line in lines[1:])
    assert text
    assert all(line["choices"] for line in lines[1:])


def test_stream_when_model_unknown_then_status_and_no_lines(client: Client) -> None:
    body = {"project_id": client.name, **asked("no/such")}
    response = client.post("/completions/create_stream", body)
    assert response.status_code == 404


def test_completion_when_key_lacks_inference_then_says_which_scope(client: Client) -> None:
    key = client.weft.key("--user", "admin", "--scope", "traces")
    body = {"project_id": client.name, **asked()}
    response = client.as_key(key).post("/completions/create", body)
    assert response.status_code == 403
    assert "inference" in response.json()["reason"]


def test_completion_when_template_has_variables_then_filled(client: Client) -> None:
    messages = [{"role": "user", "content": 'say {word} {{twice}} {"a": 1}'}]
    inputs = {"model": ECHO, "messages": messages, "template_vars": {"word": "warp"}}
    answer = client.ok("/completions/create", {"inputs": inputs})
    assert "warp" in answer["response"]["choices"][0]["message"]["content"]


def test_completion_when_variable_missing_then_named(client: Client) -> None:
    messages = [{"role": "user", "content": "say {word}"}]
    inputs = {"model": ECHO, "messages": messages, "template_vars": {"other": 1}}
    response = client.post("/completions/create", {"project_id": client.name, "inputs": inputs})
    assert response.status_code == 422
    assert "word" in response.json()["reason"]


def test_completion_when_logged_in_by_session_then_users_project_pays(client: Client) -> None:
    token = client.weft.cli("user", "login-link", "admin")["url"].rpartition("/")[2]
    link = f"{client.weft.console_url}login/{token}"
    with httpx.Client(base_url=client.http.base_url, timeout=30) as browser:
        assert browser.get(link).status_code == 303
        before = client.weft.total_requests()
        body = {"project_id": client.name, **asked()}
        answered = browser.post("/completions/create", json=body)
        assert answered.status_code == 200, answered.text
        assert client.weft.total_requests() == before + 1
        elsewhere = browser.post("/completions/create", json={**body, "project_id": "no/where"})
        assert elsewhere.status_code == 404
        forged = browser.post(
            "/completions/create", json=body, headers={"origin": "https://elsewhere.example"}
        )
        assert forged.status_code == 403


def test_image_when_asked_then_not_supported(client: Client) -> None:
    body = {"project_id": client.name, "inputs": {"model": "x", "prompt": "y"}}
    response = client.post("/image/create", body)
    assert response.status_code == 501
    assert response.json()["error_code"] == "not_supported"


def read_call(client: Client, call_id: str) -> dict[str, Any]:
    """A call that is going to be there."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        call = client.ok("/call/read", {"id": call_id})["call"]
        if call is not None:
            return call
        time.sleep(0.05)
    raise AssertionError("it never came")


def test_completion_when_tracked_then_call_tells_what_was_asked_and_used(client: Client) -> None:
    body = {
        **asked(temperature=0.0, vertex_credentials="secret"),
        "parent_id": "p",
        "trace_id": "t",
    }
    answer = client.ok("/completions/create", body)
    call = read_call(client, answer["weave_call_id"])
    assert (call["op_name"], call["parent_id"], call["trace_id"]) == (
        "weave.completions_create",
        "p",
        "t",
    )
    assert call["inputs"] == {"model": ECHO, "messages": QUESTION, "temperature": 0.0}
    assert call["output"] == answer["response"]
    used = answer["response"]["usage"]
    assert call["summary"]["usage"][ECHO]["total_tokens"] == used["total_tokens"]
    request_id = call["attributes"]["weft"]["request_id"]
    record = client.weft.usage(request_id)
    assert record is not None
    assert record["output_tokens"] == used["completion_tokens"]


def test_stream_when_client_hangs_up_then_engine_stops_and_call_says_so(client: Client) -> None:
    slow = [{"role": "user", "content": "[[fake: tokens=2000 delay_ms=10]] on"}]
    body = {"project_id": client.name, "inputs": {"model": ECHO, "messages": slow}}
    headers = dict(client.weft.headers)
    with client.http.stream(
        "POST", "/completions/create_stream", json=body, headers=headers
    ) as response:
        lines = response.iter_lines()
        call_id = json.loads(next(lines))["_meta"]["weave_call_id"]
        for _ in range(5):
            next(lines)
    call = read_call(client, call_id)
    assert "not read to its end" in call["exception"]
    assert call["output"]["choices"][0]["message"]["content"]
    record = client.weft.usage(call["attributes"]["weft"]["request_id"])
    assert record is not None
    assert record["outcome"] == "cancelled"
    assert record["output_tokens"] < 2000


def test_stream_when_engine_fails_in_the_middle_then_last_line_is_the_error(client: Client) -> None:
    broken = [{"role": "user", "content": "[[fake: error_after=3]] one two three four five"}]
    body = {"project_id": client.name, "inputs": {"model": ECHO, "messages": broken}}
    response = client.post("/completions/create_stream", body)
    lines = [json.loads(line) for line in response.text.splitlines()]
    assert lines[-1]["error"]
    assert all("error" not in line for line in lines[:-1])
    call = read_call(client, lines[0]["_meta"]["weave_call_id"])
    assert call["exception"]
