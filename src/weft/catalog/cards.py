"""From a card's TOML tables to a `ModelCard`: defaults, exact prices, and the rules that hold between keys.

A card is made of one file, or of a shipped file and the overlay on it. The tables are merged first and judged as a
whole; each error still points at the file and line that set the offending value. Knows nothing of other cards.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import TypeVar

import msgspec
from msgspec import UNSET

from weft.catalog.lines import KeyPath
from weft.catalog.prices import read_prices
from weft.catalog.shape import CardTable, ServingTable
from weft.catalog.source import MERGED_TABLES, CardSources, Source, TomlTable
from weft.catalog.specs import engine_specs
from weft.catalog.types import Capabilities, Lifecycle, Modality, ModelCard, Serving

T = TypeVar("T")
D = TypeVar("D")

_PLACE = re.compile(r" - at `\$\.?(.*)`$")
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_MISSING = re.compile(r"Object missing required field `(\w+)`")


def build_card(sources: CardSources) -> ModelCard:
    """Merge the tables and make the card.

    Raises:
        CannotStart: naming the file, the line and the mistake.
    """
    merged = _merge(sources.files)
    table = _convert(merged, sources)
    if table.context_window_tokens is UNSET:
        raise sources.error((), f"`{table.id}` needs `context_window_tokens`")
    _check_parameters(table, sources)
    _check_lifecycle(table, sources)
    _check_modalities(table, sources)
    _check_serving(table, sources)
    return ModelCard(
        id=table.id,
        label=_given(table.label, table.id.rpartition("/")[2]),
        provider=_given(table.provider, table.id.partition("/")[0] if "/" in table.id else "local"),
        description_short=table.description_short,
        description_medium=table.description_medium or table.description_short,
        launched_on=_given(table.launched_on, None),
        license=table.license,
        context_window_tokens=table.context_window_tokens,
        parameters_total=_given(table.parameters_total, 0),
        parameters_active=_given(table.parameters_active, _given(table.parameters_total, 0)),
        lifecycle=table.lifecycle,
        modalities_input=table.modalities_input,
        modalities_output=table.modalities_output,
        capabilities=Capabilities(**msgspec.structs.asdict(table.capabilities)),
        prices=read_prices(
            table.id,
            table.prices,
            sources,
            input_only=table.modalities_output == (Modality.EMBEDDING,),
        ),
        engines=engine_specs(table.engines, _engine_order(merged), sources),
        serving=_serving(table.serving),
        path=sources.files[-1].path,
        aliases=table.aliases,
        description_long=table.description_long,
        huggingface_id=table.huggingface_id,
        huggingface_likes=_given(table.huggingface_likes, None),
        huggingface_downloads=_given(table.huggingface_downloads, None),
        quantization=table.quantization,
        tags=table.tags,
        deprecated_on=_given(table.deprecated_on, None),
        retired_on=_given(table.retired_on, None),
        replacement=table.replacement,
    )


def _merge(files: Sequence[Source]) -> TomlTable:
    """Later files replace top-level keys; `[capabilities]` and each `[engines.*]` are merged key by key.

    A later file's engines come first: whoever binds a model to a server wants that server.
    """
    merged: TomlTable = {}
    for source in files:
        for key, value in source.table.items():
            held = merged.get(key)
            if key in MERGED_TABLES and isinstance(value, dict) and isinstance(held, dict):
                merged[key] = _merge_table(held, value)
            else:
                merged[key] = value
    return merged


def _merge_table(held: TomlTable, over: TomlTable) -> TomlTable:
    result: TomlTable = {}
    for key, value in over.items():
        below = held.get(key)
        if isinstance(value, dict) and isinstance(below, dict):
            result[key] = {**below, **value}
        else:
            result[key] = value
    return {**result, **{key: value for key, value in held.items() if key not in over}}


def _convert(merged: TomlTable, sources: CardSources) -> CardTable:
    try:
        return msgspec.convert(merged, CardTable, builtin_types=(date, datetime, time))
    except msgspec.ValidationError as error:
        message = str(error)
        place = _PLACE.search(message)
        path = _key_path(place.group(1)) if place is not None else ()
        what = _PLACE.sub("", message)
        missing = _MISSING.match(what)
        if missing is not None:
            where = f"[{_dotted(path)}]" if path else "the file"
            raise sources.error(path, f"{where} needs `{missing.group(1)}`") from error
        problem = (
            "not of the right form" if "matching regex" in what else what[:1].lower() + what[1:]
        )
        text = f"`{_dotted(path)}`: {problem}{_type_hint(path, what)}"
        raise sources.error(path, text) from error


def _key_path(place: str) -> KeyPath:
    steps: list[str | int] = []
    for name, position in _STEP.findall(place):
        if name == "...":
            break
        steps.append(int(position) if position else name)
    return tuple(steps)


def _dotted(path: KeyPath) -> str:
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def _type_hint(path: KeyPath, what: str) -> str:
    """What to write instead, for the mistakes that people make."""
    key = next((step for step in reversed(path) if isinstance(step, str)), "")
    if key.endswith("_usd_per_mtok"):
        return '; write dollars per million tokens in quotes, such as "0.55"'
    if key.endswith("_on"):
        return "; write a date without quotes, such as 2026-01-31"
    if what.startswith("Invalid enum value"):
        if key == "lifecycle":
            return f"; one of {', '.join(Lifecycle)}"
        if key == "reasoning":
            return f"; one of {', '.join(type(Capabilities().reasoning))}"
        return f"; one of {', '.join(Modality)}"
    if key == "url":
        return '; such as "http://gpu1:8000/v1"'
    if key in {"id", "aliases"}:
        return "; letters, digits, `.`, `_` and `-`, in parts divided by `/`"
    return ""


def _check_parameters(table: CardTable, sources: CardSources) -> None:
    total = _given(table.parameters_total, 0)
    if table.parameters_active is not UNSET and table.parameters_active > total:
        what = (
            f"`parameters_active` {table.parameters_active} is more than `parameters_total` {total}"
        )
        raise sources.error_among([("parameters_active",), ("parameters_total",)], what)


def _check_lifecycle(table: CardTable, sources: CardSources) -> None:
    if table.lifecycle is Lifecycle.RETIRED and table.retired_on is UNSET:
        raise sources.error(("lifecycle",), "a retired model needs `retired_on`")
    if table.lifecycle is Lifecycle.DEPRECATED and table.deprecated_on is UNSET:
        raise sources.error(("lifecycle",), "a deprecated model needs `deprecated_on`")
    if table.deprecated_on is UNSET or table.retired_on is UNSET:
        return
    if table.retired_on < table.deprecated_on:
        what = f"retired on {table.retired_on}, before it is deprecated on {table.deprecated_on}"
        raise sources.error_among([("retired_on",), ("deprecated_on",)], what)


def _check_modalities(table: CardTable, sources: CardSources) -> None:
    if not table.modalities_input or not table.modalities_output:
        key = "modalities_input" if not table.modalities_input else "modalities_output"
        raise sources.error((key,), f"`{key}` is empty; leave it out for text")
    sees = Modality.VISION in table.modalities_input
    if sees and not table.capabilities.vision:
        raise sources.error(
            ("modalities_input",), "takes vision, and [capabilities] has no `vision = true`"
        )
    if table.capabilities.vision and not sees:
        raise sources.error(
            ("capabilities", "vision"), '`modalities_input` has no "vision"; add it'
        )


def _check_serving(table: CardTable, sources: CardSources) -> None:
    fewest, most = table.serving.min_replicas, table.serving.max_replicas
    if fewest > most:
        at = [("serving", "min_replicas"), ("serving", "max_replicas")]
        raise sources.error_among(at, f"`min_replicas` {fewest} is more than `max_replicas` {most}")


def _serving(table: ServingTable) -> Serving:
    return Serving(
        min_replicas=table.min_replicas,
        max_replicas=table.max_replicas,
        target_in_flight=table.target_in_flight,
        idle_s=_given(table.idle_s, None),
        pinned=table.pinned,
        placement=table.placement,
    )


def _engine_order(merged: TomlTable) -> tuple[str, ...]:
    engines = merged.get("engines")
    return tuple(engines) if isinstance(engines, dict) else ()


def _given(value: T | msgspec.UnsetType, default: D) -> T | D:
    return default if isinstance(value, msgspec.UnsetType) else value
