"""Adapters for tests: PEFT folders of random numbers, and models into which the same numbers are merged."""

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from gguf.quants import dequantize
from numpy.typing import NDArray

Floats = NDArray[np.float32]
TINY_ID = "weft/tiny-chat"
TINY_GGUF = Path(__file__).parents[1] / "src" / "weft" / "demo" / "tiny-chat.gguf"
TINY_HEADS, TINY_KV_HEADS = 4, 2
RANK, ALPHA = 4, 8
ATTENTION = {"self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k"}
TINY_MODULES = {
    **ATTENTION,
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
"""Modules of the tiny model's layers, and what GGUF calls them."""
_TINY_SIZES = {"attn_q": (256, 256), "attn_k": (256, 128), "attn_v": (256, 128)} | {
    "attn_output": (256, 256),
    "ffn_gate": (256, 704),
    "ffn_up": (256, 704),
    "ffn_down": (704, 256),
}
"""Inputs and outputs."""


def tiny_numbers(
    seed: int = 1, *, size: float = 0.4, modules: Mapping[str, str] = TINY_MODULES, rank: int = RANK
) -> dict[str, tuple[Floats, Floats]]:
    """A and B for modules of the tiny model, by their paths; large enough to change every answer."""
    random = np.random.default_rng(seed)
    numbers: dict[str, tuple[Floats, Floats]] = {}
    for layer in range(4):
        for module, tensor in modules.items():
            inputs, outputs = _TINY_SIZES[tensor]
            a = random.normal(0, size / np.sqrt(rank), (rank, inputs))
            b = random.normal(0, size / np.sqrt(inputs), (outputs, rank))
            numbers[f"model.layers.{layer}.{module}"] = (
                a.astype(np.float32),
                b.astype(np.float32),
            )
    return numbers


def write_peft(
    folder: Path,
    numbers: Mapping[str, tuple[Floats, Floats]] | None = None,
    *,
    base: str = TINY_ID,
    dtype: type = np.float32,
    **config: Any,
) -> Path:
    """A folder as PEFT's `save_pretrained` writes it."""
    numbers = tiny_numbers() if numbers is None else numbers
    folder.mkdir(parents=True, exist_ok=True)
    tensors: dict[str, NDArray[Any]] = {}
    for path, (a, b) in numbers.items():
        tensors[f"base_model.model.{path}.lora_A.weight"] = a.astype(dtype)
        tensors[f"base_model.model.{path}.lora_B.weight"] = b.astype(dtype)
    write_safetensors(folder / "adapter_model.safetensors", tensors)
    rank = max((a.shape[0] for a, _ in numbers.values()), default=RANK)
    whole = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": base,
        "r": rank,
        "lora_alpha": ALPHA,
        "bias": "none",
        "target_modules": sorted({path.rpartition(".")[2] for path in numbers}),
        "use_rslora": False,
        "use_dora": False,
        "modules_to_save": None,
        **config,
    }
    (folder / "adapter_config.json").write_text(json.dumps(whole))
    return folder


def write_safetensors(path: Path, tensors: Mapping[str, NDArray[Any]]) -> None:
    """Tensors as the safetensors package writes them."""
    names = {"float32": "F32", "float16": "F16", "int8": "I8"}
    head: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    at = 0
    for name, tensor in tensors.items():
        size = tensor.nbytes
        head[name] = {
            "dtype": names[str(tensor.dtype)],
            "shape": tensor.shape,
            "data_offsets": [at, at + size],
        }
        at += size
    told = json.dumps(head).encode()
    data = b"".join(tensor.tobytes() for tensor in tensors.values())
    path.write_bytes(struct.pack("<Q", len(told)) + told + data)


def write_full_precision(
    path: Path, numbers: Mapping[str, tuple[Floats, Floats]] | None = None, *, scale: float = 0.0
) -> Path:
    """The tiny model in 32 bits; with `scale` x B x A of `numbers` added, as PEFT's `merge_and_unload` does it."""
    reader = gguf.GGUFReader(TINY_GGUF)
    writer = gguf.GGUFWriter(path, "llama")
    for field in reader.fields.values():
        if field.name.startswith("GGUF.") or field.name == "general.architecture":
            continue
        kind, *inner = field.types
        value = field.contents()
        writer.add_key_value(field.name, value, kind, inner[-1] if inner else None)
    deltas = {
        f"blk.{module.split('.')[2]}.{TINY_MODULES[module.split('.', 3)[3]]}.weight": scale
        * (b @ a)
        for module, (a, b) in (numbers or {}).items()
    }
    for tensor in reader.tensors:
        weight = np.array(dequantize(tensor.data, tensor.tensor_type), dtype=np.float32)
        if (delta := deltas.get(tensor.name)) is not None:
            weight += in_gguf_order(tensor.name, delta)
        writer.add_tensor(tensor.name, weight)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def in_gguf_order(name: str, weight: Floats) -> Floats:
    """Rows as llama.cpp's own conversion orders them for the architecture `llama`."""
    heads = {"attn_q": TINY_HEADS, "attn_k": TINY_KV_HEADS}.get(name.split(".")[2])
    if heads is None:
        return weight
    rows, columns = weight.shape
    return (
        weight.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)
    )
