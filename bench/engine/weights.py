"""Makes a llama with random weights, so that engines can be measured without a download.

Q8_0, with the tokenizer of the model that ships. What it says means nothing; how long it takes is what a trained one
of its size takes.
"""

from pathlib import Path

import gguf
import numpy as np
from gguf.constants import GGMLQuantizationType, GGUFValueType
from gguf.quants import quantize

import weft.demo

LAYERS, WIDTH, HIDDEN, HEADS, KV_HEADS = 12, 1024, 2816, 16, 8
CONTEXT_TOKENS = 8192
_SPREAD = 0.02


def make_weights(path: Path) -> int:
    """Write the file; answers how many parameters it holds."""
    tiny = gguf.GGUFReader(Path(weft.demo.__file__).with_name("tiny-chat.gguf"))
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(CONTEXT_TOKENS)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(HIDDEN)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    vocabulary = 0
    for name, field in tiny.fields.items():
        if name.startswith("tokenizer."):
            value = field.contents()
            kind, *inner = field.types
            writer.add_key_value(name, value, kind, inner[-1] if inner else None)
            if name == "tokenizer.ggml.tokens":
                assert kind is GGUFValueType.ARRAY
                vocabulary = len(value)
    count = 0
    for name, shape in shapes(vocabulary).items():
        count += int(np.prod(shape))
        if len(shape) == 1:
            writer.add_tensor(name, np.ones(shape, np.float32))
        else:
            packed = draw(shape)
            writer.add_tensor(name, packed, raw_dtype=GGMLQuantizationType.Q8_0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return count


_drawn: dict[tuple[int, ...], np.ndarray] = {}


def draw(shape: tuple[int, ...]) -> np.ndarray:
    """Numbers by chance; the same ones for each layer, which costs an engine as much as others would."""
    if shape not in _drawn:
        numbers = np.random.default_rng(0).normal(0, _SPREAD, shape).astype(np.float32)
        _drawn[shape] = quantize(numbers, GGMLQuantizationType.Q8_0)
    return _drawn[shape]


def shapes(vocabulary: int) -> dict[str, tuple[int, ...]]:
    """Every tensor, by the names of ggml-org/ggml, docs/gguf.md."""
    narrow = WIDTH * KV_HEADS // HEADS
    found: dict[str, tuple[int, ...]] = {
        "token_embd.weight": (vocabulary, WIDTH),
        "output_norm.weight": (WIDTH,),
        "output.weight": (vocabulary, WIDTH),
    }
    for layer in range(LAYERS):
        block = f"blk.{layer}"
        found |= {
            f"{block}.attn_norm.weight": (WIDTH,),
            f"{block}.ffn_norm.weight": (WIDTH,),
            f"{block}.attn_q.weight": (WIDTH, WIDTH),
            f"{block}.attn_k.weight": (narrow, WIDTH),
            f"{block}.attn_v.weight": (narrow, WIDTH),
            f"{block}.attn_output.weight": (WIDTH, WIDTH),
            f"{block}.ffn_gate.weight": (HIDDEN, WIDTH),
            f"{block}.ffn_up.weight": (HIDDEN, WIDTH),
            f"{block}.ffn_down.weight": (WIDTH, HIDDEN),
        }
    return found
