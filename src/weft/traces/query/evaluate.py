"""What a query means, in Python: the reference for every database, and the way for values that lie in none.

* A path that leads nowhere gives null, and so does JSON's null. `$eq` with the literal null asks for that; every other
  comparison with null is false. A condition is true or false, never unknown: `$not` of a false one is true.
* Values compare with their own kind: numbers with numbers, texts with texts (by code points), truth values with truth
  values. Unlike kinds, lists and objects are unequal, and neither comes first. `$convert` makes one kind of another.
* Times (`started_at`, `ended_at`) compare with seconds since the epoch and with ISO 8601 texts.
* `$contains` looks into texts; of numbers, truth values, lists and objects into their JSON. Without case, letters
  compare as `kit.dialects.texts` says.
* A NUL in a text counts as U+FFFD: databases cannot hold it.
* `$convert` to double or int reads a text that is a number, to bool one that is true, false, 1 or 0; what cannot be
  converted is null. `$size` counts the elements of a list, and is null for anything else.
* Sorted are numbers, then texts and truth values, then everything else; see `compile.sort_clauses`.
"""

import math
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from weft.kit.dialects.texts import fold, text_number
from weft.traces.json_text import dump
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
    Order,
    Size,
    Some,
)
from weft.traces.query.paths import Step

Lookup = Callable[[str], Any]
"""What a path leads to in one row: plain JSON, a `Moment`, or `Several`."""

ORDERS: dict[Order, Callable[[Any, Any], Any]] = {
    "$eq": operator.eq,
    "$gt": operator.gt,
    "$gte": operator.ge,
    "$lt": operator.lt,
    "$lte": operator.le,
}
TRUTHS = {"true": True, "1": True, "false": False, "0": False}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FARTHEST_US = 1 << 62


@dataclass(frozen=True, slots=True)
class Moment:
    """A time, in microseconds since the epoch."""

    us: int


@dataclass(frozen=True, slots=True)
class Several:
    """Values of which any one may satisfy a comparison; the first is the one to sort by."""

    values: Sequence[Any]


def evaluate(condition: Condition, lookup: Lookup) -> bool:
    """Whether the condition holds for the row of `lookup`."""
    match condition:
        case All(parts):
            return all(evaluate(part, lookup) for part in parts)
        case Some(parts):
            return any(evaluate(part, lookup) for part in parts)
        case Not(part):
            return not evaluate(part, lookup)
        case Compare(order, left, right):
            return _compare(order, left, right, lookup)
        case Among(left, choices):
            return any(_compare("$eq", left, choice, lookup) for choice in choices)
        case Contains(inner, piece, ignore_case):
            return any(contains(v, piece, ignore_case) for v in _values(inner, lookup))
        case Holds(operand):
            return any(value is True for value in _values(operand, lookup))


def walk(value: Any, steps: Sequence[Step]) -> Any:
    """What a path leads to inside plain JSON."""
    for step in steps:
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and step < len(value) else None  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        else:
            value = value.get(step) if isinstance(value, dict) else None  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    return value  # pyright: ignore[reportUnknownVariableType]


def convert(value: Any, to: Conversion) -> Any:
    """A value as another kind; None where that cannot be."""
    if to == "exists":
        return value is not None
    if to == "string":
        return _text_of(value)
    if to == "bool":
        return _truth_of(value)
    number = _number_of(value)
    if number is None or to == "double":
        return number
    return math.trunc(number) if math.isfinite(number) else None


def contains(value: Any, piece: str, ignore_case: bool) -> bool:  # noqa: FBT001 - as in the node
    """Whether `piece` lies in a value."""
    if isinstance(value, list | dict):
        piece = json_piece(piece)
    text = _text_of(value)
    if text is None:
        return False
    return fold(piece) in fold(text) if ignore_case else piece in text


def json_piece(piece: str) -> str:
    """A piece of a text as it stands inside JSON."""
    return dump(piece)[1:-1]


