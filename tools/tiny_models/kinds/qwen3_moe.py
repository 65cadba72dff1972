"""Qwen3 MoE (instruct, thinking, coder): `Qwen3MoeConfig` and `qwen3moe`. Experts of a layer are stacked in GGUF."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from gguf import GGUFWriter
from tools.tiny_models.draw import Draw, Habits, Weights
from tools.tiny_models.family import Architecture, Tensor
from tools.tiny_models.gguf_file import Names, renamed
from tools.tiny_models.vocabulary import Vocabulary
from transformers import Qwen3MoeConfig

PARTS = ("gate_proj", "up_proj", "down_proj")


def configure(vocabulary: Vocabulary) -> Qwen3MoeConfig:
    """Two layers of eight experts, two of which work on a token."""
    shape = vocabulary.shape
    return Qwen3MoeConfig(
        architectures=["Qwen3MoeForCausalLM"],
        vocab_size=vocabulary.size,
        hidden_size=128,
        intermediate_size=256,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=64,
        max_position_embeddings=262_144,
        rms_norm_eps=1e-6,
        rope_parameters={"rope_type": "default", "rope_theta": 5_000_000.0},
        moe_intermediate_size=64,
        num_experts=8,
        num_experts_per_tok=2,
        norm_topk_prob=True,
        bos_token_id=vocabulary.id_of(shape.bos),
        eos_token_id=vocabulary.id_of(shape.eos),
        pad_token_id=vocabulary.id_of(shape.pad),
        dtype="float16",
    )


def draw(config: Any, draw: Draw, habits: Habits) -> Weights:
    """By the names of the published checkpoint."""
    width, head = config.hidden_size, config.head_dim
    heads, kv_heads = config.num_attention_heads, config.num_key_value_heads
    embedding, output = draw.ends(config.vocab_size, width, habits)
    weights: Weights = {"model.embed_tokens.weight": embedding}
    for layer in range(config.num_hidden_layers):
        at = f"model.layers.{layer}"
        weights |= {
            f"{at}.input_layernorm.weight": draw.norm(width),
            f"{at}.self_attn.q_proj.weight": draw.matrix(heads * head, width),
            f"{at}.self_attn.k_proj.weight": draw.matrix(kv_heads * head, width),
            f"{at}.self_attn.v_proj.weight": draw.matrix(kv_heads * head, width),
            f"{at}.self_attn.o_proj.weight": draw.matrix(width, heads * head),
            f"{at}.self_attn.q_norm.weight": draw.norm(head),
            f"{at}.self_attn.k_norm.weight": draw.norm(head),
            f"{at}.post_attention_layernorm.weight": draw.norm(width),
            f"{at}.mlp.gate.weight": draw.sharp(config.num_experts, width),
        }
        weights |= experts(
            draw, f"{at}.mlp.experts", config.num_experts, width, config.moe_intermediate_size
        )
    return weights | {"model.norm.weight": draw.norm(width), "lm_head.weight": output}


def experts(draw: Draw, at: str, count: int, width: int, hidden: int) -> Weights:
    """Three matrices for each."""
    weights: Weights = {}
    for expert in range(count):
        weights[f"{at}.{expert}.gate_proj.weight"] = draw.matrix(hidden, width)
        weights[f"{at}.{expert}.up_proj.weight"] = draw.matrix(hidden, width)
        weights[f"{at}.{expert}.down_proj.weight"] = draw.matrix(width, hidden)
    return weights


def stacked(weights: Weights, layers: int, count: int) -> Weights:
    """The same with the experts of a layer in one tensor each for gate, up and down."""
    rest = {name: data for name, data in weights.items() if ".mlp.experts." not in name}
    for layer in range(layers):
        at = f"model.layers.{layer}.mlp.experts"
        if f"{at}.0.gate_proj.weight" not in weights:
            continue
        for part in PARTS:
            of_all = [weights[f"{at}.{expert}.{part}.weight"] for expert in range(count)]
            rest[f"{at}.{part}.weight"] = np.stack(of_all)
    return rest


def write_keys(writer: GGUFWriter, config: Any) -> None:
    """What the loader of `qwen3moe` asks for."""
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_key_length(config.head_dim)
    writer.add_value_length(config.head_dim)
    writer.add_expert_count(config.num_experts)
    writer.add_expert_used_count(config.num_experts_per_tok)
    writer.add_expert_feed_forward_length(config.moe_intermediate_size)


def convert(config: Any, weights: Weights) -> Iterator[Tensor]:
    """To llama.cpp's layout."""
    layers = config.num_hidden_layers
    yield from renamed(Names("qwen3moe", layers), stacked(weights, layers, config.num_experts))


QWEN3_MOE = Architecture("qwen3moe", configure, draw, write_keys, convert)
