"""What a repository in Hugging Face's form tells: `config.json`, the tokenizer's files, the safetensors' headers.

The keys are those of transformers' configuration classes; a model with a vision tower keeps its language part under
`text_config`. Files come from strangers, so each is read up to a bound.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

from weft.engines.metadata.facts import Facts
from weft.kit.errors import CannotStart, Json

MAX_FILE_BYTES = 16 << 20
_MAX_HEADER_BYTES = 100 << 20
"""The bound of the safetensors format itself."""
TEMPLATE_NAME = "chat_template.jinja"
DESCRIBING = ("config.json", "tokenizer_config.json", TEMPLATE_NAME, "chat_template.json")
"""The small files that are read."""
_CONTEXT_KEYS = ("max_position_embeddings", "n_positions", "seq_length", "model_max_length")
_QUANTIZATIONS = {"bfloat16": "BF16", "float16": "F16", "float32": "F32"}
_CACHE_BYTES = 2

Read = Callable[[str], bytes | None]
"""The bytes of a file by its name; None where there is none."""


def read_config(where: str, read: Read, *, size_bytes: int, parameters_total: int = 0) -> Facts:
    """The facts of the model whose files `read` yields.

    Raises:
        CannotStart: there is no `config.json`, or it cannot be read.
    """
    config = _table(where, "config.json", read("config.json"))
    if not config:
        raise CannotStart(f"{where} holds neither a GGUF nor a config.json: it is no model")
    inner = config.get("text_config")
    text = inner if isinstance(inner, dict) else config
    architectures = config.get("architectures")
    named = architectures[0] if isinstance(architectures, list) and architectures else ""
    architecture = named if isinstance(named, str) else ""
    return Facts(
        architecture=architecture or _text(config.get("model_type")),
        context_tokens=next((n for n in (_count(text.get(k)) for k in _CONTEXT_KEYS) if n), 0),
        parameters_total=parameters_total,
        quantization=_quantization(config, text),
        chat_template=_template(where, read),
        size_bytes=size_bytes,
        cache_bytes_per_token=_cache_bytes(text),
        vision="vision_config" in config,
        embedding=architecture.endswith("Model") and "ForCausalLM" not in architecture,
    )


def read_folder(folder: Path) -> Facts:
    """The facts of the model in a folder on this machine.

    Raises:
        CannotStart: it holds none.
    """
    weights = sorted(folder.glob("*.safetensors"))
    if not weights:
        raise CannotStart(f"{folder} holds no GGUF and no safetensors: it is no model")

    def read(name: str) -> bytes | None:
        path = folder / name
        return path.read_bytes()[:MAX_FILE_BYTES] if path.is_file() else None

    return read_config(
        str(folder),
        read,
        size_bytes=sum(path.stat().st_size for path in weights),
        parameters_total=count_parameters(weights),
    )


def count_parameters(paths: Sequence[Path]) -> int:
    """How many numbers the safetensors hold, by their headers. Packed ones (4 bits) are counted as they are stored."""
    total = 0
    for path in paths:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if not 0 < length <= _MAX_HEADER_BYTES:
                raise CannotStart(f"{path}: no safetensors: its header would have {length:,} bytes")
            header = _table(str(path.parent), path.name, file.read(length))
        for tensor in header.values():
            shape = tensor.get("shape") if isinstance(tensor, dict) else None
            if isinstance(shape, list):
                total += _product(shape)
    return total


def _product(shape: list[Json]) -> int:
    product = 1
    for size in shape:
        product *= size if isinstance(size, int) and size >= 0 else 0
    return product


def _template(where: str, read: Read) -> str:
    raw = read(TEMPLATE_NAME)
    if raw is not None:
        return raw.decode(errors="replace")
    for name in ("tokenizer_config.json", "chat_template.json"):
        template = _table(where, name, read(name)).get("chat_template")
        if isinstance(template, str):
            return template
        if isinstance(template, list):  # several, by name: [{"name": "tool_use", "template": ...}]
            texts = [one.get("template") for one in template if isinstance(one, dict)]
            return "\n".join(text for text in texts if isinstance(text, str))
    return ""


def _quantization(config: dict[str, Json], text: dict[str, Json]) -> str:
    quantized = config.get("quantization_config")
    if isinstance(quantized, dict):
        return _text(quantized.get("quant_method")).upper()
    dtype = config.get("dtype") or config.get("torch_dtype") or text.get("dtype")
    return _QUANTIZATIONS.get(_text(dtype), "")


def _cache_bytes(text: dict[str, Json]) -> int:
    layers = _count(text.get("num_hidden_layers"))
    heads = _count(text.get("num_attention_heads"))
    kv_heads = _count(text.get("num_key_value_heads")) or heads
    width = _count(text.get("head_dim")) or _count(text.get("hidden_size")) // max(1, heads)
    return layers * kv_heads * width * 2 * _CACHE_BYTES


def _table(where: str, name: str, raw: bytes | None) -> dict[str, Json]:
    if raw is None:
        return {}
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise CannotStart(f"{where}: {name} is no JSON") from error
    return cast("dict[str, Json]", value) if isinstance(value, dict) else {}


def _count(value: Json | None) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _text(value: Json | None) -> str:
    return value if isinstance(value, str) else ""
