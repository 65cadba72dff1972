"""From the JSON of a query to its nodes, within bounds."""

import math
from typing import Any, cast, get_args

from weft.kit.errors import InvalidRequest
from weft.traces.query.ast import (
    All,
    Among,
    Compare,
    Condition,
    Contains,
    Conversion,
    Convert,
    Get,
    Holds,
    Literal,
    Not,
    Operand,
    Size,
    Some,
)
from weft.traces.query.evaluate import convert

DEPTH = 32
NODES = 2000
CHOICES = 1000
"""In one `$in`."""
TEXT_CHARS = 100_000
_LARGEST = (1 << 63) - 1


class BadQuery(InvalidRequest):
    """A query that cannot be read."""

    code = "invalid_query"

    def __init__(self, message: str) -> None:
        super().__init__(message, param="query")


def parse_query(query: object) -> Condition | None:
    """What `{"$expr": ...}` says; None for no query.

    Raises:
        BadQuery: it is no query, or a larger one than anybody needs.
    """
    if query is None:
        return None
    parts = _object(query)
    if set(parts) != {"$expr"}:
        raise BadQuery("a query is an object with the one key $expr")
    return _Reader().condition(parts["$expr"], 0)


class _Reader:
    """Reads one query, and counts what it reads."""

    def __init__(self) -> None:
        self._nodes = 0

    def condition(self, given: Any, depth: int) -> Condition:
        node = self.operand(given, depth)
        if isinstance(node, Literal | Get | Convert | Size):
            return Holds(node)
        return node

    def operand(self, given: Any, depth: int) -> Operand:
        name, value = self._enter(given, depth)
        depth += 1
        match name:
            case "$literal":
                return Literal(_scalar(value))
            case "$getField":
                if not isinstance(value, str):
                    raise BadQuery("$getField takes a path")
                return Get(value)
            case "$convert":
                return self._convert(value, depth)
            case "$size":
                return Size(self.operand(value, depth))
            case "$contains":
                return self._contains(value, depth)
            case "$in":
                return self._among(value, depth)
            case "$and" | "$or":
                parts = tuple(self.condition(part, depth) for part in _list(name, value))
                return All(parts) if name == "$and" else Some(parts)
            case "$not":
                negated = _list(name, value) if isinstance(value, list) else [value]
                if len(negated) != 1:
                    raise BadQuery("$not takes one condition")
                return Not(self.condition(negated[0], depth))
            case "$eq" | "$gt" | "$gte" | "$lt" | "$lte":
                left, right = _pair(name, value)
                return Compare(name, self.operand(left, depth), self.operand(right, depth))
            case _:
                raise BadQuery(f"there is no operator {name[:60]}")

    def _enter(self, given: Any, depth: int) -> tuple[str, Any]:
        self._nodes += 1
        if depth > DEPTH or self._nodes > NODES:
            raise BadQuery(f"a query is at most {DEPTH} deep and has at most {NODES} parts")
        parts = _object(given)
        if len(parts) != 1:
            raise BadQuery("each part of a query is an object with one key, an operator")
        return next(iter(parts.items()))

    def _convert(self, value: Any, depth: int) -> Convert | Literal:
        parts = _object(value)
        to: Any = parts.get("to")
        known = get_args(Conversion)
        if to not in known or "input" not in parts:
            raise BadQuery(f"$convert takes an input, and to what of {', '.join(known)}")
        inner = self.operand(parts["input"], depth)
        kind: Conversion = to
        if isinstance(inner, Literal):
            return Literal(convert(inner.value, kind))
        return Convert(inner, kind)

    def _contains(self, value: Any, depth: int) -> Contains:
        parts = _object(value)
        if not {"input", "substr"} <= set(parts):
            raise BadQuery("$contains takes input and substr")
        piece = self.operand(parts["substr"], depth)
        if not isinstance(piece, Literal) or not isinstance(piece.value, str):
            raise BadQuery("substr of $contains is a literal text")
        ignore_case = parts.get("case_insensitive") is True
        return Contains(self.operand(parts["input"], depth), piece.value, ignore_case)

    def _among(self, value: Any, depth: int) -> Among:
        left, choices = _pair("$in", value)
        listed = _object(choices).get("$literal") if isinstance(choices, dict) else None
        if listed is not None:
            choices = [{"$literal": one} for one in _list("$in", listed)]
        several = _list("$in", choices)
        if len(several) > CHOICES:
            raise BadQuery(f"$in takes at most {CHOICES} values")
        self._nodes -= len(several)  # they have a bound of their own
        return Among(self.operand(left, depth), tuple(self.operand(one, depth) for one in several))


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadQuery("each part of a query is an object with one key, an operator")
    return cast("dict[str, Any]", value)


def _list(name: str, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise BadQuery(f"{name} takes a list")
    return cast("list[Any]", value)


def _pair(name: str, value: Any) -> tuple[Any, Any]:
    parts = _list(name, value)
    if len(parts) != 2:
        raise BadQuery(f"{name} takes a list of two operands")
    return parts[0], parts[1]


def _scalar(value: Any) -> str | int | float | bool | None:
    match value:
        case None | bool():
            return value
        case str():
            if len(value) > TEXT_CHARS:
                raise BadQuery(f"a literal text has at most {TEXT_CHARS} characters")
            return value.replace("\0", "\N{REPLACEMENT CHARACTER}")
        case int():
            return value if abs(value) <= _LARGEST else math.copysign(float(_LARGEST), value)
        case float() if math.isfinite(value):
            return value
        case _:
            raise BadQuery("a literal is a text, a number, true, false or null")
