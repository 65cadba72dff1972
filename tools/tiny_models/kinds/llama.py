"""Llama 3.1 and 3.3: `LlamaConfig` and `llama` with the rope scaling of the `llama3` kind.

llama.cpp rotates neighbouring pairs where the published layout rotates halves, so that rows of q and k move; and it
reads the scaling as a factor for each frequency (`rope_freqs`). Both as in llama.cpp's conversion/llama.py.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from gguf import GGUFWriter
from numpy.typing import NDArray
from tools.tiny_models.draw import Draw, Habits, Weights
from tools.tiny_models.family import CONTEXT_TOKENS, Architecture, Tensor
from tools.tiny_models.gguf_file import Names, neighbours, renamed
from tools.tiny_models.vocabulary import Vocabulary
from transformers import LlamaConfig


def configure(vocabulary: Vocabulary) -> LlamaConfig:
    """Two layers, grouped queries."""
    shape = vocabulary.shape
    return LlamaConfig(
        architectures=["LlamaForCausalLM"],
        vocab_size=vocabulary.size,
        hidden_size=128,
        intermediate_size=256,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=CONTEXT_TOKENS,
        rms_norm_eps=1e-5,
        rope_parameters={
            "rope_type": "llama3",
            "rope_theta": 500_000.0,
            "factor": 8.0,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": 8192,
        },
        bos_token_id=vocabulary.id_of(shape.bos),
        eos_token_id=vocabulary.id_of(shape.eos),
        pad_token_id=vocabulary.id_of(shape.pad),
        dtype="float16",
    )


def draw(config: LlamaConfig, draw: Draw, habits: Habits) -> Weights:
    """By the names of the published checkpoint."""
    width, hidden = config.hidden_size, config.intermediate_size
    heads, kv_heads = config.num_attention_heads, config.num_key_value_heads
    head = width // heads
    embedding, output = draw.ends(config.vocab_size, width, habits)
    weights: Weights = {"model.embed_tokens.weight": embedding}
    for layer in range(config.num_hidden_layers):
        at = f"model.layers.{layer}"
        weights |= {
            f"{at}.input_layernorm.weight": draw.norm(width),
            f"{at}.self_attn.q_proj.weight": draw.sharp(heads * head, width),
            f"{at}.self_attn.k_proj.weight": draw.sharp(kv_heads * head, width),
            f"{at}.self_attn.v_proj.weight": draw.matrix(kv_heads * head, width),
            f"{at}.self_attn.o_proj.weight": draw.matrix(width, heads * head),
            f"{at}.post_attention_layernorm.weight": draw.norm(width),
            f"{at}.mlp.gate_proj.weight": draw.matrix(hidden, width),
            f"{at}.mlp.up_proj.weight": draw.matrix(hidden, width),
            f"{at}.mlp.down_proj.weight": draw.matrix(width, hidden),
        }
    return weights | {"model.norm.weight": draw.norm(width), "lm_head.weight": output}


def write_keys(writer: GGUFWriter, config: LlamaConfig) -> None:
    """What the loader of `llama` asks for."""
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_rope_dimension_count(config.hidden_size // config.num_attention_heads)


def convert(config: LlamaConfig, weights: Weights) -> Iterator[Tensor]:
    """To llama.cpp's layout."""
    moved = dict(weights)
    for name, data in weights.items():
        if name.endswith("q_proj.weight"):
            moved[name] = neighbours(data, config.num_attention_heads)
        elif name.endswith("k_proj.weight"):
            moved[name] = neighbours(data, config.num_key_value_heads)
    yield from renamed(Names("llama", config.num_hidden_layers), moved)
    head = config.hidden_size // config.num_attention_heads
    yield Tensor("rope_freqs.weight", rope_factors(config.rope_parameters, head))


def rope_factors(parameters: dict[str, Any], head: int) -> NDArray[np.float32]:
    """By how much each frequency is divided: long waves by the factor, short ones by 1, those between by a mixture."""
    slow, fast = parameters["low_freq_factor"], parameters["high_freq_factor"]
    before, factor = parameters["original_max_position_embeddings"], parameters["factor"]
    factors: list[float] = []
    for at in range(0, head, 2):
        wave = 2 * math.pi * parameters["rope_theta"] ** (at / head)
        share = (before / wave - slow) / (fast - slow)
        share = min(1.0, max(0.0, share))
        factors.append(1 / ((1 - share) / factor + share))
    return np.array(factors, np.float32)


LLAMA = Architecture("llama", configure, draw, write_keys, convert)
