"""`weft models ls` and `show`: what each says, in words and as JSON."""

import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from cli.engines.conftest import FILE, NAME
from cli.said import Weft
from weft.app.folder import told


def test_ls_when_nothing_was_pulled_then_only_what_ships_runs(weft: Weft) -> None:
    said = weft("models", "ls")
    assert said.code == 0
    assert max(map(len, said.out.splitlines())) <= 100
    row = next(line for line in said.out.splitlines() if "tiny-chat" in line)
    assert row.split() == [
        "weft/tiny-chat",
        "runs",
        "llama_cpp",
        "3.4",
        "MiB",
        "ships",
        "0.01",
        "0.02",
    ]
    assert "1 of 13 run here." in said.out
    here = weft("models", "list", "--here", "--json").json
    assert [(line["id"], line["origin"]) for line in here] == [("weft/tiny-chat", "ships")]


def test_ls_when_a_card_makes_no_sense_here_then_is_broken_and_the_others_are_listed(
    weft: Weft, card: Path
) -> None:
    card.write_text(
        'id = "acme/tiny"\ncontext_window_tokens = 2048\n[engines.fake]\nbehaviour = "nonsense=1"\n'
    )
    lines = {line["id"]: line for line in weft("models", "ls", "--json").json}
    assert lines["acme/tiny"]["state"] == "broken"
    assert lines["weft/tiny-chat"]["state"] == "runs"
    shown = weft("models", "show", "acme/tiny")
    assert "nonsense" in " ".join(shown.out.split())


@pytest.mark.usefixtures("mirror", "card")
def test_show_when_pulled_then_the_files_with_size_and_checksum(weft: Weft) -> None:
    before = weft("models", "show", "tiny").out
    assert "Pull its weights: weft models pull acme/tiny" in before
    assert "$0.1 in, $0.4 out a million tokens (ours)" in before
    assert "aliases     tiny" in before
    assert weft("models", "pull", "tiny").code == 0
    after = weft("models", "show", "tiny")
    assert f"Files of {NAME}, from the mirror" in " ".join(after.out.split())
    assert "sha256 " in after.out
    shown = weft("models", "show", "tiny", "--json").json
    assert [way["engine"] for way in shown["engines"] if way["runs"]] == ["llama_cpp"]
    assert shown["repositories"][0]["files"][0]["path"] == FILE
    assert len(shown["repositories"][0]["files"][0]["sha256"]) == 64


def test_show_when_the_model_is_unknown_then_names_the_nearest(weft: Weft) -> None:
    refused = weft("models", "show", "openai/gpt-oss-21b")
    assert refused.code == 1
    assert "did you mean openai/gpt-oss-20b?" in refused.err


def test_show_when_a_server_has_probed_then_what_is_broken_is_told_with_the_reason(
    weft: Weft, tmp_path: Path
) -> None:
    badges = [
        {"feature": "stream", "state": "works", "checkedAt": "2026-11-28T00:00:00Z", "detail": ""},
        {
            "feature": "tools",
            "state": "broken",
            "checkedAt": "2026-11-28T00:00:00Z",
            "detail": "no call",
        },
        {"feature": "vision", "state": "absent", "checkedAt": None, "detail": ""},
    ]
    with serving_json({"badges": badges}) as url, told(tmp_path, url):
        shown = weft("models", "show", "weft/tiny-chat")
        assert shown.code == 0, shown.err
        assert "probed      works: stream; broken: tools (no call)" in shown.out
        assert len(weft("models", "show", "weft/tiny-chat", "--json").json["badges"]) == 2
    assert "probed" not in weft("models", "show", "weft/tiny-chat").out


@contextmanager
def serving_json(body: object) -> Generator[str]:
    """A server that answers everything with the same."""
    content = json.dumps(body).encode()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's
            """Say nothing."""

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join(10)
