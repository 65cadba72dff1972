"""What a server says when it is ready; the snippets are run as they are printed."""

import json
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from typing_extensions import override

from weft.app.ready import Ready
from weft.cli.announce import QUESTION, Form, announcement, curl, python

KEY = "weft_RaLD8o3YB9m3KsAu0lsMlMtUABMq9b3t7JO"
READY = Ready(
    url="http://127.0.0.1:8080/v1",
    console_url="http://127.0.0.1:8080/",
    team="my-team",
    project="inference",
    api_key=KEY,
    admin_username="admin",
    admin_password="ky3va-2shbp-s4kdj-7dvqe",
    admin_link="http://127.0.0.1:8080/login/eqAoyx7axviR3gUk8ur5mH02SXNbzq0h_T7P1_jGa7E",
    models=("weft/tiny-chat", "org/other"),
    stand_in=False,
)
LATER = replace(READY, api_key=None, admin_password=None, admin_link=None)
ANSWER = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "weft/tiny-chat",
    "choices": [
        {
            "index": 0,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": "Paris, as printed."},
        }
    ],
}


class Door(BaseHTTPRequestHandler):
    """Answers one chat completion, to whoever asks rightly."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        right = (
            self.path == "/v1/chat/completions"
            and self.headers["authorization"] == f"Bearer {KEY}"
            and self.headers["content-type"] == "application/json"
            and body["model"] == "weft/tiny-chat"
            and body["messages"] == [{"role": "user", "content": QUESTION}]
        )
        content = json.dumps(ANSWER).encode()
        self.send_response(200 if right else 400)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content if right else b"x" * len(content))

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def ready() -> Iterator[Ready]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield replace(READY, url=f"http://127.0.0.1:{server.server_port}/v1")
    server.shutdown()
    thread.join()
    server.server_close()


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout


def test_curl_when_pasted_into_a_shell_then_it_is_answered(ready: Ready) -> None:
    assert "Paris, as printed." in run("sh", "-c", curl(ready))


def test_python_when_pasted_then_the_official_client_is_answered(ready: Ready) -> None:
    assert run(sys.executable, "-c", python(ready)) == "Paris, as printed.\n"


def test_first_start_when_said_then_every_secret_is_there() -> None:
    text = announcement(READY, Form.TEXT)
    for fact in (
        READY.url,
        READY.console_url,
        KEY,
        "admin, password ky3va-2shbp-s4kdj-7dvqe",
        READY.admin_link or "",
        "my-team/inference",
        "weft/tiny-chat, org/other",
        curl(READY),
        python(READY),
    ):
        assert fact in text


@pytest.mark.parametrize("ready_", [READY, LATER, replace(READY, models=(), stand_in=True)])
def test_announcement_when_text_then_it_fits_a_hundred_columns(ready_: Ready) -> None:
    assert max(map(len, announcement(ready_, Form.TEXT).splitlines())) <= 100


def test_later_start_when_said_then_it_says_how_to_make_a_key() -> None:
    text = announcement(LATER, Form.TEXT, "weft key create --data /srv/weft")
    assert "Another one: weft key create --data /srv/weft" in text
    assert READY.url in text
    assert "password" not in text
    assert "None" not in text
    assert "curl" not in text


def test_first_start_when_no_model_runs_then_there_is_no_snippet() -> None:
    text = announcement(replace(READY, models=()), Form.TEXT)
    assert "none can run here; `weft doctor` says why" in text
    assert "curl" not in text


def test_announcement_when_stand_ins_answer_then_it_says_so() -> None:
    assert "stand-ins answer for the others" in announcement(
        replace(LATER, stand_in=True), Form.TEXT
    )
    assert "stand-in" not in announcement(LATER, Form.TEXT)


@pytest.mark.parametrize("ready_", [READY, LATER])
def test_announcement_when_json_then_one_line_has_just_these_fields(ready_: Ready) -> None:
    text = announcement(ready_, Form.JSON)
    assert "\n" not in text
    assert json.loads(text) == {
        "url": ready_.url,
        "console_url": ready_.console_url,
        "api_key": ready_.api_key,
        "team": "my-team",
        "project": "inference",
        "admin_link": ready_.admin_link,
    }


def test_curl_when_the_model_has_a_quote_then_the_shell_reads_it_back() -> None:
    words = shlex.split(curl(replace(READY, models=("it's",))))
    assert json.loads(words[-1])["model"] == "it's"
