"""A query after it was read: small frozen nodes, operands and conditions.

Source of the language: `Query` of the Weave trace server's API (client 0.54), `weave-protocol.md` 3.2.
"""

from dataclasses import dataclass
from typing import Literal as OneOf
from typing import TypeAlias

Scalar: TypeAlias = str | int | float | bool | None
Conversion: TypeAlias = OneOf["double", "int", "string", "bool", "exists"]
Order: TypeAlias = OneOf["$eq", "$gt", "$gte", "$lt", "$lte"]


@dataclass(frozen=True, slots=True)
class Literal:
    """A value."""

    value: Scalar


@dataclass(frozen=True, slots=True)
class Get:
    """What a dotted path leads to."""

    path: str


@dataclass(frozen=True, slots=True)
class Convert:
    """An operand as another type."""

    input: "Operand"
    to: Conversion


@dataclass(frozen=True, slots=True)
class Size:
    """How many elements a list has."""

    input: "Operand"


@dataclass(frozen=True, slots=True)
class Compare:
    """Two operands of the same type, in this order."""

    order: Order
    left: "Operand"
    right: "Operand"


@dataclass(frozen=True, slots=True)
class Among:
    """Whether an operand equals one of several."""

    left: "Operand"
    choices: "tuple[Operand, ...]"


@dataclass(frozen=True, slots=True)
class Contains:
    """Whether a text, or the JSON of a list or an object, has this piece in it."""

    input: "Operand"
    piece: str
    ignore_case: bool


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Some:
    """One part or more holds."""

    parts: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: "Condition"


@dataclass(frozen=True, slots=True)
class Holds:
    """The operand is true."""

    operand: "Literal | Get | Convert | Size"


Condition: TypeAlias = Compare | Among | Contains | All | Some | Not | Holds
Operand: TypeAlias = Literal | Get | Convert | Size | Condition


def paths_of(node: Operand) -> set[str]:
    """Every path that a query asks for."""
    match node:
        case Literal():
            return set()
        case Get(path):
            return {path}
        case Convert(inner, _) | Size(inner) | Contains(inner, _, _):
            return paths_of(inner)
        case Not(inner) | Holds(inner):
            return paths_of(inner)
        case Compare(_, left, right):
            return paths_of(left) | paths_of(right)
        case Among(left, choices):
            return paths_of(left).union(*map(paths_of, choices))
        case All(parts) | Some(parts):
            return set[str]().union(*map(paths_of, parts))
