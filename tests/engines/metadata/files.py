"""Model files for tests: a GGUF written by llama.cpp's own library, and a folder in Hugging Face's form."""

import json
from pathlib import Path
from typing import Any

import gguf
import numpy as np

QWEN3_TEMPLATE = """\
{%- if tools %}{{- '# Tools' }}{%- endif %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}
{%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\\n\\n</think>\\n\\n' }}{%- endif %}
{%- endif %}"""


def write_gguf(path: Path, arch: str = "llama", template: str = "", **more: Any) -> Path:
    """A GGUF with one tensor of 64 x 32 numbers and a header as converters write it."""
    writer = gguf.GGUFWriter(path, arch)
    writer.add_name(more.get("name", "Tiny"))
    writer.add_license("apache-2.0")
    if more.get("context", True):
        writer.add_context_length(4096)
    writer.add_embedding_length(64)
    writer.add_block_count(2)
    writer.add_head_count(4)
    writer.add_head_count_kv([2, 1])
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    if template:
        writer.add_chat_template(template)
    writer.add_tensor("token_embd.weight", np.zeros((32, 64), dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def write_folder(folder: Path, **config: Any) -> Path:
    """A folder with a configuration, a template and 2,048 numbers of safetensors."""
    folder.mkdir(parents=True, exist_ok=True)
    plain = {
        "architectures": ["Qwen3ForCausalLM"],
        "max_position_embeddings": 40_960,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "hidden_size": 64,
        "torch_dtype": "bfloat16",
    }
    (folder / "config.json").write_text(json.dumps({**plain, **config}))
    (folder / "tokenizer_config.json").write_text(json.dumps({"chat_template": QWEN3_TEMPLATE}))
    tensor = {"dtype": "BF16", "shape": [32, 64], "data_offsets": [0, 4096]}
    header = json.dumps({"__metadata__": {"format": "pt"}, "w": tensor}).encode()
    (folder / "model.safetensors").write_bytes(
        len(header).to_bytes(8, "little") + header + bytes(4096)
    )
    return folder