def moment_us(value: object) -> int | None:
    """The time that a literal names: seconds since the epoch, or an ISO 8601 text (in UTC if it has no zone)."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return max(min(round(value * 1_000_000), _FARTHEST_US), -_FARTHEST_US)
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(microseconds=1)


def sort_key(value: Any, *, ascending: bool) -> tuple[Any, ...]:
    """A key that sorts as the databases do: numbers, then texts and truth values, then everything else."""
    if isinstance(value, Several):
        value = value.values[0] if value.values else None
    if isinstance(value, Moment):
        value = value.us
    if isinstance(value, bool):
        value = "true" if value else "false"
    if isinstance(value, int | float):
        return (0, value if ascending else -value, _Text("", ascending))
    if isinstance(value, str):
        return (1, 0, _Text(_clean(value), ascending))
    return (2, 0, _Text("", ascending))


class _Text:
    """A text that sorts by its code points, or the other way round."""

    __slots__ = ("ascending", "text")

    def __init__(self, text: str, ascending: bool) -> None:  # noqa: FBT001
        self.text = text
        self.ascending = ascending

    def __lt__(self, other: "_Text") -> bool:
        return self.text < other.text if self.ascending else self.text > other.text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Text) and self.text == other.text

    __hash__ = None  # pyright: ignore[reportAssignmentType]


def _values(operand: Operand, lookup: Lookup) -> Sequence[Any]:
    """The values of an operand: one, or those of several rows."""
    match operand:
        case Literal(value):
            return (value,)
        case Get(path):
            found = lookup(path)
            return found.values if isinstance(found, Several) else (found,)
        case Convert(inner, to):
            return [convert(value, to) for value in _values(inner, lookup)]
        case Size(inner):
            return [len(v) if isinstance(v, list) else None for v in _values(inner, lookup)]  # pyright: ignore[reportUnknownArgumentType]
        case _:
            return (evaluate(operand, lookup),)


def _compare(order: Order, left: Operand, right: Operand, lookup: Lookup) -> bool:
    lefts, rights = _values(left, lookup), _values(right, lookup)
    for one, other in ((left, rights), (right, lefts)):
        if one == Literal(None):
            return order == "$eq" and all(value is None for value in other)
    if order == "$eq":
        for one, operand, others in ((left, right, rights), (right, left, lefts)):
            if one == Literal("") and _is_several(operand, lookup):
                return "" in others or all(value is None for value in others)
    lefts, rights = _timed(left, lefts, rights), _timed(right, rights, lefts)
    return any(_holds(order, one, other) for one in lefts for other in rights)


def _is_several(operand: Operand, lookup: Lookup) -> bool:
    """Whether an operand is a field of several rows, for which nothing is as good as an empty text."""
    while isinstance(operand, Convert | Size):
        operand = operand.input
    return isinstance(operand, Get) and isinstance(lookup(operand.path), Several)


def _timed(operand: Operand, values: Sequence[Any], others: Sequence[Any]) -> Sequence[Any]:
    """A literal that is compared with times, as a time."""
    if not isinstance(operand, Literal) or not any(isinstance(other, Moment) for other in others):
        return values
    us = moment_us(operand.value)
    return () if us is None else (Moment(us),)


def _holds(order: Order, left: Any, right: Any) -> bool:
    if isinstance(left, Moment) and isinstance(right, Moment):
        left, right = left.us, right.us
    for view in (_number, _text, _truth):
        one, other = view(left), view(right)
        if one is not None and other is not None:
            return bool(ORDERS[order](one, other))
    return False


def _number(value: Any) -> int | float | None:
    if isinstance(value, Moment):
        return value.us / 1_000_000
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _text(value: Any) -> str | None:
    return _clean(value) if isinstance(value, str) else None


def _truth(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _number_of(value: Any) -> int | float | None:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str):
        return text_number(value)
    return _number(value)


def _truth_of(value: Any) -> bool | None:
    if isinstance(value, str):
        return TRUTHS.get(value)
    number = _number(value)
    return _truth(value) if number is None else number != 0


def _text_of(value: Any) -> str | None:
    if value is None or isinstance(value, Moment):
        return None
    if isinstance(value, str):
        return _clean(value)
    return dump(value).replace("\\u0000", "\N{REPLACEMENT CHARACTER}")


def _clean(text: str) -> str:
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")
