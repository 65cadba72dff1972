"""llama.cpp with a puppet for a model: what it makes of a raw text, streamed and whole."""

import asyncio
import json
import sys
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.engines.formats.corpus.plan import TOOLS
from tests.engines.formats.puppet import Puppet, write_puppet
from tests.engines.formats.reading import Call, Reading

from weft.engines.process.logs import LogRing
from weft.engines.process.spawn import Child, spawn
from weft.upstream import HeadTemplate, Origin, Pool

_SECRET = "s3cret"
_MAX_BYTES = 1 << 24
_PATIENCE_S = 30.0
_OPTIONS = "--alias puppet --context 8192 --parallel 1 --max-in-flight 2 --threads 1"
_OFFERED = [
    {"type": "function", "function": {"name": name, "parameters": schema}}
    for name, schema in TOOLS.items()
]


@dataclass
class Answer:
    """What the engine said."""

    reading: Reading | None
    """None where it refused, or broke off with an error."""
    chunks: list[bytes]
    """The events of a stream."""
    error: str = ""


class Speaker:
    """An engine whose model says what it is told."""

    def __init__(self, puppet: Puppet, child: Child, pool: Pool, origin: Origin) -> None:
        self.child = child
        self.puppet = puppet
        self._pool = pool
        headers = [(b"Authorization", b"Bearer " + _SECRET.encode())]
        path = "/v1/chat/completions"
        self._head = HeadTemplate("POST", path, host=origin.authority, headers=headers)

    async def say(
        self, text: str, *, stream: bool, max_tokens: int = 0, tool_choice: str = "auto"
    ) -> Answer:
        """Let the model say `text`, or the first `max_tokens` of its tokens."""
        chain = self.puppet.chains[text]
        body = json.dumps(
            {
                "messages": [{"role": "user", "content": "Speak."}],
                "tools": _OFFERED,
                "tool_choice": tool_choice,
                "parallel_tool_calls": True,
                "temperature": 0,
                "logit_bias": [[chain[0], 20.0]],
                "max_tokens": max_tokens or len(chain) + 1,
                "stream": stream,
            }
        ).encode()
        async with asyncio.timeout(_PATIENCE_S):
            response = await self._pool.send(self._head.render(len(body)), body)
            content = await response.read(_MAX_BYTES)
        if not stream:
            told = json.loads(content)
            if "error" in told:
                return Answer(None, [], told["error"]["message"])
            return Answer(_gathered([told["choices"][0]["message"]]), [])
        events = [line.removeprefix(b"data: ") for line in content.split(b"\n\n")]
        chunks = [event for event in events if event.startswith(b"{")]
        told = [json.loads(chunk) for chunk in chunks]
        error = next((it["error"]["message"] for it in told if "error" in it), "")
        deltas = [choice["delta"] for it in told for choice in it.get("choices", ())]
        return Answer(None if error else _gathered(deltas), chunks, error)


def _gathered(deltas: list[dict[str, Any]]) -> Reading:
    reading = Reading()
    for delta in deltas:
        reading.reasoning += delta.get("reasoning_content") or ""
        reading.content += delta.get("content") or ""
        for position, call in enumerate(delta.get("tool_calls") or ()):
            index, function = call.get("index", position), call["function"]
            if index == len(reading.calls):
                reading.calls.append(Call(call["id"], function["name"]))
            reading.calls[index].arguments += function.get("arguments") or ""
    return reading


@asynccontextmanager
async def speaker(folder: Path, texts: Collection[str], template: str) -> AsyncGenerator[Speaker]:
    """An engine whose model can say each of `texts`."""
    puppet = write_puppet(folder / "puppet.gguf", texts, template)
    argv = [sys.executable, "-m", "weft.engines.kinds.llama_child", *_OPTIONS.split()]
    child = await spawn([*argv, "--model", str(puppet.path)], secret=_SECRET, log=LogRing())
    try:
        async with asyncio.timeout(_PATIENCE_S):
            origin = Origin("127.0.0.1", await child.announced)
        pool = Pool(origin, reuse_after_stream=False)
        yield Speaker(puppet, child, pool, origin)
        await pool.close()
    finally:
        await child.end(0)
