"""Parts for the tests of engines: cards, engines with short times, a fake server, a tiny model."""

import asyncio
import json
import os
import random
import struct
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from weft.catalog.types import (
    Capabilities,
    EngineSpec,
    Lifecycle,
    Modality,
    ModelCard,
    Price,
)
from weft.engines.options import EngineSettings
from weft.engines.pool import Engines
from weft.engines.process.engine import Timings
from weft.engines.process.life import LEGAL
from weft.engines.process.logs import LogRing
from weft.engines.process.spawn import Child, spawn
from weft.engines.types import Endpoint, Lease, Link
from weft.kit.clock import SystemClock
from weft.kit.money import NanoUsdPerMtok

PATIENCE_S = 30.0
MAX_BODY_BYTES = 1 << 24
CERTIFICATE = Path(__file__).parent.parent / "upstream" / "certs" / "server.pem"


@pytest.fixture
def make_card() -> Callable[..., ModelCard]:
    def make(model_id: str, *specs: EngineSpec) -> ModelCard:
        price = NanoUsdPerMtok(1)
        return ModelCard(
            id=model_id,
            label=model_id,
            provider="weft",
            description_short="",
            description_medium="",
            launched_on=None,
            license="",
            context_window_tokens=2048,
            parameters_total=0,
            parameters_active=0,
            lifecycle=Lifecycle.GENERALLY_AVAILABLE,
            modalities_input=(Modality.TEXT,),
            modalities_output=(Modality.TEXT,),
            capabilities=Capabilities(),
            prices=(Price("v1", datetime(2026, 1, 1, tzinfo=UTC), price, price, price, "test"),),
            engines=specs,
            path=Path("card.toml"),
        )

    return make


@pytest.fixture
def timings() -> Timings:
    """Times under which nothing takes long."""
    return Timings(
        start_timeout_s=PATIENCE_S,
        probe_every_s=0.01,
        stop_grace_s=5.0,
        backoff_first_s=0.05,
        backoff_max_s=0.2,
        remote_probe_every_s=0.05,
    )


@pytest.fixture
def quick(timings: Timings) -> EngineSettings:
    return EngineSettings(eager=True, queue_timeout_s=PATIENCE_S, timings=timings)


@pytest.fixture
async def make_engines(
    quick: EngineSettings,
) -> AsyncIterator[Callable[..., Awaitable[Engines]]]:
    """Engines that are stopped at the end, with the promises that hold for every life they led."""
    made: list[Engines] = []

    async def make(*cards: ModelCard, settings: EngineSettings = quick) -> Engines:
        engines = Engines(cards, settings, clock=SystemClock())
        made.append(engines)
        await engines.start()
        return engines

    yield make
    for engines in made:
        pids = [shot.pid for shot in engines.snapshot() if shot.pid is not None]
        await engines.close()
        assert not [pid for pid in pids if is_alive(pid)]
        for shot in engines.snapshot():
            assert all(to in LEGAL[at] for at, to in pairwise(shot.history)), shot.history


@pytest.fixture
def post() -> Callable[..., Coroutine[None, None, tuple[int, bytes]]]:
    """Ask for a chat completion: `status, body = await post(lease, "Hello", stream=True)`."""

    async def ask(way: Lease | Link, text: str, **fields: object) -> tuple[int, bytes]:
        messages = [{"role": "user", "content": text}]
        body = json.dumps({"model": "m", "messages": messages, **fields}).encode()
        response = await way.pool.send(way.heads[Endpoint.CHAT].render(len(body)), body)
        return response.status, await response.read(MAX_BODY_BYTES)

    return ask


