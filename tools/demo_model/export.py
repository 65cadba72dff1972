"""Writes the files that ship: `python -m tools.demo_model.export --run DIR --to DIR`.

Weights go out as float16 safetensors (the layout of published Llama checkpoints) and as a Q8_0
GGUF. Two things differ in GGUF, both from the llama.cpp converter and the GGUF specification
(ggml-org/ggml, docs/gguf.md): the rows of q and k are reordered, because llama.cpp rotates
neighbouring pairs (2i, 2i + 1) where the safetensors layout rotates (i, i + half); and the
pre-tokenizer is named, `smollm` being the one that splits digits.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import gguf
import numpy as np
import torch
from gguf import GGUFWriter
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor

from . import tokenizer
from .model import Config
from .render import TEMPLATE_PATH

NAME = "Weft tiny-chat"
GGUF_FILE = "tiny-chat.gguf"
_BLOCK_NAMES = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}


def write_safetensors(weights: dict[str, Tensor], target: Path) -> None:
    """Float16 weights under their usual names."""
    named = {f"model.{name}": weight.half().contiguous() for name, weight in weights.items()}
    path = target / "model.safetensors"
    save_file(named, path, metadata={"format": "pt"})
    path.chmod(0o644)


def write_configs(config: Config, target: Path) -> None:
    """`config.json`, `generation_config.json` and `tokenizer_config.json`."""
    ids = {
        "bos_token_id": tokenizer.START_ID,
        "eos_token_id": tokenizer.END_ID,
        "pad_token_id": tokenizer.PAD_ID,
    }
    _write_json(target / "config.json", {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": config.width,
        "intermediate_size": config.hidden,
        "num_hidden_layers": config.layers,
        "num_attention_heads": config.heads,
        "num_key_value_heads": config.kv_heads,
        "head_dim": config.head_width,
        "vocab_size": config.vocabulary,
        "max_position_embeddings": config.context,
        "rope_theta": config.rope_theta,
        "rope_scaling": None,
        "rms_norm_eps": config.norm_eps,
        "hidden_act": "silu",
        "attention_bias": False,
        "mlp_bias": False,
        "tie_word_embeddings": True,
        "torch_dtype": "float16",
        **ids,
    })  # fmt: skip
    _write_json(target / "generation_config.json", {"do_sample": False, **ids})
    _write_json(target / "tokenizer_config.json", {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": config.context,
        "bos_token": None,
        "eos_token": "<|im_end|>",
        "pad_token": "<|endoftext|>",
        "clean_up_tokenization_spaces": False,
        "chat_template": TEMPLATE_PATH.read_text(encoding="utf-8"),
    })  # fmt: skip


def write_gguf(weights: dict[str, Tensor], config: Config, vocabulary: Path, target: Path) -> None:
    """The GGUF file: matrices in Q8_0, norms in float32."""
    writer = GGUFWriter(target / GGUF_FILE, "llama")
    writer.add_name(NAME)
    writer.add_license("apache-2.0")
    writer.add_context_length(config.context)
    writer.add_embedding_length(config.width)
    writer.add_block_count(config.layers)
    writer.add_feed_forward_length(config.hidden)
    writer.add_head_count(config.heads)
    writer.add_head_count_kv(config.kv_heads)
    writer.add_rope_dimension_count(config.head_width)
    writer.add_rope_freq_base(config.rope_theta)
    writer.add_layer_norm_rms_eps(config.norm_eps)
    writer.add_vocab_size(config.vocabulary)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    _add_tokenizer(writer, json.loads(vocabulary.read_text(encoding="utf-8")))
    for name, weight in weights.items():
        data = _gguf_layout(name, weight, config)
        if data.ndim == 1:
            writer.add_tensor(_gguf_name(name), data)
        else:
            kind = gguf.GGMLQuantizationType.Q8_0
            writer.add_tensor(_gguf_name(name), gguf.quantize(data, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add_tokenizer(writer: GGUFWriter, content: dict[str, dict[str, object]]) -> None:
    ids: dict[str, int] = dict(content["model"]["vocab"])  # type: ignore[call-overload]
    kinds = dict.fromkeys(ids.values(), gguf.TokenType.NORMAL)
    for added in content["added_tokens"]:
        ids[added["content"]] = added["id"]  # type: ignore[index]
        special = added["special"]  # type: ignore[index]
        kind = gguf.TokenType.CONTROL if special else gguf.TokenType.USER_DEFINED
        kinds[added["id"]] = kind  # type: ignore[index]
    tokens = sorted(ids, key=ids.__getitem__)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types([kinds[at] for at in range(len(tokens))])
    writer.add_token_merges([" ".join(pair) for pair in content["model"]["merges"]])  # type: ignore[attr-defined]
    writer.add_bos_token_id(tokenizer.START_ID)
    writer.add_eos_token_id(tokenizer.END_ID)
    writer.add_pad_token_id(tokenizer.PAD_ID)
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE_PATH.read_text(encoding="utf-8"))


def _gguf_name(name: str) -> str:
    plain = name.removesuffix(".weight")
    if plain == "embed_tokens":
        return "token_embd.weight"
    if plain == "norm":
        return "output_norm.weight"
    _, layer, part = plain.split(".", 2)
    return f"blk.{layer}.{_BLOCK_NAMES[part]}.weight"


def _gguf_layout(name: str, weight: Tensor, config: Config) -> NDArray[np.float32]:
    """Float32 numbers in GGUF order: rows of q and k from (half, half) to neighbouring pairs."""
    if "q_proj" in name or "k_proj" in name:
        heads = config.heads if "q_proj" in name else config.kv_heads
        rows, columns = weight.shape
        split = weight.view(heads, 2, rows // heads // 2, columns)
        weight = split.transpose(1, 2).reshape(rows, columns)
    return weight.float().contiguous().numpy()


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> None:
    """Read the command line and export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, required=True, help="the folder that train.py wrote")
    parser.add_argument("--to", type=Path, default=Path("src/weft/demo"))
    options = parser.parse_args()
    saved = torch.load(options.run / "checkpoint.pt", weights_only=True)
    config = Config(**saved["config"])
    options.to.mkdir(parents=True, exist_ok=True)
    vocabulary = options.to / "tokenizer.json"
    vocabulary.write_bytes((options.run / "tokenizer.json").read_bytes())
    write_safetensors(saved["model"], options.to)
    write_configs(config, options.to)
    write_gguf(saved["model"], config, vocabulary, options.to)
    for path in sorted(options.to.iterdir()):
        if path.is_file():
            print(f"{path.stat().st_size:>9}  {path.name}")


if __name__ == "__main__":
    main()
