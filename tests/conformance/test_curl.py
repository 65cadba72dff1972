"""curl, as people paste it: streams, large bodies, broken bodies, old HTTP."""

import json
import shlex
from pathlib import Path

import pytest

from conformance.programs import run_shell
from conformance.server import ECHO, TINY, Weft

pytestmark = pytest.mark.conformance


def curl(weft: Weft, path: str, *words: str) -> str:
    command = ["curl", "-sS", f"{weft.url}/{path}", "-H", f"Authorization: Bearer {weft.api_key}"]
    return run_shell(shlex.join([*command, *words]), weft)


def chat(text: str, *, model: str = ECHO, **more: object) -> str:
    return json.dumps({"model": model, "messages": [{"role": "user", "content": text}], **more})


def test_curl_when_it_streams_then_prints_events(weft: Weft) -> None:
    out = curl(
        weft, "chat/completions", "-N", "-d", chat("What is 2 + 2?", model=TINY, stream=True)
    )
    lines = [line for line in out.split("\n\n") if line]
    assert lines[-1] == "data: [DONE]"
    chunks = [json.loads(line.removeprefix("data: ")) for line in lines[:-1]]
    text = "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks)
    assert text.strip() == "4"


def test_curl_when_its_body_has_megabytes_then_is_answered(weft: Weft, tmp_path: Path) -> None:
    body = tmp_path / "body.json"
    body.write_text(chat("word " * 600_000, max_tokens=3))  # curl asks before it sends so much
    answer = json.loads(curl(weft, "chat/completions", "--data-binary", f"@{body}"))
    assert answer["choices"][0]["message"]["content"] == "word word word "
    assert answer["usage"]["prompt_tokens"] == 600_000


@pytest.mark.parametrize("version", ["--http1.0", "--http1.1", "--http2"])
def test_curl_when_it_speaks_another_http_then_is_answered(weft: Weft, version: str) -> None:
    answer = json.loads(curl(weft, "chat/completions", version, "-d", chat("hello")))
    assert answer["choices"][0]["message"]["content"] == "hello"


@pytest.mark.parametrize(
    ("body", "part"),
    [
        ('{"model": "test/echo", "messages": [', "ends in the middle of a value"),
        ("", "it is empty"),
        ("[]", "The body must be a JSON object"),
        ("{'model': 'test/echo'}", "not valid JSON"),
        ('{"model": "test/echo", "messages": []}', "'messages'"),
    ],
)
def test_curl_when_its_body_is_wrong_then_says_where(weft: Weft, body: str, part: str) -> None:
    out = curl(weft, "chat/completions", "-w", "\n%{http_code}", "-d", body)
    answer, status = out.rsplit("\n", 1)
    error = json.loads(answer)["error"]
    assert status == "400"
    assert part in error["message"]
    assert error["type"] == "invalid_request_error"
    assert error["metadata"]["remedy"]


def test_curl_when_it_asks_for_one_model_then_slashes_are_no_trouble(weft: Weft) -> None:
    assert json.loads(curl(weft, f"models/{TINY}"))["id"] == TINY
    assert json.loads(curl(weft, f"models/{TINY.replace('/', '%2F')}"))["id"] == TINY


@pytest.mark.parametrize("path", ["", "healthz", "readyz", "docs", "openapi.json", "v1", "nothing"])
def test_answer_when_of_any_page_then_carries_a_request_id(weft: Weft, path: str) -> None:
    head = run_shell(f"curl -sS -o /dev/null -D - {weft.console_url}{path}", weft)
    assert "x-request-id: req_" in head


@pytest.mark.parametrize(
    ("path", "method", "allowed"),
    [
        ("chat/completions", "GET", "POST"),
        ("chat/completions", "PUT", "POST"),
        ("models", "PUT", "GET"),
    ],
)
def test_method_when_wrong_then_the_header_names_the_right_one(
    weft: Weft, path: str, method: str, allowed: str
) -> None:
    head = curl(weft, path, "-X", method, "-D", "-", "-o", "/dev/null")
    assert head.startswith("HTTP/1.1 405")
    assert f"allow: {allowed}" in head.splitlines()