@pytest.fixture
async def fake_server() -> AsyncIterator[Callable[..., Awaitable[tuple[Child, int]]]]:
    """A fake engine that nobody supervises: `child, port = await fake_server("delay_ms=5")`."""
    children: list[Child] = []

    async def start(
        behaviour: str = "", *, secret: str = "", port: int = 0, tls: bool = False
    ) -> tuple[Child, int]:
        argv = [sys.executable, "-m", "weft.engines.kinds.fake.child", "--behaviour", behaviour]
        argv += ["--port", str(port)]
        if tls:
            argv += ["--certificate", str(CERTIFICATE)]
        child = await spawn(argv, secret=secret, log=LogRing())
        children.append(child)
        async with asyncio.timeout(PATIENCE_S):
            return child, await child.announced

    yield start
    for child in children:
        await child.end(0)


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], Awaitable[None]]:
    """Wait for something that happens in its own time; the test fails if it never does."""

    async def wait(condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                await asyncio.sleep(0.005)

    return wait


@pytest.fixture
def alive() -> Callable[[int], bool]:
    return is_alive


def is_alive(pid: int) -> bool:
    """Whether the process still runs; a zombie that nobody has buried does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return sys.platform != "linux"


# A model of a few kilobytes: random weights, a token for each byte.

_WIDTH, _HEADS, _HIDDEN, _BYTES = 32, 2, 32, 256
_TEMPLATE = (
    "{%- for m in messages -%}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{%- endfor -%}"
    "{%- if add_generation_prompt -%}<|im_start|>assistant\n{%- endif -%}"
)
GgufValue = int | float | bool | str | list[str] | list[int]


@pytest.fixture(scope="session")
def tiny_gguf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A llama of one layer that says nothing sensible. Format: ggml-org/ggml, docs/gguf.md, version 3."""
    path = tmp_path_factory.mktemp("weights") / "tiny.gguf"
    tokens = [*_byte_letters(), "he", "<|im_start|>", "<|im_end|>", "<|pad|>"]
    metadata: dict[str, GgufValue] = {
        "general.architecture": "llama",
        "llama.context_length": 2048,
        "llama.embedding_length": _WIDTH,
        "llama.block_count": 1,
        "llama.feed_forward_length": _HIDDEN,
        "llama.attention.head_count": _HEADS,
        "llama.rope.dimension_count": _WIDTH // _HEADS,
        "llama.attention.layer_norm_rms_epsilon": 1e-5,
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "gpt-2",
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.token_type": [1] * (_BYTES + 1) + [3] * 3,
        "tokenizer.ggml.merges": ["h e"],
        "tokenizer.ggml.bos_token_id": _BYTES + 1,
        "tokenizer.ggml.eos_token_id": _BYTES + 2,
        "tokenizer.ggml.padding_token_id": _BYTES + 3,
        "tokenizer.ggml.add_bos_token": False,
        "tokenizer.chat_template": _TEMPLATE,
    }
    square, up = (_WIDTH, _WIDTH), (_HIDDEN, _WIDTH)
    shapes: dict[str, tuple[int, ...]] = {
        "token_embd.weight": (len(tokens), _WIDTH),
        "output_norm.weight": (_WIDTH,),
        "blk.0.attn_norm.weight": (_WIDTH,),
        "blk.0.ffn_norm.weight": (_WIDTH,),
        **{f"blk.0.attn_{part}.weight": square for part in ("q", "k", "v", "output")},
        **{f"blk.0.ffn_{part}.weight": up for part in ("gate", "up")},
        "blk.0.ffn_down.weight": (_WIDTH, _HIDDEN),
    }
    path.write_bytes(_gguf(metadata, shapes))
    return path


def _byte_letters() -> list[str]:
    """GPT-2's letter for each byte: itself where it can be printed, else one from 256 on."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(_BYTES) if byte not in printable]
    letters = {byte: chr(byte) for byte in printable}
    letters |= {byte: chr(_BYTES + at) for at, byte in enumerate(others)}
    return [letters[byte] for byte in range(_BYTES)]


def _gguf(metadata: dict[str, GgufValue], shapes: dict[str, tuple[int, ...]]) -> bytes:
    head = bytearray(struct.pack("<4sIQQ", b"GGUF", 3, len(shapes), len(metadata)))
    for key, value in metadata.items():
        head += _string(key) + _value(value)
    data = bytearray()
    chance = random.Random(0)
    for name, shape in shapes.items():
        dimensions = struct.pack(f"<I{len(shape)}Q", len(shape), *reversed(shape))
        head += _string(name) + dimensions + struct.pack("<IQ", 0, len(data))  # 0: float32
        count = shape[0] * (shape[1] if len(shape) > 1 else 1)
        spread, middle = (0.0, 1.0) if len(shape) == 1 else (0.1, 0.0)
        data += struct.pack(f"<{count}f", *(chance.gauss(middle, spread) for _ in range(count)))
        data += bytes(-len(data) % 32)
    return bytes(head) + bytes(-len(head) % 32) + bytes(data)


def _string(text: str) -> bytes:
    return struct.pack("<Q", len(text.encode())) + text.encode()


def _value(value: GgufValue) -> bytes:
    """The type's number, then the value."""
    match value:
        case bool():
            return struct.pack("<I?", 7, value)
        case int():
            return struct.pack("<II", 4, value)
        case float():
            return struct.pack("<If", 6, value)
        case str():
            return struct.pack("<I", 8) + _string(value)
        case list():
            return _array(value)


def _array(items: Sequence[str] | Sequence[int]) -> bytes:
    parts = [_string(item) if isinstance(item, str) else struct.pack("<i", item) for item in items]
    kind = 8 if isinstance(items[0], str) else 5
    return struct.pack("<IIQ", 9, kind, len(parts)) + b"".join(parts)
