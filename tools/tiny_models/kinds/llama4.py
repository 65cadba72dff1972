"""Llama 4 Scout with its eyes: `Llama4Config`; `llama4` in one GGUF file and its vision tower (`clip`) in another.

Four layers, so that the one in four without rotation is there. The experts' gate and up are one transposed tensor in
the published checkpoint. Tensor names of the projector are those that llama.cpp's tools/mtmd/models/llama4.cpp reads.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from gguf import GGUFWriter
from tools.tiny_models.draw import Draw, Habits, Weights
from tools.tiny_models.family import CONTEXT_TOKENS, Architecture, Tensor
from tools.tiny_models.gguf_file import Names, finish, renamed
from tools.tiny_models.kinds.llama import rope_factors
from tools.tiny_models.vocabulary import Vocabulary
from transformers import Llama4Config

EXPERTS = 4
_TEXT = "language_model."
_MEAN = _STD = (0.5, 0.5, 0.5)
_PROJECTOR = {
    "multi_modal_projector.linear_1.weight": "mm.model.fc.weight",
    "vision_model.vision_adapter.mlp.fc1.weight": "mm.model.mlp.1.weight",
    "vision_model.vision_adapter.mlp.fc2.weight": "mm.model.mlp.2.weight",
}


def configure(vocabulary: Vocabulary) -> Llama4Config:
    """Text and vision."""
    shape = vocabulary.shape
    return Llama4Config(
        architectures=["Llama4ForConditionalGeneration"],
        text_config={
            "vocab_size": vocabulary.size,
            "hidden_size": 128,
            "intermediate_size": 64,
            "intermediate_size_mlp": 128,
            "num_hidden_layers": 4,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
            "head_dim": 32,
            "num_local_experts": EXPERTS,
            "num_experts_per_tok": 1,
            "interleave_moe_layer_step": 1,
            "max_position_embeddings": CONTEXT_TOKENS,
            "rms_norm_eps": 1e-5,
            "rope_parameters": {
                "rope_type": "llama3",
                "rope_theta": 500_000.0,
                "factor": 16.0,
                "low_freq_factor": 1.0,
                "high_freq_factor": 4.0,
                "original_max_position_embeddings": 8192,
            },
            "bos_token_id": vocabulary.id_of(shape.bos),
            "eos_token_id": vocabulary.id_of(shape.eos),
            "pad_token_id": vocabulary.id_of(shape.pad),
            "dtype": "float16",
        },
        vision_config={
            "hidden_size": 64,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "intermediate_size": 256,
            "vision_output_dim": 128,
            "projector_input_dim": 128,
            "projector_output_dim": 128,
            "image_size": 56,
            "patch_size": 14,
            "norm_eps": 1e-5,
            "pixel_shuffle_ratio": 0.5,
            "rope_parameters": {"rope_type": "default", "rope_theta": 10_000.0},
        },
        boi_token_index=vocabulary.id_of("<|image_start|>"),
        eoi_token_index=vocabulary.id_of("<|image_end|>"),
        image_token_index=vocabulary.id_of("<|patch|>"),
        dtype="float16",
    )


def draw(config: Any, draw: Draw, habits: Habits) -> Weights:
    """By the names of the published checkpoint."""
    text = config.text_config
    width, head, hidden = text.hidden_size, text.head_dim, text.intermediate_size
    heads, kv_heads = text.num_attention_heads, text.num_key_value_heads
    embedding, output = draw.ends(text.vocab_size, width, habits)
    weights: Weights = {f"{_TEXT}model.embed_tokens.weight": embedding}
    for layer in range(text.num_hidden_layers):
        at = f"{_TEXT}model.layers.{layer}"
        mlp = f"{at}.feed_forward"
        weights |= {
            f"{at}.input_layernorm.weight": draw.norm(width),
            f"{at}.self_attn.q_proj.weight": draw.matrix(heads * head, width),
            f"{at}.self_attn.k_proj.weight": draw.matrix(kv_heads * head, width),
            f"{at}.self_attn.v_proj.weight": draw.matrix(kv_heads * head, width),
            f"{at}.self_attn.o_proj.weight": draw.matrix(width, heads * head),
            f"{at}.post_attention_layernorm.weight": draw.norm(width),
            f"{mlp}.router.weight": draw.sharp(EXPERTS, width),
            f"{mlp}.experts.gate_up_proj": draw.matrix(EXPERTS, width, 2 * hidden, inputs=width),
            f"{mlp}.experts.down_proj": draw.matrix(EXPERTS, hidden, width, inputs=hidden),
            f"{mlp}.shared_expert.gate_proj.weight": draw.matrix(hidden, width),
            f"{mlp}.shared_expert.up_proj.weight": draw.matrix(hidden, width),
            f"{mlp}.shared_expert.down_proj.weight": draw.matrix(width, hidden),
        }
    weights |= {f"{_TEXT}model.norm.weight": draw.norm(width), f"{_TEXT}lm_head.weight": output}
    return weights | _draw_vision(config, draw)


def _draw_vision(config: Any, draw: Draw) -> Weights:
    vision = config.vision_config
    width, hidden = vision.hidden_size, vision.intermediate_size
    patches = (vision.image_size // vision.patch_size) ** 2
    weights: Weights = {
        "vision_model.class_embedding": draw.vector(width, spread=0.5),
        "vision_model.positional_embedding_vlm": draw.matrix(patches + 1, width, inputs=1),
        "vision_model.patch_embedding.linear.weight": draw.matrix(
            width, vision.num_channels * vision.patch_size**2, spread=1.0
        ),
        "multi_modal_projector.linear_1.weight": draw.matrix(
            config.text_config.hidden_size, vision.vision_output_dim, spread=3.0
        ),
        "vision_model.vision_adapter.mlp.fc1.weight": draw.matrix(
            vision.projector_input_dim, hidden, spread=1.5
        ),
        "vision_model.vision_adapter.mlp.fc2.weight": draw.matrix(
            vision.projector_output_dim, vision.projector_output_dim, spread=1.5
        ),
    }
    for norm in ("layernorm_pre", "layernorm_post"):
        weights |= _layer_norm(draw, f"vision_model.{norm}", width)
    for layer in range(vision.num_hidden_layers):
        at = f"vision_model.model.layers.{layer}"
        weights |= _layer_norm(draw, f"{at}.input_layernorm", width)
        weights |= _layer_norm(draw, f"{at}.post_attention_layernorm", width)
        for part in ("q_proj", "k_proj", "v_proj", "o_proj"):
            weights[f"{at}.self_attn.{part}.weight"] = draw.matrix(width, width, spread=1.0)
            weights[f"{at}.self_attn.{part}.bias"] = draw.vector(width)
        weights |= {
            f"{at}.mlp.fc1.weight": draw.matrix(hidden, width),
            f"{at}.mlp.fc1.bias": draw.vector(hidden),
            f"{at}.mlp.fc2.weight": draw.matrix(width, hidden),
            f"{at}.mlp.fc2.bias": draw.vector(width),
        }
    return weights


def _layer_norm(draw: Draw, at: str, width: int) -> Weights:
    return {f"{at}.weight": draw.norm(width), f"{at}.bias": draw.vector(width)}


def write_keys(writer: GGUFWriter, config: Any) -> None:
    """What the loader of `llama4` asks for."""
    writer.add_feed_forward_length(config.intermediate_size_mlp)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_key_length(config.head_dim)
    writer.add_value_length(config.head_dim)
    writer.add_rope_dimension_count(config.head_dim)
    writer.add_expert_count(EXPERTS)
    writer.add_expert_used_count(config.num_experts_per_tok)
    writer.add_expert_feed_forward_length(config.intermediate_size)
    writer.add_interleave_moe_layer_step(config.interleave_moe_layer_step)


def convert(config: Any, weights: Weights) -> Iterator[Tensor]:
    """To llama.cpp's layout."""
    moved: Weights = {}
    for full_name, data in weights.items():
        if not full_name.startswith(_TEXT):
            continue
        name = full_name.removeprefix(_TEXT)
        if name.endswith("experts.gate_up_proj"):
            at = name.removesuffix("gate_up_proj")
            gate, up = np.split(data.swapaxes(1, 2), 2, axis=1)
            moved |= {f"{at}gate_proj.weight": gate, f"{at}up_proj.weight": up}
        elif name.endswith("experts.down_proj"):
            moved[f"{name}.weight"] = data.swapaxes(1, 2)
        else:
            moved[name] = data
    yield from renamed(Names("llama4", config.num_hidden_layers), moved)
    yield Tensor("rope_freqs.weight", rope_factors(config.rope_parameters, config.head_dim))


