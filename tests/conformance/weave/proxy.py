"""A server in front of Weft that answers in its place when a program tells it to: what a bad network would do."""

import contextlib
import json
import threading
from collections.abc import Generator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
from typing_extensions import override

from conformance.server import PATIENCE_S

_HOP = {"connection", "content-length", "transfer-encoding", "host", "content-encoding", "date"}


@dataclass
class Rule:
    """Answer `status` to requests whose path has `path` in it, `times` times."""

    path: str
    status: int
    times: int
    body: dict[str, Any] = field(default_factory=dict[str, Any])
    over: int = 0
    """Only to batches with more items."""
    bad: str = ""
    """Only to bodies with these characters."""


class Proxy:
    """The rule, and how many requests came for it."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.rule: Rule | None = None
        self.asked = 0
        self._lock = threading.Lock()
        self.client = httpx.Client(timeout=PATIENCE_S)

    def set(self, wanted: dict[str, Any]) -> None:
        with self._lock:
            self.rule = Rule(**wanted) if wanted else None
            self.asked = 0

    def refuse(self, path: str, body: bytes) -> Rule | None:
        """The rule, if it says that this request is refused."""
        with self._lock:
            rule = self.rule
            if rule is None or rule.path not in path:
                return None
            self.asked += 1
            if rule.times <= 0 or rule.bad.encode() not in body:
                return None
            if rule.over and len(json.loads(body)["batch"]) <= rule.over:
                return None
            rule.times -= 1
            return rule


def _handler(proxy: Proxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            if self.path == "/__rule":
                asked = proxy.asked
                proxy.set(json.loads(body))
                self._send(200, {}, json.dumps({"asked": asked}).encode())
                return
            rule = proxy.refuse(self.path, body)
            if rule is not None:
                quick = {"content-type": "application/json", "retry-after-ms": "1"}
                self._send(rule.status, quick, json.dumps(rule.body).encode())
                return
            headers = {k: v for k, v in self.headers.items() if k.lower() not in _HOP}
            answer = proxy.client.request(
                self.command, proxy.target + self.path, headers=headers, content=body
            )
            kept = {k: v for k, v in answer.headers.items() if k.lower() not in _HOP}
            self._send(answer.status_code, kept, answer.content)

        do_GET = do_PUT = do_DELETE = do_POST  # noqa: N815 - the names are the base class's own

        def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        @override
        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    return Handler


@contextlib.contextmanager
def running_proxy(target: str) -> Generator[str]:
    """The URL of a proxy in front of `target`; it takes rules at `/__rule`."""
    proxy = Proxy(target)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(proxy))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(PATIENCE_S)
        proxy.client.close()
