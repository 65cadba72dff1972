"""Which tensor of a GGUF file a layer of an adapter adds to, for each architecture that is known.

Owns the names on both sides: those of transformers' modules, and those of llama.cpp's tensors (its gguf-py/gguf/
constants.py, read 2026-11). What stands here was tried on llama.cpp b11549: the adapter's answers are those of merged
weights (tests/architectures/test_adapters.py; `qwen2` and `qwen3` by their likeness to `qwen3moe` alone). Whatever does
not stand here is refused by name: llama.cpp leaves some products alone, those of DeepSeek's compressed queries and
keys, and takes an adapter for them without a word.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from weft.catalog.adapters.types import AdapterUnusable, LoraModule, Peft, Unusable
from weft.engines.adapters.gguf import GgufHead

_PATH = re.compile(
    r"(?:model\.|language_model\.)*layers\.(\d+)\.(?:(.+)\.experts\.(\d+)\.(\w+)|(.+))"
)
_ATTENTION = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
}
_DENSE = {
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
_EXPERTS = {
    "gate_proj": "ffn_gate_exps",
    "up_proj": "ffn_up_exps",
    "down_proj": "ffn_down_exps",
}
_SHARED = {
    "gate_proj": "ffn_gate_shexp",
    "up_proj": "ffn_up_shexp",
    "down_proj": "ffn_down_shexp",
}
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class _Architecture:
    layers: Mapping[str, str]
    """From a module within a layer to a tensor within a block."""
    experts: Mapping[str, str] = field(default_factory=dict[str, str])
    """The same, of one expert."""
    paired: bool = False
    """Rows of queries and keys lie in another order than transformers': see `convert.py`."""


ARCHITECTURES: Mapping[str, _Architecture] = MappingProxyType(
    {
        "llama": _Architecture({**_ATTENTION, **_DENSE}, paired=True),
        "qwen2": _Architecture({**_ATTENTION, **_DENSE}),
        "qwen3": _Architecture({**_ATTENTION, **_DENSE}),
        "qwen3moe": _Architecture(_ATTENTION, _EXPERTS),
        "phi3": _Architecture(
            {
                "self_attn.qkv_proj": "attn_qkv",
                "self_attn.o_proj": "attn_output",
                "mlp.gate_up_proj": "ffn_up",
                "mlp.down_proj": "ffn_down",
            }
        ),
        "gpt-oss": _Architecture(_ATTENTION),
        "deepseek2": _Architecture(
            {
                "self_attn.o_proj": "attn_output",
                **_DENSE,
                **{f"mlp.shared_experts.{part}": name for part, name in _SHARED.items()},
            },
            _EXPERTS,
        ),
        "llama4": _Architecture(
            {
                **_ATTENTION,
                **{f"feed_forward.shared_expert.{part}": name for part, name in _SHARED.items()},
            }
        ),
    }
)
"""By the name that GGUF has for them."""


@dataclass(frozen=True, slots=True)
class Target:
    """One tensor of the model that is added to."""

    tensor: str
    """Without `.weight`: `blk.0.attn_q`."""
    modules: tuple[tuple[int, LoraModule], ...]
    """The layers of the adapter that belong to it, with the number of the expert; one with 0 where it has none."""
    experts: int = 0
    """How many the model has; 0: the tensor is no stack of experts."""
    heads: int = 0
    """Of queries or keys whose rows must change places; 0: they stay."""


def find_targets(peft: Peft, head: GgufHead, named: str) -> tuple[Target, ...]:
    """What an adapter adds to in the model with this head; `named` is what people know it by.

    Raises:
        AdapterUnusable: some of it is not known for the architecture, or does not fit the model's sizes.
    """
    architecture = ARCHITECTURES.get(head.architecture)
    if architecture is None:
        raise _refusal(
            named, f"adapters for the architecture {head.architecture[:40]} are not known"
        )
    grouped: dict[str, dict[int, LoraModule]] = {}
    unknown: list[str] = []
    for module in peft.modules:
        found = _place(module.path, architecture)
        if found is None or f"{found[0]}.weight" not in head.tensors:
            unknown.append(module.path)
        else:
            grouped.setdefault(found[0], {})[found[1]] = module
    if unknown:
        names = ", ".join(path[:100] for path in unknown[:_SHOWN])
        more = f" and {len(unknown) - _SHOWN} more" if len(unknown) > _SHOWN else ""
        raise _refusal(named, f"it adds to {names}{more}, which llama.cpp cannot do for it")
    return tuple(
        _target(named, tensor, modules, head, paired=architecture.paired)
        for tensor, modules in grouped.items()
    )


def _place(path: str, architecture: _Architecture) -> tuple[str, int] | None:
    """The tensor that a module adds to, and the expert."""
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    layer, block, expert, part, plain = found.groups()
    if plain is not None:
        name = architecture.layers.get(plain)
        return (f"blk.{layer}.{name}", 0) if name else None
    name = architecture.experts.get(part) if block == "mlp" else None
    return (f"blk.{layer}.{name}", int(expert)) if name else None


def _target(
    named: str,
    tensor: str,
    modules: Mapping[int, LoraModule],
    head: GgufHead,
    *,
    paired: bool,
) -> Target:
    inputs, outputs, *stack = head.tensors[f"{tensor}.weight"]
    experts = stack[0] if stack else 0
    for expert, module in modules.items():
        if (module.inputs, module.outputs) != (inputs, outputs) or expert >= max(experts, 1):
            raise _refusal(
                named,
                f"its {module.path[:100]} takes {module.inputs} and gives {module.outputs} numbers where the"
                f" model's takes {inputs} and gives {outputs}",
            )
    if len({(module.rank, module.dtypes) for module in modules.values()}) > 1:
        raise _refusal(named, f"the experts of {tensor} have several ranks or types of numbers")
    heads = 0
    if paired and tensor.endswith((".attn_q", ".attn_k")):
        kind = "attention.head_count" + ("_kv" if tensor.endswith("_k") else "")
        heads = head.number(kind) or head.number("attention.head_count")
        if not heads or outputs % (2 * heads):
            raise _refusal(named, "the model's file does not say how many heads it has")
    return Target(tensor, tuple(sorted(modules.items())), experts, heads)


def _refusal(named: str, why: str) -> AdapterUnusable:
    return AdapterUnusable(
        f"The adapter {named} cannot be used here: {why}",
        reason=Unusable.UNSUPPORTED_MODULES,
        remedy="train it on the projections of attention and of the feed-forward layers of the very"
        f" model; for llama.cpp those are known of {_known()}",
    )


def _known() -> str:
    names: Sequence[str] = sorted(ARCHITECTURES)
    return ", ".join(names)
