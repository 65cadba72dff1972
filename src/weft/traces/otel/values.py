"""Attributes of spans as plain values, and back from dotted names to the lists and objects that they stand for."""

import math
from collections.abc import Iterable, Mapping
from typing import Any, cast

import msgspec
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

Attributes = Mapping[str, Any]
DEPTH = 32
"""Of values in values; deeper ones are left out."""
INDEX_LIMIT = 10_000
"""Of a list that dotted names spell out."""


def plain(attributes: Iterable[KeyValue]) -> dict[str, Any]:
    """Attributes by name, of two with one name the last."""
    return {pair.key: value_of(pair.value) for pair in attributes}


def value_of(value: AnyValue, depth: int = 0) -> Any:
    """What an `AnyValue` holds; bytes as hex digits."""
    kind = value.WhichOneof("value")
    if kind is None or depth > DEPTH:
        return None
    if kind == "array_value":
        return [value_of(one, depth + 1) for one in value.array_value.values]
    if kind == "kvlist_value":
        return {one.key: value_of(one.value, depth + 1) for one in value.kvlist_value.values}
    found = getattr(value, kind)
    if isinstance(found, bytes):
        return found.hex()
    if isinstance(found, float) and not math.isfinite(found):
        return "NaN" if math.isnan(found) else "Infinity" if found > 0 else "-Infinity"
    return found


def nested(attributes: Attributes, prefix: str) -> Any:
    """What the names that begin with `prefix.` spell out: `a.0.role`, `a.0.text` are a list with one object.

    None where there are none. A name that is itself a value and the beginning of others keeps the others.
    """
    root: dict[str, Any] = {}
    start = prefix + "."
    for name, value in attributes.items():
        if name.startswith(start):
            _put(root, name[len(start) :].split("."), value)
    return _listed(root) if root else None


def expanded(attributes: Attributes) -> dict[str, Any]:
    """All attributes as one object, dotted names taken apart, so that a dotted path finds them."""
    root: dict[str, Any] = {}
    for name, value in attributes.items():
        _put(root, name.split(".")[:DEPTH], value)
    return root


def parsed(value: Any) -> Any:
    """A text that is JSON as what it says; anything else as it is."""
    if not isinstance(value, str):
        return value
    text = value.lstrip()
    if not text.startswith(("{", "[")):
        return value
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return value


def as_object(value: object) -> dict[str, Any] | None:
    """An object as it is; None for anything else."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def as_list(value: object) -> list[Any] | None:
    """A list as it is; None for anything else."""
    return cast("list[Any]", value) if isinstance(value, list) else None


def objects_in(value: object) -> list[dict[str, Any]]:
    """Those members of a list that are objects; none where it is no list."""
    return [one for one in as_list(value) or () if isinstance(one, dict)]


def first(attributes: Attributes, *names: str) -> Any:
    """The first of these attributes that is there and says something."""
    for name in names:
        value = attributes.get(name)
        if value is not None and value != "":
            return value
    return None


def text_of(attributes: Attributes, *names: str) -> str | None:
    """As `first`, as a text."""
    value = first(attributes, *names)
    if value is None or isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()


def count_of(attributes: Attributes, *names: str) -> int | None:
    """As `first`, as a count; what is none counts as absent."""
    value = first(attributes, *names)
    if isinstance(value, str) and value.isdecimal() and len(value) < 16:
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value < 1 << 53 else None


def number_of(attributes: Attributes, *names: str) -> float | None:
    """As `first`, as a number."""
    value = first(attributes, *names)
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def _put(root: dict[str, Any], path: list[str], value: Any) -> None:
    for step in path[:-1]:
        below = as_object(root.get(step))
        if below is None:
            below = root[step] = {}
        root = below
    if not isinstance(root.get(path[-1]), dict):
        root[path[-1]] = value


def _listed(value: Any) -> Any:
    """Objects whose names are all indices, as lists."""
    told = as_object(value)
    if told is None:
        return value
    members = {name: _listed(below) for name, below in told.items()}
    if all(name.isdecimal() and len(name) < 6 for name in members):
        order = sorted(members, key=int)
        if int(order[-1]) < INDEX_LIMIT:
            return [members[name] for name in order]
    return members
