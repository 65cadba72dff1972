"""`weft doctor` on engines that others run: alive, dead, silent, and with another key."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from typing_extensions import override

from weft.catalog.load import load_catalog
from weft.catalog.types import LlamaCppSpec, ModelCard, RemoteSpec
from weft.cli.checks.engines import check_cards
from weft.cli.checks.finding import Finding, Verdict
from weft.cli.checks.remotes import check_remotes


class Peer(BaseHTTPRequestHandler):
    """A server of models that knows one key."""

    def do_GET(self) -> None:
        good = self.headers["authorization"] == "Bearer good"
        status = 404 if self.path != "/v1/models" else 200 if good else 401
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Peer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    thread.join()
    server.server_close()


def bound(*specs: RemoteSpec | LlamaCppSpec) -> ModelCard:
    return replace(load_catalog().get("weft/tiny-chat"), engines=specs)


def look(*specs: RemoteSpec) -> list[Finding]:
    return check_remotes([bound(*specs)])


def test_remote_when_it_answers_then_ok(url: str) -> None:
    [finding] = look(RemoteSpec(url, api_key="good"))
    assert (finding.verdict, finding.says) == (Verdict.OK, f"{url} answers")


def test_remote_when_the_key_is_refused_then_the_key_is_to_be_mended(url: str) -> None:
    [finding] = look(RemoteSpec(url, api_key="bad"))
    assert finding.verdict is Verdict.WARN
    assert "refused this server's key (401)" in finding.says
    assert finding.mend.startswith("mend api_key")
    assert "bad" not in finding.says + finding.mend


def test_remote_when_nobody_listens_or_answers_then_each_is_told_in_order(url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, socket.socket() as dead:
        dead.bind(("127.0.0.1", 0))  # taken, and nobody listens
        ports = [sock.getsockname()[1] for sock in (silent, dead)]
        specs = [RemoteSpec(f"http://127.0.0.1:{port}/v1") for port in ports]
        findings = check_remotes(
            [bound(*specs), bound(RemoteSpec(url, api_key="good"))], timeout_s=0.2
        )
    assert [one.verdict for one in findings] == [Verdict.WARN, Verdict.WARN, Verdict.OK]
    assert f":{ports[0]}/v1: no answer within 0.2 s" in findings[0].says
    assert f":{ports[1]}/v1: " in findings[1].says
    assert "mend url in" in findings[1].mend


def test_remote_when_its_spec_makes_no_sense_then_fail() -> None:
    [finding] = look(RemoteSpec("http://127.0.0.1:9/v1", api_key_file="/nowhere/key"))
    assert finding.verdict is Verdict.FAIL
    assert finding.mend


def test_cards_when_a_remote_serves_them_then_they_do_not_lack_weights() -> None:
    elsewhere = bound(LlamaCppSpec(weights=""), RemoteSpec("http://127.0.0.1:9/v1"))
    assert check_cards([elsewhere], None) == []