def write_vision(path: Path, config: Any, weights: Weights) -> None:
    """The vision tower and the projector."""
    vision = config.vision_config
    writer = GGUFWriter(path, "clip")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_clip_has_vision_encoder(value=True)
    writer.add_clip_projector_type(gguf.VisionProjectorType.LLAMA4)
    writer.add_vision_projection_dim(config.text_config.hidden_size)
    writer.add_vision_image_size(vision.image_size)
    writer.add_vision_patch_size(vision.patch_size)
    writer.add_vision_embedding_length(vision.hidden_size)
    writer.add_vision_feed_forward_length(vision.intermediate_size)
    writer.add_vision_block_count(vision.num_hidden_layers)
    writer.add_vision_head_count(vision.num_attention_heads)
    writer.add_vision_attention_layernorm_eps(vision.norm_eps)
    writer.add_vision_image_mean(_MEAN)
    writer.add_vision_image_std(_STD)
    writer.add_vision_projector_scale_factor(int(1 / vision.pixel_shuffle_ratio))
    writer.add_vision_use_gelu(value=True)
    arch = gguf.MODEL_ARCH.MMPROJ
    names = gguf.get_tensor_name_map(arch, vision.num_hidden_layers)
    for name, data in weights.items():
        if name.startswith(_TEXT):
            continue
        new = _PROJECTOR.get(name) or names.get_name(name, try_suffixes=(".weight", ".bias"))
        if new is None:
            raise KeyError(name)
        if new == "v.position_embd":
            new = "v.position_embd.weight"
        kept = data.astype(np.float32) if data.ndim == 1 or "position" in name else data
        writer.add_tensor(new.replace("attn_post_norm", "ln2"), np.ascontiguousarray(kept))
    finish(writer)


LLAMA_4 = Architecture("llama4", configure, draw, write_keys, convert, write_vision)
