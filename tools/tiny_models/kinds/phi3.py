"""Phi-4-mini: `Phi3Config` and `phi3`.

q, k and v in one matrix, gate and up in another, three quarters of each head rotated, factors for short and for long
contexts, and one matrix for both ends.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from gguf import GGUFWriter
from tools.tiny_models.draw import Draw, Habits, Weights
from tools.tiny_models.family import CONTEXT_TOKENS, Architecture, Tensor
from tools.tiny_models.gguf_file import Names, renamed
from tools.tiny_models.vocabulary import Vocabulary
from transformers import Phi3Config

_ROTATED = 0.75
_BEFORE = 4096


def configure(vocabulary: Vocabulary) -> Phi3Config:
    """Two layers; 24 of a head's 32 numbers are rotated."""
    shape = vocabulary.shape
    pairs = 12
    return Phi3Config(
        architectures=["Phi3ForCausalLM"],
        vocab_size=vocabulary.size,
        hidden_size=128,
        intermediate_size=256,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=CONTEXT_TOKENS,
        original_max_position_embeddings=_BEFORE,
        rms_norm_eps=1e-5,
        rope_parameters={
            "rope_type": "longrope",
            "rope_theta": 10_000.0,
            "partial_rotary_factor": _ROTATED,
            "original_max_position_embeddings": _BEFORE,
            "short_factor": [1.0 + 0.02 * at for at in range(pairs)],
            "long_factor": [1.0 + 2.0 * at for at in range(pairs)],
        },
        partial_rotary_factor=_ROTATED,
        tie_word_embeddings=True,
        bos_token_id=vocabulary.id_of(shape.bos),
        eos_token_id=vocabulary.id_of(shape.eos),
        pad_token_id=vocabulary.id_of(shape.pad),
        dtype="float16",
    )


def draw(config: Any, draw: Draw, habits: Habits) -> Weights:
    """By the names of the published checkpoint."""
    width, hidden = config.hidden_size, config.intermediate_size
    heads, kv_heads = config.num_attention_heads, config.num_key_value_heads
    head = width // heads
    embedding, _ = draw.ends(config.vocab_size, width, habits, tied=True)
    weights: Weights = {"model.embed_tokens.weight": embedding}
    for layer in range(config.num_hidden_layers):
        at = f"model.layers.{layer}"
        weights |= {
            f"{at}.input_layernorm.weight": draw.norm(width),
            f"{at}.self_attn.qkv_proj.weight": draw.sharp((heads + 2 * kv_heads) * head, width),
            f"{at}.self_attn.o_proj.weight": draw.matrix(width, heads * head),
            f"{at}.post_attention_layernorm.weight": draw.norm(width),
            f"{at}.mlp.gate_up_proj.weight": draw.matrix(2 * hidden, width),
            f"{at}.mlp.down_proj.weight": draw.matrix(width, hidden),
        }
    return weights | {"model.norm.weight": draw.norm(width)}


def write_keys(writer: GGUFWriter, config: Any) -> None:
    """What the loader of `phi3` asks for; a window of 0 says that it is Phi-4."""
    head = config.hidden_size // config.num_attention_heads
    longer = config.max_position_embeddings / _BEFORE
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_rope_dimension_count(int(_ROTATED * head))
    writer.add_rope_scaling_orig_ctx_len(_BEFORE)
    writer.add_rope_scaling_attn_factors(math.sqrt(1 + math.log(longer) / math.log(_BEFORE)))
    writer.add_sliding_window(0)


def convert(config: Any, weights: Weights) -> Iterator[Tensor]:
    """To llama.cpp's layout."""
    yield from renamed(Names("phi3", config.num_hidden_layers), weights)
    rope = config.rope_parameters
    for kind in ("long", "short"):
        factors = np.array(rope[f"{kind}_factor"], np.float32)
        yield Tensor(f"rope_factors_{kind}.weight", factors)


PHI3 = Architecture("phi3", configure, draw, write_keys, convert)
