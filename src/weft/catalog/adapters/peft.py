"""Reads an adapter in PEFT's format: `adapter_config.json`, `adapter_model.safetensors`, and `metadata.json` if there.

Owns what such an adapter may look like, and says what is wrong in words. Reads the heads of files only. The fields are
those of PEFT's LoraConfig (its documentation, read 2026-11): those that change what the numbers mean and that not every
engine can follow are refused by name, because an adapter that is applied wrongly answers nonsense without a word.
`metadata.json` is the artifact's metadata; `wandb.base_model` in it wins over the config's `base_model_name_or_path`.
"""

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from weft.catalog.adapters.safetensors import BadSafetensors, StoredTensor, read_head
from weft.catalog.adapters.types import AdapterUnusable, LoraModule, Peft, Unusable

CONFIG = "adapter_config.json"
WEIGHTS = "adapter_model.safetensors"
METADATA = "metadata.json"
BASE_MODEL = "wandb.base_model"
MAX_JSON_BYTES = 1024 * 1024
MAX_MODULES = 50_000
_TENSOR = re.compile(r"base_model\.model\.(.+)\.lora_([AB])\.weight")
_MOVED_BASES = ("pissa", "olora", "corda", "loftq")
"""Ways to start a training that change the base too: the adapter alone does not fit the base that everybody has."""

T = TypeVar("T")


class PeftConfig(msgspec.Struct):
    """The part of `adapter_config.json` that changes what the numbers mean."""

    peft_type: str = ""
    base_model_name_or_path: str | None = None
    r: int = 8
    lora_alpha: float = 8
    bias: str = "none"
    use_rslora: bool = False
    use_dora: bool = False
    fan_in_fan_out: bool = False
    lora_bias: bool = False
    init_lora_weights: bool | str = True
    modules_to_save: list[str] | None = None
    trainable_token_indices: Any = None
    target_parameters: list[str] | None = None
    layer_replication: Any = None
    alpha_pattern: dict[str, float] | None = None


def read_peft(folder: Path, named: str) -> Peft:
    """What the adapter in `folder` is; `named` is what people know it by.

    Raises:
        AdapterUnusable: it is broken, or needs what cannot be done; the message names the file.
    """
    try:
        raw = _read(folder / CONFIG)
        metadata = folder / METADATA
        told = _read(metadata) if metadata.exists() else b"{}"
        weights = folder / WEIGHTS
        tensors = read_head(weights)
        size_bytes = weights.stat().st_size
    except FileNotFoundError as error:
        missing = Path(str(error.filename)).name
        raise _bad(named, f"has no {missing}") from error
    except OSError as error:
        raise _bad(named, f"cannot be read: {error.strerror}") from error
    except BadSafetensors as error:
        raise _bad(named, f"{WEIGHTS} {error}") from error
    config = _decode(named, CONFIG, raw, PeftConfig)
    metadata_table = _decode(named, METADATA, told, dict[str, Any])
    _check_settings(config, named)
    modules = _modules(tensors, named)
    base = metadata_table.get(BASE_MODEL) or config.base_model_name_or_path
    if not isinstance(base, str) or not base:
        raise _bad(named, f"does not say its base model: `base_model_name_or_path` in {CONFIG}")
    ranks = {module.rank for module in modules}
    alpha = config.lora_alpha
    if config.use_rslora:
        if len(ranks) > 1:
            raise _cannot(named, "use_rslora with modules of several ranks")
        alpha *= math.sqrt(max(ranks))
    return Peft(base, max(ranks), alpha, modules, size_bytes)


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_JSON_BYTES + 1)


def _decode(named: str, name: str, raw: bytes, kind: type[T]) -> T:
    if len(raw) > MAX_JSON_BYTES:
        raise _bad(named, f"{name} is over {MAX_JSON_BYTES} bytes")
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _bad(named, f"{name} is not as PEFT writes it: {error}") from error


def _check_settings(config: PeftConfig, named: str) -> None:
    if config.peft_type != "LORA":
        raise _cannot(named, f"peft_type {config.peft_type[:40] or 'that is missing'}")
    start = config.init_lora_weights
    if isinstance(start, str) and start.lower().startswith(_MOVED_BASES):
        raise _cannot(named, f"init_lora_weights {start[:40]}")
    if config.bias != "none":
        raise _cannot(named, f"bias {config.bias[:40]}")
    wanted = {
        "use_dora": config.use_dora,
        "fan_in_fan_out": config.fan_in_fan_out,
        "lora_bias": config.lora_bias,
        "modules_to_save": config.modules_to_save,
        "trainable_token_indices": config.trainable_token_indices,
        "target_parameters": config.target_parameters,
        "layer_replication": config.layer_replication,
        "alpha_pattern": config.alpha_pattern,
    }
    for name, value in wanted.items():
        if value:
            raise _cannot(named, name)
    if not (math.isfinite(config.lora_alpha) and config.lora_alpha > 0):
        raise _bad(named, f"lora_alpha in {CONFIG} is not above zero")


def _modules(tensors: Mapping[str, StoredTensor], named: str) -> tuple[LoraModule, ...]:
    """Every layer that is added to, from its two tensors."""
    halves: dict[str, dict[str, StoredTensor]] = {}
    for name, tensor in tensors.items():
        found = _TENSOR.fullmatch(name)
        if found is None:
            raise _cannot(named, f"the tensor {name[:200]}")
        halves.setdefault(found[1], {})[found[2]] = tensor
    if not halves:
        raise _bad(named, f"{WEIGHTS} has no tensors")
    if len(halves) > MAX_MODULES:
        raise _bad(named, f"{WEIGHTS} has over {MAX_MODULES} modules")
    return tuple(_module(path, halves[path], named) for path in sorted(halves))


def _module(path: str, halves: Mapping[str, StoredTensor], named: str) -> LoraModule:
    a, b = halves.get("A"), halves.get("B")
    if a is None or b is None:
        raise _bad(named, f"{WEIGHTS} has only one half of {path[:200]}")
    if len(a.shape) != 2 or len(b.shape) != 2 or a.shape[0] != b.shape[1]:
        raise _bad(named, f"{WEIGHTS} has halves of {path[:200]} that do not fit each other")
    return LoraModule(
        path,
        rank=a.shape[0],
        inputs=a.shape[1],
        outputs=b.shape[0],
        dtypes=(a.dtype, b.dtype),
    )


def _bad(named: str, what: str) -> AdapterUnusable:
    return AdapterUnusable(
        f"The adapter {named} {what}",
        reason=Unusable.BAD_FILE,
        remedy="save the adapter again with PEFT's `save_pretrained`, and copy the whole folder",
    )


def _cannot(named: str, what: str) -> AdapterUnusable:
    return AdapterUnusable(
        f"The adapter {named} has {what}, which cannot be served",
        reason=Unusable.UNSUPPORTED_SETTING,
        remedy="train a plain LoRA of the attention and feed-forward layers, or merge the adapter"
        " into a model of its own",
    )
