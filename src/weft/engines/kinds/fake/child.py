"""Serves the fake engine: OpenAI's completions and embeddings over HTTP/1.1, without any dependency.

Runs as a child of its own (`python -m weft.engines.kinds.fake.child`), so that it can really die. Knows the
paths; `answers.py` knows the answers and `wire.py` the bytes. `GET /fake/stats` tells what it did, `GET /metrics` the
same in Prometheus' words; `POST /fake/behaviour` changes how it behaves from then on. Invariant: a client that hangs up
stops the work for it, unless a defect says otherwise.
"""

import argparse
import asyncio
import random
import signal
import ssl
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import ClassVar, NamedTuple

import msgspec

from weft.engines.kinds.fake.answers import Question, Switches, parse_switches
from weft.engines.kinds.fake.defects import Defective
from weft.engines.kinds.fake.shapes import error_of, metrics_of
from weft.engines.kinds.fake.texts import (
    WORDS_KEPT,
    Detokenized,
    Embedded,
    Prompted,
    TextWork,
    Tokenized,
    token_of,
)
from weft.engines.kinds.fake.wire import Aborted, Channel, HttpRequest
from weft.engines.kinds.fake.work import Stats, Work
from weft.engines.process.child import add_host, link_to_parent
from weft.kit.errors import Json


class Begin(NamedTuple):
    """How one kind of request for text is begun."""

    prefix: str
    read: Callable[[bytes], list[Question]]
    work: type[Work]


class LoadAdapter(msgspec.Struct):
    """vLLM's request for an adapter."""

    lora_name: str
    lora_path: str


def _read_chat(body: bytes) -> list[Question]:
    return [msgspec.json.decode(body, type=Question)]


def _read_prompts(body: bytes) -> list[Question]:
    return msgspec.json.decode(body, type=Prompted).questions()


