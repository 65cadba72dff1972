"""Serves the fake engine: OpenAI's chat completions over HTTP/1.1, without any dependency.

Runs as a child of its own (`python -m weft.engines.kinds.fake.child`), so that it can really die. Knows the
shapes of chat completions; `answers.py` knows the answers and `wire.py` the bytes. `GET /fake/stats` tells what it did.
Invariant: a client that hangs up stops the work for it.
"""

import argparse
import asyncio
import os
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import msgspec

from weft.engines.kinds.fake.answers import Answer, Question, Switches, compose, parse_switches
from weft.engines.kinds.fake.shapes import call_start, choice_of, error_of, message_of
from weft.engines.kinds.fake.wire import Aborted, Channel, HttpRequest
from weft.engines.process.child import add_host, link_to_parent
from weft.kit.errors import Json

CREATED = 1_700_000_000
DIED = 70


@dataclass(slots=True)
class Stats:
    """What the engine did so far."""

    connections: int = 0
    requests: int = 0
    """Chat completions that were begun."""
    tokenized: int = 0
    """Prompts that were counted."""
    not_found: int = 0
    """Requests for a path that is not there."""
    in_flight: int = 0
    finished: int = 0
    aborted: int = 0
    """Cut short by the client."""
    failed: int = 0
    """Refused, or cut short by a switch."""
    tokens: int = 0
    """Produced, whether or not anybody received them."""


@dataclass(frozen=True, slots=True)
class _Delta:
    """Some tokens of one choice."""

    index: int
    tokens: int
    reasoning: str
    content: str
    logprobs: Json


class FakeEngine:
    """The server."""

    def __init__(self, switches: Switches, secret: str) -> None:
        self._switches = switches
        self._secret = secret
        self._ready_at_s = asyncio.get_running_loop().time() + switches.start_delay_ms / 1000
        self._stats = Stats()

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
        elif path == "/models":
            await channel.reply(
                200, {"object": "list", "data": [{"id": "fake", "object": "model"}]}
            )
        elif path == "/chat/completions" and request.method == "POST":
            await self._chat(channel, request)
        elif path == "/tokenize" and request.method == "POST" and self._switches.tokenize:
            await self._tokenize(channel, request)
        else:
            self._stats.not_found += 1
            await channel.reply(404, error_of(404, "File Not Found"))

    def _is_ready(self) -> bool:
        late = asyncio.get_running_loop().time() >= self._ready_at_s
        return late and not self._switches.never_ready

    async def _chat(self, channel: Channel, request: HttpRequest) -> None:
        stats = self._stats
        stats.requests += 1
        stats.in_flight += 1
        try:
            question = msgspec.json.decode(request.body, type=Question)
            switches = parse_switches(question.directive, self._switches)
            work = _Work(channel, question, switches, stats, f"chatcmpl-fake-{stats.requests}")
            await work.run()
        except ValueError as error:  # malformed JSON too
            stats.failed += 1
            await channel.reply(400, error_of(400, str(error)))
        except Aborted:
            stats.aborted += 1
            raise
        finally:
            stats.in_flight -= 1

    async def _tokenize(self, channel: Channel, request: HttpRequest) -> None:
        """Count a prompt in vLLM's way: the request is a chat completion."""
        self._stats.tokenized += 1
        if self._switches.tokenize_ms:
            await channel.pause(self._switches.tokenize_ms)
        try:
            question = msgspec.json.decode(request.body, type=Question)
        except ValueError as error:
            await channel.reply(400, error_of(400, str(error)))
        else:
            await channel.reply(200, {"count": question.prompt_tokens})


class _Cut(Exception):
    """A switch ends the answer here."""


