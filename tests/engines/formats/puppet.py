"""A model that says, word for word, one of the texts that it was made for.

A llama of one layer whose attention and feed-forward weights are zero, so that what it says next depends on its last
token alone. A text is a chain of tokens of its own: each token's embedding is the code of the next. A text starts when
`logit_bias` picks its first token; the tokens of any prompt stand for nothing. Format: ggml-org/ggml, docs/gguf.md.
"""

import itertools
import random
import struct
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

_WIDTH = 96
_HIDDEN = 32
_BYTES = 256
_CONTROL, _NORMAL = 3, 1
_MAX_PIECES = 6
Value = int | float | bool | str | list[str] | list[int]


@dataclass(frozen=True)
class Puppet:
    """A model on disk."""

    path: Path
    chains: dict[str, list[int]]
    """The tokens of each text; a text so short that each cut of it is taken is left out."""


def write_puppet(path: Path, texts: Collection[str], template: str) -> Puppet:
    """Make the model."""
    letters = _byte_letters()
    tokens = [*letters, "<|end of turn|>"]
    numbers = {token: number for number, token in enumerate(tokens)}
    chains: dict[str, list[int]] = {}
    chance = random.Random(0)
    for text in sorted(set(texts), key=lambda text: (len(text), text)):
        for piece in _pieces(text, letters, numbers, chance):
            chains.setdefault(text, []).append(len(tokens))
            numbers[piece] = len(tokens)
            tokens.append(piece)
    kinds = [_NORMAL] * len(tokens)
    kinds[_BYTES] = _CONTROL
    path.write_bytes(_gguf(_metadata(tokens, kinds, template), _tensors(len(tokens), chains)))
    return Puppet(path, chains)


def _pieces(
    text: str, letters: list[str], taken: dict[str, int], chance: random.Random
) -> list[str]:
    """The text, cut at random bytes, as tokens that there are not yet; nothing if there is no such cut."""
    raw = [letters[byte] for byte in text.encode()]
    for pieces in [*range(min(_MAX_PIECES, len(raw)), 0, -1)] * 3:
        cuts = [0, *sorted(chance.sample(range(1, len(raw)), pieces - 1)), len(raw)]
        found = ["".join(raw[a:b]) for a, b in itertools.pairwise(cuts)]
        if len(set(found)) == len(found) and not any(piece in taken for piece in found):
            return found
    return []


def _metadata(tokens: list[str], kinds: list[int], template: str) -> dict[str, Value]:
    return {
        "general.architecture": "llama",
        "llama.context_length": 8192,
        "llama.embedding_length": _WIDTH,
        "llama.block_count": 1,
        "llama.feed_forward_length": _HIDDEN,
        "llama.attention.head_count": 2,
        "llama.rope.dimension_count": _WIDTH // 2,
        "llama.attention.layer_norm_rms_epsilon": 1e-5,
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "gpt-2",
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.token_type": kinds,
        "tokenizer.ggml.merges": ["h e"],
        "tokenizer.ggml.bos_token_id": _BYTES,
        "tokenizer.ggml.eos_token_id": _BYTES,
        "tokenizer.ggml.add_bos_token": False,
        "tokenizer.chat_template": template,
    }


def _tensors(count: int, chains: dict[str, list[int]]) -> dict[str, tuple[tuple[int, ...], bytes]]:
    chance = random.Random(1)
    codes = [_floats([chance.choice((-1.0, 1.0)) for _ in range(_WIDTH)]) for _ in range(count)]
    nothing = _floats([0.0] * _WIDTH)
    embeddings = [nothing] * count
    for chain in chains.values():
        for token, following in zip(chain, [*chain[1:], _BYTES], strict=True):
            embeddings[token] = codes[following]
    ones = ((_WIDTH,), _floats([1.0] * _WIDTH))
    square = ((_WIDTH, _WIDTH), nothing * _WIDTH)
    up = ((_HIDDEN, _WIDTH), nothing * _HIDDEN)
    return {
        "token_embd.weight": ((count, _WIDTH), b"".join(embeddings)),
        "output.weight": ((count, _WIDTH), b"".join(codes)),
        "output_norm.weight": ones,
        "blk.0.attn_norm.weight": ones,
        "blk.0.ffn_norm.weight": ones,
        **{f"blk.0.attn_{part}.weight": square for part in ("q", "k", "v", "output")},
        **{f"blk.0.ffn_{part}.weight": up for part in ("gate", "up")},
        "blk.0.ffn_down.weight": ((_WIDTH, _HIDDEN), nothing * _HIDDEN),
    }


def _byte_letters() -> list[str]:
    """GPT-2's letter for each byte: itself where it can be printed, else one from 256 on."""
    printable = {*range(33, 127), *range(161, 173), *range(174, 256)}
    others = [byte for byte in range(_BYTES) if byte not in printable]
    return [
        chr(byte) if byte in printable else chr(_BYTES + others.index(byte))
        for byte in range(_BYTES)
    ]


def _gguf(metadata: dict[str, Value], tensors: dict[str, tuple[tuple[int, ...], bytes]]) -> bytes:
    head = bytearray(struct.pack("<4sIQQ", b"GGUF", 3, len(tensors), len(metadata)))
    for key, value in metadata.items():
        head += _string(key) + _value(value)
    data = bytearray()
    for name, (shape, content) in tensors.items():
        head += _string(name) + struct.pack(f"<I{len(shape)}Q", len(shape), *reversed(shape))
        head += struct.pack("<IQ", 0, len(data))  # 0: float32
        data += content + bytes(-len(content) % 32)
    return bytes(head) + bytes(-len(head) % 32) + bytes(data)


def _floats(values: list[float]) -> bytes:
    return struct.pack(f"<{len(values)}f", *values)


def _string(text: str) -> bytes:
    return struct.pack("<Q", len(text.encode())) + text.encode()


def _value(value: Value) -> bytes:
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
            parts = [_string(it) if isinstance(it, str) else struct.pack("<i", it) for it in value]
            kind = 8 if isinstance(value[0], str) else 5
            return struct.pack("<IIQ", 9, kind, len(parts)) + b"".join(parts)