class FakeEngine:
    """The server."""

    _worded: ClassVar[Mapping[str, Begin]] = {
        "/chat/completions": Begin("chatcmpl", _read_chat, Work),
        "/completions": Begin("cmpl", _read_prompts, TextWork),
    }

    def __init__(self, switches: Switches, secret: str) -> None:
        self._switches = switches
        self._secret = secret
        jitter_ms = random.uniform(0, switches.start_jitter_ms)  # noqa: S311 - it is no secret
        delay_ms = switches.start_delay_ms + jitter_ms
        self._ready_at_s = asyncio.get_running_loop().time() + delay_ms / 1000
        self._stats = Stats()
        self._adapters: set[str] = set()
        self._words: dict[int, str] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from its start to its end."""
        self._stats.connections += 1
        channel = Channel(reader, writer)
        try:
            while (request := await channel.receive()) is not None:
                await self._answer(channel, request)
                if not self._switches.keep_alive or request.headers.get("connection") == "close":
                    break
        except Aborted:
            pass
        finally:
            writer.close()

    async def _answer(self, channel: Channel, request: HttpRequest) -> None:
        path = request.path.partition("?")[0].removeprefix("/v1")
        if path == "/health":
            await channel.reply(200 if self._is_ready() else 503, {"status": "ok"})
        elif self._secret and request.headers.get("authorization") != f"Bearer {self._secret}":
            await channel.reply(401, error_of(401, "Invalid API Key"))
        elif path == "/fake/stats":
            await channel.reply(200, {**asdict(self._stats)})
        elif path == "/fake/behaviour" and request.method == "POST":
            await self._change(channel, request)
        elif path == "/metrics":
            await channel.reply_text(200, metrics_of(self._stats.in_flight, self._stats.tokens))
        elif path == "/models":
            await channel.reply(
                200, {"object": "list", "data": [{"id": "fake", "object": "model"}]}
            )
        elif path in self._worded and request.method == "POST":
            await self._work(channel, request, self._worded[path])
        elif path == "/embeddings" and request.method == "POST":
            await self._embed(channel, request)
        elif path == "/load_lora_adapter" and self._switches.hot_adapters:
            await self._load_adapter(channel, request)
        elif path == "/tokenize" and request.method == "POST" and self._switches.tokenize:
            await self._tokenize(channel, request)
        elif path == "/detokenize" and request.method == "POST":
            await self._detokenize(channel, request)
        else:
            self._stats.not_found += 1
            await channel.reply(404, error_of(404, "File Not Found"))

    def _is_ready(self) -> bool:
        late = asyncio.get_running_loop().time() >= self._ready_at_s
        return late and not self._switches.never_ready

    async def _change(self, channel: Channel, request: HttpRequest) -> None:
        try:
            self._switches = parse_switches(request.body.decode())
        except ValueError as error:
            await channel.reply(400, error_of(400, str(error)))
        else:
            await channel.reply(200, {"behaviour": request.body.decode()})

    async def _work(self, channel: Channel, request: HttpRequest, begin: Begin) -> None:
        stats = self._stats
        stats.requests += 1
        stats.in_flight += 1
        try:
            questions = begin.read(request.body)
            model = questions[0].model
            if "@" in model and model not in self._adapters:
                stats.failed += 1
                await channel.reply(404, error_of(404, f"The model `{model}` does not exist."))
                return
            switches = parse_switches(questions[0].directive, self._switches)
            if model in self._adapters:
                switches = replace(switches, adapter=model)
            name = f"{begin.prefix}-fake-{stats.requests}"
            await begin.work(channel, questions, switches, stats, name).run()
        except ValueError as error:  # malformed JSON too
            stats.failed += 1
            await channel.reply(400, error_of(400, str(error)))
        except Defective as error:
            stats.failed += 1
            await channel.reply(error.status, error_of(error.status, str(error)))
        except Aborted:
            stats.aborted += 1
            raise
        finally:
            stats.in_flight -= 1

    async def _load_adapter(self, channel: Channel, request: HttpRequest) -> None:
        """In vLLM's way: from then on the adapter is a model."""
        try:
            asked = msgspec.json.decode(request.body, type=LoadAdapter)
        except ValueError as error:
            await channel.reply(400, error_of(400, str(error)))
            return
        if asked.lora_name in self._adapters:
            said = f"The lora adapter '{asked.lora_name}' has already been loaded."
            await channel.reply(400, error_of(400, said))
            return
        self._adapters.add(asked.lora_name)
        self._stats.adapters += 1
        await channel.reply(200, f"Success: LoRA adapter '{asked.lora_name}' added successfully.")

    async def _embed(self, channel: Channel, request: HttpRequest) -> None:
        self._stats.requests += 1
        switches = self._switches
        if switches.stall_ms:
            await channel.pause(switches.stall_ms)
        try:
            asked = msgspec.json.decode(request.body, type=Embedded)
        except ValueError as error:
            self._stats.failed += 1
            await channel.reply(400, error_of(400, str(error)))
        else:
            self._stats.finished += 1
            await channel.reply(200, asked.answer(tells_usage=switches.usage))

    async def _tokenize(self, channel: Channel, request: HttpRequest) -> None:
        """Tell tokens in vLLM's way, of a text or of a chat completion's messages."""
        self._stats.tokenized += 1
        if self._switches.tokenize_ms:
            await channel.pause(self._switches.tokenize_ms)
        try:
            asked = msgspec.json.decode(request.body, type=Tokenized)
        except ValueError as error:
            await channel.reply(400, error_of(400, str(error)))
            return
        told = [(token_of(word), word) for word in asked.words()]
        if len(self._words) < WORDS_KEPT:
            self._words.update(told)
        tokens: list[Json] = [token for token, _ in told]
        await channel.reply(200, {"count": asked.count(self._switches), "tokens": tokens})

    async def _detokenize(self, channel: Channel, request: HttpRequest) -> None:
        """The words of ids that were told before."""
        try:
            tokens = msgspec.json.decode(request.body, type=Detokenized).tokens
        except ValueError as error:
            await channel.reply(400, error_of(400, str(error)))
        else:
            text = " ".join(self._words.get(token, "?") for token in tokens)
            await channel.reply(200, {"prompt": text})


def _start_grandchild() -> None:
    sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    sys.stderr.write(f"grandchild {sleeper.pid}\n")
    sys.stderr.flush()


async def _serve(switches: Switches, host: str, port: int, certificate: str) -> None:
    link = link_to_parent()
    if switches.exit_code >= 0:
        sys.exit(switches.exit_code)
    tls = None
    if certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate)
    engine = FakeEngine(switches, link.secret)
    server = await asyncio.start_server(engine.serve, host, port, ssl=tls)
    if switches.ignore_sigterm:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if switches.grandchild:
        _start_grandchild()
    if not switches.no_announce:
        link.announce(server.sockets[0].getsockname()[1], host)
    async with server:
        await server.serve_forever()


def main() -> None:
    """Serve until the parent is gone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--behaviour", default="", help="switches, see weft.engines.kinds.fake.answers"
    )
    add_host(parser)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--certificate", default="", help="PEM with key and certificate: serve TLS")
    options = parser.parse_args()
    switches = parse_switches(options.behaviour)
    asyncio.run(_serve(switches, options.host, options.port, options.certificate))


if __name__ == "__main__":
    main()
