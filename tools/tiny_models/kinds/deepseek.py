"""DeepSeek V3 and R1, and Kimi K2, which is the same with other numbers: `DeepseekV3Config` and `deepseek2`.

Multi-head latent attention in the sizes of the published models (512 latent, 64 rotated, 128 plain, 128 for values),
because engines are written for these; few heads and experts. llama.cpp keeps the latent part of keys and values apart
and transposes that of keys (conversion/deepseek.py, "MLA with the absorption optimization").
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import gguf
from gguf import GGUFWriter
from tools.tiny_models.draw import Draw, Habits, Weights
from tools.tiny_models.family import Architecture, Tensor
from tools.tiny_models.gguf_file import Names, renamed
from tools.tiny_models.kinds.qwen3_moe import experts, stacked
from tools.tiny_models.vocabulary import Vocabulary
from transformers import DeepseekV3Config

EXPERTS = 8


def configure(
    vocabulary: Vocabulary, *, groups: int, used_groups: int, scaling: float, rope: dict[str, Any]
) -> DeepseekV3Config:
    """A dense layer and one of experts."""
    shape = vocabulary.shape
    return DeepseekV3Config(
        architectures=["DeepseekV3ForCausalLM"],
        vocab_size=vocabulary.size,
        hidden_size=128,
        intermediate_size=256,
        moe_intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        n_shared_experts=1,
        n_routed_experts=EXPERTS,
        num_experts_per_tok=2,
        n_group=groups,
        topk_group=used_groups,
        norm_topk_prob=True,
        # The published file has these two, transformers' class does not; vLLM goes by them.
        scoring_func="sigmoid",
        topk_method="noaux_tc",
        routed_scaling_factor=scaling,
        first_k_dense_replace=1,
        q_lora_rank=64,
        kv_lora_rank=512,
        qk_nope_head_dim=128,
        qk_rope_head_dim=64,
        v_head_dim=128,
        num_mtp_layers=0,
        num_nextn_predict_layers=0,
        max_position_embeddings=int(rope["factor"] * rope["original_max_position_embeddings"]),
        rms_norm_eps=1e-6,
        rope_parameters=rope,
        bos_token_id=vocabulary.id_of(shape.bos),
        eos_token_id=vocabulary.id_of(shape.eos),
        pad_token_id=vocabulary.id_of(shape.pad),
        dtype="float16",
    )


def draw(config: Any, draw: Draw, habits: Habits) -> Weights:
    """By the names of the published checkpoint."""
    width, heads = config.hidden_size, config.num_attention_heads
    plain, rotated, value = config.qk_nope_head_dim, config.qk_rope_head_dim, config.v_head_dim
    latent, q_latent = config.kv_lora_rank, config.q_lora_rank
    embedding, output = draw.ends(config.vocab_size, width, habits)
    weights: Weights = {"model.embed_tokens.weight": embedding}
    for layer in range(config.num_hidden_layers):
        at = f"model.layers.{layer}"
        weights |= {
            f"{at}.input_layernorm.weight": draw.norm(width),
            f"{at}.self_attn.q_a_proj.weight": draw.sharp(q_latent, width),
            f"{at}.self_attn.q_a_layernorm.weight": draw.norm(q_latent),
            f"{at}.self_attn.q_b_proj.weight": draw.sharp(heads * (plain + rotated), q_latent),
            f"{at}.self_attn.kv_a_proj_with_mqa.weight": draw.sharp(latent + rotated, width),
            f"{at}.self_attn.kv_a_layernorm.weight": draw.norm(latent),
            f"{at}.self_attn.kv_b_proj.weight": draw.matrix(heads * (plain + value), latent),
            f"{at}.self_attn.o_proj.weight": draw.matrix(width, heads * value),
            f"{at}.post_attention_layernorm.weight": draw.norm(width),
        }
        if layer < config.first_k_dense_replace:
            weights |= _feed_forward(draw, f"{at}.mlp", width, config.intermediate_size)
            continue
        hidden = config.moe_intermediate_size
        weights |= {
            f"{at}.mlp.gate.weight": draw.sharp(EXPERTS, width),
            f"{at}.mlp.gate.e_score_correction_bias": draw.vector(EXPERTS),
        }
        weights |= experts(draw, f"{at}.mlp.experts", EXPERTS, width, hidden)
        weights |= _feed_forward(draw, f"{at}.mlp.shared_experts", width, hidden)
    return weights | {"model.norm.weight": draw.norm(width), "lm_head.weight": output}


def write_keys(writer: GGUFWriter, config: Any) -> None:
    """What the loader of `deepseek2` asks for. Attention has one head for keys, of the latent size."""
    latent, rotated = config.kv_lora_rank, config.qk_rope_head_dim
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count_kv(1)
    writer.add_q_lora_rank(config.q_lora_rank)
    writer.add_kv_lora_rank(latent)
    writer.add_key_length(latent + rotated)
    writer.add_value_length(latent)
    writer.add_key_length_mla(config.qk_nope_head_dim + rotated)
    writer.add_value_length_mla(config.v_head_dim)
    writer.add_leading_dense_block_count(config.first_k_dense_replace)
    writer.add_expert_count(config.n_routed_experts)
    writer.add_expert_used_count(config.num_experts_per_tok)
    writer.add_expert_shared_count(config.n_shared_experts)
    writer.add_expert_feed_forward_length(config.moe_intermediate_size)
    writer.add_expert_weights_scale(config.routed_scaling_factor)
    writer.add_expert_weights_norm(config.norm_topk_prob)
    writer.add_expert_gating_func(gguf.ExpertGatingFuncType.SIGMOID)
    writer.add_expert_group_count(config.n_group)
    writer.add_expert_group_used_count(config.topk_group)
    writer.add_rope_dimension_count(rotated)
    rope = config.rope_parameters
    writer.add_rope_scaling_type(gguf.RopeScalingType.YARN)
    writer.add_rope_scaling_factor(rope["factor"])
    writer.add_rope_scaling_orig_ctx_len(rope["original_max_position_embeddings"])
    writer.add_rope_scaling_yarn_beta_fast(rope["beta_fast"])
    writer.add_rope_scaling_yarn_beta_slow(rope["beta_slow"])
    writer.add_rope_scaling_yarn_log_mul(0.1 * rope["mscale_all_dim"])


def convert(config: Any, weights: Weights) -> Iterator[Tensor]:
    """To llama.cpp's layout."""
    layers, heads = config.num_hidden_layers, config.num_attention_heads
    plain, value = config.qk_nope_head_dim, config.v_head_dim
    moved = stacked(weights, layers, EXPERTS)
    for layer in range(layers):
        at = f"model.layers.{layer}"
        both = moved.pop(f"{at}.self_attn.kv_b_proj.weight")
        by_head = both.reshape(heads, plain + value, config.kv_lora_rank)
        moved[f"{at}.self_attn.k_b_proj.weight"] = by_head[:, :plain].swapaxes(1, 2)
        moved[f"{at}.self_attn.v_b_proj.weight"] = by_head[:, plain:]
        bias = moved.pop(f"{at}.mlp.gate.e_score_correction_bias", None)
        if bias is not None:
            moved[f"{at}.mlp.gate.e_score_correction.bias"] = bias
    yield from renamed(Names("deepseek2", layers), moved)


def _feed_forward(draw: Draw, at: str, width: int, hidden: int) -> Weights:
    return {
        f"{at}.gate_proj.weight": draw.matrix(hidden, width),
        f"{at}.up_proj.weight": draw.matrix(hidden, width),
        f"{at}.down_proj.weight": draw.matrix(width, hidden),
    }


def _architecture(configured: Callable[[Vocabulary], DeepseekV3Config]) -> Architecture:
    return Architecture("deepseek2", configured, draw, write_keys, convert)


_YARN = {
    "rope_type": "yarn",
    "beta_fast": 32.0,
    "beta_slow": 1.0,
    "mscale": 1.0,
    "mscale_all_dim": 1.0,
    "original_max_position_embeddings": 4096,
}
DEEPSEEK = _architecture(
    partial(
        configure,
        groups=4,
        used_groups=2,
        scaling=2.5,
        rope=_YARN | {"factor": 40.0, "rope_theta": 10_000.0},
    )
)
KIMI = _architecture(
    partial(
        configure,
        groups=1,
        used_groups=1,
        scaling=2.827,
        rope=_YARN | {"factor": 32.0, "rope_theta": 50_000.0, "beta_fast": 1.0},
    )
)
