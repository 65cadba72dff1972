"""gpt-oss: `GptOssConfig` and `gpt-oss`. Experts in MXFP4, sinks, biases, every other layer with a window.

MXFP4 (OCP Microscaling Formats 1.0) is 32 numbers of 4 bits with one scale, a power of two. The published checkpoint
packs neighbours into a byte (`_blocks`, `_scales`), GGUF packs a number with the one 16 further on, the scale in front.
Gate and up alternate in the rows of one tensor there and are two tensors here.
"""

from collections.abc import Iterator
from typing import Any

import gguf
import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter
from numpy.typing import NDArray
from tools.tiny_models.draw import Draw, Habits, Weights
from tools.tiny_models.family import CONTEXT_TOKENS, Architecture, Tensor
from tools.tiny_models.gguf_file import Names, renamed
from tools.tiny_models.vocabulary import Vocabulary
from transformers import GptOssConfig

BLOCK = 32
_SCALES = (120, 123)
"""Exponents with 127 for 1: numbers up to 6 become weights up to about a quarter."""


def configure(vocabulary: Vocabulary) -> GptOssConfig:
    """Two layers of eight experts."""
    shape = vocabulary.shape
    return GptOssConfig(
        architectures=["GptOssForCausalLM"],
        vocab_size=vocabulary.size,
        hidden_size=128,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=64,
        num_local_experts=8,
        num_experts_per_tok=2,
        sliding_window=128,
        layer_types=["sliding_attention", "full_attention"],
        max_position_embeddings=CONTEXT_TOKENS,
        rms_norm_eps=1e-5,
        rope_parameters={
            "rope_type": "yarn",
            "rope_theta": 150_000.0,
            "factor": 32.0,
            "beta_fast": 32.0,
            "beta_slow": 1.0,
            "truncate": False,
            "original_max_position_embeddings": 4096,
        },
        quantization_config={
            "quant_method": "mxfp4",
            "modules_to_not_convert": [
                "model.layers.*.self_attn",
                "model.layers.*.mlp.router",
                "model.embed_tokens",
                "lm_head",
            ],
        },
        bos_token_id=vocabulary.id_of(shape.bos),
        eos_token_id=vocabulary.id_of(shape.eos),
        pad_token_id=vocabulary.id_of(shape.pad),
        dtype="float16",
    )


def draw(config: Any, draw: Draw, habits: Habits) -> Weights:
    """By the names of the published checkpoint."""
    width, head = config.hidden_size, config.head_dim
    heads, kv_heads = config.num_attention_heads, config.num_key_value_heads
    experts, hidden = config.num_local_experts, config.intermediate_size
    embedding, output = draw.ends(config.vocab_size, width, habits)
    weights: Weights = {"model.embed_tokens.weight": embedding}
    for layer in range(config.num_hidden_layers):
        at = f"model.layers.{layer}"
        weights |= {
            f"{at}.input_layernorm.weight": draw.norm(width),
            f"{at}.self_attn.q_proj.weight": draw.sharp(heads * head, width),
            f"{at}.self_attn.q_proj.bias": draw.vector(heads * head),
            f"{at}.self_attn.k_proj.weight": draw.sharp(kv_heads * head, width),
            f"{at}.self_attn.k_proj.bias": draw.vector(kv_heads * head),
            f"{at}.self_attn.v_proj.weight": draw.matrix(kv_heads * head, width),
            f"{at}.self_attn.v_proj.bias": draw.vector(kv_heads * head),
            f"{at}.self_attn.o_proj.weight": draw.matrix(width, heads * head),
            f"{at}.self_attn.o_proj.bias": draw.vector(width),
            f"{at}.self_attn.sinks": draw.vector(heads, spread=1.0),
            f"{at}.post_attention_layernorm.weight": draw.norm(width),
            f"{at}.mlp.router.weight": draw.sharp(experts, width),
            f"{at}.mlp.router.bias": draw.vector(experts),
            f"{at}.mlp.experts.gate_up_proj_bias": draw.matrix(experts, 2 * hidden),
            f"{at}.mlp.experts.down_proj_bias": draw.matrix(experts, width),
        }
        weights |= _packed(draw, f"{at}.mlp.experts.gate_up_proj", experts, 2 * hidden, width)
        weights |= _packed(draw, f"{at}.mlp.experts.down_proj", experts, width, hidden)
    return weights | {"model.norm.weight": draw.norm(width), "lm_head.weight": output}


def write_keys(writer: GGUFWriter, config: Any) -> None:
    """What the loader of `gpt-oss` asks for."""
    rope = config.rope_parameters
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_key_length(config.head_dim)
    writer.add_value_length(config.head_dim)
    writer.add_expert_count(config.num_local_experts)
    writer.add_expert_used_count(config.num_experts_per_tok)
    writer.add_expert_feed_forward_length(config.intermediate_size)
    writer.add_sliding_window(config.sliding_window)
    writer.add_rope_scaling_type(gguf.RopeScalingType.YARN)
    writer.add_rope_scaling_factor(rope["factor"])
    writer.add_rope_scaling_orig_ctx_len(rope["original_max_position_embeddings"])
    writer.add_rope_scaling_yarn_beta_fast(rope["beta_fast"])
    writer.add_rope_scaling_yarn_beta_slow(rope["beta_slow"])


def convert(config: Any, weights: Weights) -> Iterator[Tensor]:
    """To llama.cpp's layout."""
    names = Names("gpt-oss", config.num_hidden_layers)
    plain = {name: data for name, data in weights.items() if ".mlp.experts." not in name}
    sinks = {name: plain.pop(name) for name in list(plain) if name.endswith(".sinks")}
    plain |= {f"{name}.weight": data for name, data in sinks.items()}
    yield from renamed(names, plain)
    for layer in range(config.num_hidden_layers):
        at = f"model.layers.{layer}.mlp.experts"
        for part, of, rows in (
            ("gate_proj", "gate_up_proj", slice(0, None, 2)),
            ("up_proj", "gate_up_proj", slice(1, None, 2)),
            ("down_proj", "down_proj", slice(None)),
        ):
            blocks = weights[f"{at}.{of}_blocks"][:, rows]
            scales = weights[f"{at}.{of}_scales"][:, rows]
            packed = _repacked(blocks, scales)
            yield Tensor(names[f"{at}.{part}.weight"], packed, GGMLQuantizationType.MXFP4)
            bias = weights[f"{at}.{of}_bias"][:, rows].astype(np.float32)
            yield Tensor(names[f"{at}.{part}.bias"], bias)


def _packed(draw: Draw, at: str, experts: int, rows: int, columns: int) -> Weights:
    blocks = draw.bytes(experts, rows, columns // BLOCK, BLOCK // 2)
    scales = draw.bytes(experts, rows, columns // BLOCK, low=_SCALES[0], high=_SCALES[1])
    return {f"{at}_blocks": blocks, f"{at}_scales": scales}


def _repacked(blocks: NDArray[Any], scales: NDArray[Any]) -> NDArray[np.uint8]:
    """From pairs of neighbours to pairs sixteen apart; the scale goes in front of its block."""
    numbers = np.stack((blocks & 0x0F, blocks >> 4), axis=-1).reshape(*blocks.shape[:-1], BLOCK)
    low, high = numbers[..., : BLOCK // 2], numbers[..., BLOCK // 2 :]
    packed = np.concatenate((scales[..., None], low | (high << 4)), axis=-1)
    return packed.reshape(*packed.shape[:2], -1).astype(np.uint8)


GPT_OSS = Architecture("gpt-oss", configure, draw, write_keys, convert)
