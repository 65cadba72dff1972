"""A model card as TOML text, from what is known about the model. Pure; `catalog/load.py` reads what this writes."""

import json
import math
from dataclasses import dataclass
from datetime import date

from weft.catalog.types import ReasoningPolicy
from weft.engines.metadata.facts import Facts

WORK_MIB = 512
"""What llama.cpp takes besides weights and cache; the same as in the cards that ship."""
SLOT_TOKENS = 4096
"""A slot's context, where the model takes that much and more: the cache of four stays small beside the weights."""
PARALLEL = 4
_MIB = 1 << 20
_GIB = 1 << 30
_SPARE = 1.15
"""Of a GPU's memory beyond the weights, for the cache and the work space."""

Value = str | int | bool | date | list[str]


@dataclass(frozen=True, slots=True)
class NewCard:
    """What the file is to say beyond the facts."""

    id: str
    input_usd_per_mtok: str
    output_usd_per_mtok: str
    price_source: str
    read_on: date
    engine: str
    """`llama_cpp` or `vllm`."""
    weights: str = ""
    """A path; empty where `repository` says where they can be had."""
    repository: str = ""
    mmproj: str = ""
    read_from: str = ""
    """For the comment at the top."""


def render_card(card: NewCard, facts: Facts) -> str:
    """The file."""
    lines = [f"# Written by `weft models add` on {card.read_on} from {card.read_from}."]
    lines += _pairs(_top(card, facts))
    capabilities = _capabilities(facts)
    if capabilities:
        lines += ["", "[capabilities]", *_pairs(capabilities)]
    lines += ["", "[[prices]]", *_pairs(_price(card))]
    engine = _llama_cpp(card, facts) if card.engine == "llama_cpp" else _gpu_server(card, facts)
    lines += ["", f"[engines.{card.engine}]", *_pairs(engine)]
    return "\n".join(lines) + "\n"


def _top(card: NewCard, facts: Facts) -> dict[str, Value]:
    sees = ["text", "vision"] if facts.vision else []
    found: dict[str, Value] = {
        "id": card.id,
        "label": facts.name[:200],
        "license": facts.license[:200],
        "context_window_tokens": facts.context_tokens,
        "parameters_total": facts.parameters_total,
        "modalities_input": sees,
        "modalities_output": ["embedding"] if facts.embedding else [],
        "huggingface_id": card.repository,
        "huggingface_likes": facts.likes,
        "huggingface_downloads": facts.downloads,
        "quantization": facts.quantization,
    }
    return {key: value for key, value in found.items() if value}


def _capabilities(facts: Facts) -> dict[str, Value]:
    found: dict[str, Value] = {}
    if facts.tools:
        found["tools"] = True
    if facts.vision:
        found["vision"] = True
    if facts.reasoning is not ReasoningPolicy.NONE:
        found["reasoning"] = facts.reasoning.value
    return found


def _price(card: NewCard) -> dict[str, Value]:
    return {
        "effective_on": card.read_on,
        "input_usd_per_mtok": card.input_usd_per_mtok,
        "output_usd_per_mtok": card.output_usd_per_mtok,
        "source": card.price_source,
    }


def _llama_cpp(card: NewCard, facts: Facts) -> dict[str, Value]:
    slot_tokens = min(facts.context_tokens, SLOT_TOKENS)
    context_tokens = slot_tokens * PARALLEL
    weights_mib = math.ceil(facts.size_bytes / _MIB)
    cache_mib = math.ceil(context_tokens * facts.cache_bytes_per_token / _MIB)
    found: dict[str, Value] = {
        "weights": card.weights,
        "repository": card.repository,
        "quantization": facts.quantization,
        "mmproj": card.mmproj,
        "weights_mib": weights_mib,
        "memory_mib": weights_mib + cache_mib + WORK_MIB if weights_mib else 0,
        "context_tokens": context_tokens,
        "parallel": PARALLEL,
    }
    return {key: value for key, value in found.items() if value}


def _gpu_server(card: NewCard, facts: Facts) -> dict[str, Value]:
    found: dict[str, Value] = {
        "weights": card.weights,
        "repository": card.repository,
        "quantization": facts.quantization,
        "gpus": 1,
        "gpu_memory_gib": max(1, math.ceil(facts.size_bytes * _SPARE / _GIB) + 1),
    }
    return {key: value for key, value in found.items() if value}


def _pairs(table: dict[str, Value]) -> list[str]:
    return [f"{key} = {_value(value)}" for key, value in table.items()]


def _value(value: Value) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return f"{value:_}"
        case date():
            return value.isoformat()
        case list():
            return f"[{', '.join(map(_text, value))}]"
        case str():
            return _text(value)


def _text(text: str) -> str:
    """A basic string of TOML 1.0: JSON's escapes are among its own, but for the character DEL."""
    whole = text.encode(
        "utf-8", "replace"
    ).decode()  # JSON can hold halves of characters, and TOML cannot
    return json.dumps(whole, ensure_ascii=False).replace("\x7f", "\\u007f")
