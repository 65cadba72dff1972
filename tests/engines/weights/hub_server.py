"""A hub of two servers, as far as the hub's own client speaks with it: the API and the store that downloads lead to.

Paths, headers and error codes are those of huggingface.co as huggingface_hub 2.4 reads them.
"""

import hashlib
import json
import re
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"
TOKEN = "hf_granted"
STRANGER = "hf_stranger"
_API = re.compile(r"/api/models/([^/]+/[^/]+)(?:/revision/([^/]+))?")
_RESOLVE = re.compile(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)")
_CHUNK = 1 << 16


@dataclass
class Repository:
    """What one repository holds, and how it behaves."""

    files: dict[str, bytes]
    large: set[str] = field(default_factory=set[str])
    """Kept in the store, with a sha256; others come from the API's server, with git's checksum."""
    gated: bool = False
    license: str = "mit"
    likes: int = 0
    downloads: int = 0
    gguf: dict[str, Any] | None = None
    sizes: dict[str, int] = field(default_factory=dict[str, int])
    """What the listing says, where that is not the truth."""
    damaged: set[str] = field(default_factory=set[str])
    """Sent with one byte changed."""
    cut_at: list[int] = field(default_factory=list[int])
    """The next downloads break off behind so many bytes."""
    stall_at: int | None = None
    """The next download stands still behind so many bytes until the client goes."""
    ignores_range: bool = False


@dataclass(frozen=True)
class Asked:
    """One request that came."""

    server: str
    path: str
    range: str | None
    authorization: str | None


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):  # a client may hang up
            super().handle_error(request, client_address)


class HubServer:
    """Both servers; `repositories` may be changed while they run."""

    def __init__(self) -> None:
        self.repositories: dict[str, Repository] = {}
        self.asked: list[Asked] = []
        self.stalled = threading.Event()
        self._servers: list[ThreadingHTTPServer] = []
        self._threads: list[threading.Thread] = []
        self.url = self._start("hub")
        self.store_url = self._start("store")

    def downloads(self) -> list[Asked]:
        """What the store was asked for."""
        return [one for one in self.asked if one.server == "store"]

    def close(self) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()
        for thread in self._threads:
            thread.join(10)

    def _start(self, name: str) -> str:
        house = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's
                """Say nothing."""

            def do_GET(self) -> None:
                given = self.headers
                one = Asked(name, self.path, given.get("Range"), given.get("Authorization"))
                house.asked.append(one)
                try:
                    house.answer(self, one)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            do_HEAD = do_GET  # noqa: N815 - the base's

        server = _Server(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        self._servers.append(server)
        self._threads.append(thread)
        return f"http://127.0.0.1:{server.server_address[1]}"

    def answer(self, handler: BaseHTTPRequestHandler, asked: Asked) -> None:
        path = unquote(urlsplit(asked.path).path)
        if asked.server == "store":
            name, _, file = path.removeprefix("/").partition("/-/")
            self._send(handler, asked, self.repositories[name], file)
        elif found := _API.fullmatch(path):
            self._list(handler, found[1], found[2])
        elif found := _RESOLVE.fullmatch(path):
            self._resolve(handler, asked, found[1], found[3])
        else:
            _refuse(handler, 404, "EntryNotFound")

    def _list(self, handler: BaseHTTPRequestHandler, name: str, revision: str | None) -> None:
        repository = self.repositories.get(name)
        if repository is None:
            _refuse(handler, 401, "RepoNotFound")
        elif revision not in {None, "main", COMMIT}:
            _refuse(handler, 404, "RevisionNotFound")
        else:
            body = {
                "id": name,
                "sha": COMMIT,
                "gated": "manual" if repository.gated else False,
                "private": False,
                "tags": [],
                "cardData": {"license": repository.license},
                "gguf": repository.gguf,
                "likes": repository.likes,
                "downloads": repository.downloads,
                "siblings": [self._sibling(repository, path) for path in sorted(repository.files)],
            }
            _reply(handler, 200, json.dumps(body).encode())

    def _sibling(self, repository: Repository, path: str) -> dict[str, Any]:
        content = repository.files[path]
        size = repository.sizes.get(path, len(content))
        git = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
        line: dict[str, Any] = {"rfilename": path, "size": size, "blobId": git}
        if path in repository.large:
            digest = hashlib.sha256(content).hexdigest()
            line["lfs"] = {"sha256": digest, "size": size, "pointerSize": 134}
        return line

    def _resolve(self, handler: BaseHTTPRequestHandler, asked: Asked, name: str, path: str) -> None:
        repository = self.repositories[name]
        token = (asked.authorization or "").removeprefix("Bearer ")
        if repository.gated and token != TOKEN:
            _refuse(handler, 403 if token else 401, "GatedRepo")
        elif path in repository.large:
            location = f"{self.store_url}/{name}/-/{path}"
            _reply(handler, 302, b"", ("Location", location), ("X-Repo-Commit", COMMIT))
        else:
            self._send(handler, asked, repository, path)

    def _send(
        self, handler: BaseHTTPRequestHandler, asked: Asked, repository: Repository, path: str
    ) -> None:
        content = repository.files[path]
        if path in repository.damaged:
            content = content[:-1] + bytes([content[-1] ^ 1])
        start = 0
        if asked.range and not repository.ignores_range:
            start = int(asked.range.removeprefix("bytes=").partition("-")[0])
        handler.send_response(206 if start else 200)
        handler.send_header("Content-Length", str(len(content) - start))
        handler.send_header("ETag", '"x"')
        if start:
            whole = len(content)
            handler.send_header("Content-Range", f"bytes {start}-{whole - 1}/{whole}")
        handler.end_headers()
        body = memoryview(content)[start:]
        if repository.cut_at:
            handler.wfile.write(body[: repository.cut_at.pop(0)])
            handler.close_connection = True
        elif repository.stall_at is not None:
            handler.wfile.write(body[: repository.stall_at])
            handler.wfile.flush()
            repository.stall_at = None
            self.stalled.set()
            handler.connection.settimeout(60)
            handler.connection.recv(1)  # until the client hangs up
            handler.close_connection = True
        else:
            for at in range(0, len(body), _CHUNK):
                handler.wfile.write(body[at : at + _CHUNK])


def _reply(
    handler: BaseHTTPRequestHandler, status: int, body: bytes, *headers: tuple[str, str]
) -> None:
    handler.send_response(status)
    for name, value in headers:
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(body)


def _refuse(handler: BaseHTTPRequestHandler, status: int, code: str) -> None:
    _reply(handler, status, b"{}", ("X-Error-Code", code))


@contextmanager
def serving_hub() -> Generator[HubServer]:
    hub = HubServer()
    try:
        yield hub
    finally:
        hub.close()