class _Work:
    """One chat completion."""

    def __init__(
        self, channel: Channel, question: Question, switches: Switches, stats: Stats, name: str
    ) -> None:
        self._channel = channel
        self._question = question
        self._switches = switches
        self._stats = stats
        self._name = name
        self._sent = 0
        answers = [compose(question, index, switches) for index in range(question.n or 1)]
        self._answers: list[Answer] = answers

    async def run(self) -> None:
        """Refuse, or answer in one of the two ways."""
        switches = self._switches
        if switches.stall_ms and switches.stall_after < 0:
            await self._channel.pause(switches.stall_ms)
        if switches.fail_status:
            await self._refuse(error_of(switches.fail_status, "the fake engine was told to fail"))
            return
        prompt = self._question.prompt_tokens
        if 0 < switches.context < prompt:
            refused: dict[str, Json] = {
                "code": 400,
                "message": f"request ({prompt} tokens) exceeds the available context size"
                f" ({switches.context} tokens), try increasing it",
                "type": "exceed_context_size_error",
                "n_prompt_tokens": prompt,
                "n_ctx": switches.context,
            }
            await self._refuse({"error": refused}, status=400)
            return
        try:
            await (self._stream() if self._question.stream else self._reply())
        except _Cut:
            self._stats.failed += 1
            self._channel.cut()
            raise Aborted from None
        self._stats.finished += 1

    async def _refuse(self, error: Json, status: int = 0) -> None:
        self._stats.failed += 1
        wait_s = self._switches.retry_after
        headers = [("Retry-After", str(wait_s))] if wait_s else []
        await self._channel.reply(status or self._switches.fail_status, error, headers=headers)

    # The whole answer at once

    async def _reply(self) -> None:
        for delta in self._deltas():
            await self._before(delta)
        choices: list[Json] = [
            {
                "index": index,
                "message": message_of(answer, f"{self._name}-{index}"),
                "logprobs": {"content": [self._logprob(piece) for piece in answer.pieces]}
                if self._question.logprobs
                else None,
                "finish_reason": answer.finish_reason,
            }
            for index, answer in enumerate(self._answers)
        ]
        body = self._body("chat.completion", choices)
        if self._switches.usage:
            body["usage"] = self._usage()
        await self._channel.reply(200, body)

    # The answer as it comes

    async def _stream(self) -> None:
        channel, switches = self._channel, self._switches
        await channel.begin_stream(odd=switches.odd_chunks)
        for index, answer in enumerate(self._answers):
            await self._event(
                choice_of(index, {"role": "assistant", "content": None if answer.tool else ""})
            )
            if answer.tool:
                await self._event(choice_of(index, call_start(answer, f"{self._name}-{index}")))
        for delta in self._deltas():
            await self._before(delta)
            await self._event(self._choice_of(delta))
            if switches.garbage and self._sent == delta.tokens:
                await channel.stream(b"data: {this is no JSON\n\n")
        for index, answer in enumerate(self._answers):
            await self._event(choice_of(index, {}, finish_reason=answer.finish_reason))
        options = self._question.stream_options
        if options is not None and options.include_usage and switches.usage:
            await self._event(None)
        if switches.done:
            await self._data(b"[DONE]")
        await channel.end_stream()

    async def _event(self, choice: dict[str, Json] | None) -> None:
        """One chunk; None is the one that tells the usage."""
        body = self._body("chat.completion.chunk", [] if choice is None else [choice])
        if choice is None:
            body["usage"] = self._usage()
        if self._switches.timings:
            cached = min(self._switches.cached, self._question.prompt_tokens)
            body["timings"] = {
                "cache_n": cached,
                "prompt_n": self._question.prompt_tokens - cached,
                "predicted_n": self._sent,
            }
        await self._data(msgspec.json.encode(body))

    async def _data(self, data: bytes) -> None:
        end = b"\r\n" if self._switches.crlf else b"\n"
        comment = b": still here" + end + end if self._switches.comments else b""
        await self._channel.stream(comment + b"data: " + data + end + end)

    # Both

    async def _before(self, delta: _Delta) -> None:
        """What happens before a delta goes out: delays, stalls and sudden ends."""
        switches, sent = self._switches, self._sent
        if sent == switches.die_after:
            os._exit(DIED)
        if sent == switches.truncate_after:
            raise _Cut
        if sent == switches.error_after or (switches.error_event and sent):
            if self._question.stream:
                await self._data(
                    msgspec.json.encode(error_of(500, "the fake engine was told to fail"))
                )
                await self._channel.end_stream()
            raise _Cut
        if switches.stall_ms and sent == switches.stall_after:
            await self._channel.pause(switches.stall_ms)
        if switches.delay_ms:
            await self._channel.pause(switches.delay_ms)
        self._sent += delta.tokens
        self._stats.tokens += delta.tokens

    def _deltas(self) -> Iterator[_Delta]:
        """Some tokens of each choice in turn, until all have said everything."""
        step = self._switches.chunk_tokens
        longest = max(answer.tokens for answer in self._answers)
        for at in range(0, longest, step):
            for index, answer in enumerate(self._answers):
                spoken = [
                    *((piece, True) for piece in answer.reasoning),
                    *((piece, False) for piece in answer.pieces),
                ]
                part = spoken[at : at + step]
                if part:
                    yield _Delta(
                        index,
                        len(part),
                        "".join(piece for piece, is_thought in part if is_thought),
                        "".join(piece for piece, is_thought in part if not is_thought),
                        [self._logprob(piece) for piece, is_thought in part if not is_thought],
                    )

    def _choice_of(self, delta: _Delta) -> dict[str, Json]:
        members: dict[str, Json] = {}
        if delta.reasoning:
            members["reasoning_content"] = delta.reasoning
        if delta.content and self._answers[delta.index].tool:
            call: Json = {"index": 0, "function": {"arguments": delta.content}}
            members["tool_calls"] = [call]
        elif delta.content:
            members["content"] = delta.content
        choice = choice_of(delta.index, members)
        if self._question.logprobs:
            choice["logprobs"] = {"content": delta.logprobs}
        return choice

    def _body(self, kind: str, choices: list[Json]) -> dict[str, Json]:
        return {
            "id": self._name,
            "object": kind,
            "created": CREATED,
            "model": self._question.model,
            "system_fingerprint": "fake",
            "choices": choices,
        }

    def _usage(self) -> Json:
        prompt = self._question.prompt_tokens
        completion = sum(answer.tokens for answer in self._answers)
        return {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
            "prompt_tokens_details": {"cached_tokens": min(self._switches.cached, prompt)},
            "completion_tokens_details": {
                "reasoning_tokens": sum(len(answer.reasoning) for answer in self._answers)
            },
        }

    def _logprob(self, token: str) -> Json:
        spoken: dict[str, Json] = {
            "token": token,
            "logprob": -0.25,
            "bytes": list(token.encode()),
        }
        others: list[Json] = [{**spoken} for _ in range(self._question.top_logprobs or 0)]
        return {**spoken, "top_logprobs": others}


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
