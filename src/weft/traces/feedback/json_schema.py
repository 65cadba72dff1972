"""Whether a value is what a JSON Schema says, for the schemas that annotation specs have.

What the client makes of Python types and pydantic models is checked, with `$ref` into the schema itself. `pattern` is
not: a stranger's pattern could keep the server busy for ever. Words that are not known here allow everything, as the
standard has it.
Source: JSON Schema, draft 2020-12 (core 10, validation 6).
"""

import math
from typing import Any, cast

DEPTH = 64
STEPS = 100_000
"""Checks of one value; a schema that needs more fits nothing."""
_LOCAL = "#/"


def fits(value: Any, schema: Any) -> bool:
    """Whether `value` is what `schema` says."""
    return _Check(schema).fits(value, schema, 0)


class _Check:
    """One value against one schema."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._steps = 0

    def fits(self, value: Any, schema: Any, depth: int) -> bool:
        self._steps += 1
        if depth > DEPTH or self._steps > STEPS:
            return False
        if not isinstance(schema, dict):
            return schema is not False
        rules = cast("dict[str, Any]", schema)
        deeper = depth + 1
        if "$ref" in rules and not self.fits(value, self._resolve(rules["$ref"]), deeper):
            return False
        return (
            _has_type(value, rules.get("type"))
            and ("const" not in rules or _same(value, rules["const"]))
            and ("enum" not in rules or any(_same(value, one) for one in _list(rules, "enum")))
            and _in_bounds(value, rules)
            and self._combines(value, rules, deeper)
            and self._holds(value, rules, deeper)
        )

    def _combines(self, value: Any, rules: dict[str, Any], depth: int) -> bool:
        for part in _list(rules, "allOf"):
            if not self.fits(value, part, depth):
                return False
        if "anyOf" in rules and not any(
            self.fits(value, part, depth) for part in _list(rules, "anyOf")
        ):
            return False
        if "oneOf" in rules:
            matching = sum(self.fits(value, part, depth) for part in _list(rules, "oneOf"))
            if matching != 1:
                return False
        return "not" not in rules or not self.fits(value, rules["not"], depth)

    def _holds(self, value: Any, rules: dict[str, Any], depth: int) -> bool:
        """What is inside a list or an object."""
        if isinstance(value, list):
            items = cast("list[Any]", value)
            prefix = _list(rules, "prefixItems")
            pairs = zip(items, prefix, strict=False)
            return all(self.fits(item, part, depth) for item, part in pairs) and all(
                self.fits(item, rules.get("items", True), depth) for item in items[len(prefix) :]
            )
        if isinstance(value, dict):
            members = cast("dict[str, Any]", value)
            told = rules.get("properties")
            known = cast("dict[str, Any]", told) if isinstance(told, dict) else {}
            rest = rules.get("additionalProperties", True)
            return all(name in members for name in _list(rules, "required")) and all(
                self.fits(member, known.get(name, rest), depth) for name, member in members.items()
            )
        return True

    def _resolve(self, ref: Any) -> Any:
        if ref == "#":
            return self._root
        if not isinstance(ref, str) or not ref.startswith(_LOCAL):
            return False
        found = self._root
        for step in ref[len(_LOCAL) :].split("/"):
            name = step.replace("~1", "/").replace("~0", "~")
            found = found.get(name) if isinstance(found, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
            if found is None:
                return False
        return found  # pyright: ignore[reportUnknownVariableType]


def _list(rules: dict[str, Any], name: str) -> list[Any]:
    found = rules.get(name)
    return found if isinstance(found, list) else []  # pyright: ignore[reportUnknownVariableType]


def _has_type(value: Any, wanted: Any) -> bool:
    if wanted is None:
        return True
    names = cast("list[Any]", wanted) if isinstance(wanted, list) else [wanted]
    return any(_is_a(value, name) for name in names)


def _is_a(value: Any, name: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    match name:
        case "null":
            return value is None
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return is_number and (isinstance(value, int) or value.is_integer())
        case "number":
            return is_number
        case "string":
            return isinstance(value, str)
        case "array":
            return isinstance(value, list)
        case "object":
            return isinstance(value, dict)
        case _:
            return False


def _same(one: Any, other: Any) -> bool:
    """Equal as JSON: 1 and 1.0 are, 1 and true are not."""
    return isinstance(one, bool) is isinstance(other, bool) and one == other


def _in_bounds(value: Any, rules: dict[str, Any]) -> bool:
    if isinstance(value, bool):
        return True
    if isinstance(value, int | float):
        return _number_in_bounds(value, rules)
    if isinstance(value, str):
        return _sized(len(value), rules, "minLength", "maxLength")
    if isinstance(value, list):
        return _sized(len(value), rules, "minItems", "maxItems")  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(value, dict):
        return _sized(len(value), rules, "minProperties", "maxProperties")  # pyright: ignore[reportUnknownArgumentType]
    return True


def _number_in_bounds(value: float, rules: dict[str, Any]) -> bool:
    step = _bound(rules, "multipleOf")
    return (
        ((least := _bound(rules, "minimum")) is None or value >= least)
        and ((most := _bound(rules, "maximum")) is None or value <= most)
        and ((over := _bound(rules, "exclusiveMinimum")) is None or value > over)
        and ((under := _bound(rules, "exclusiveMaximum")) is None or value < under)
        and (not step or _is_multiple(value, step))
    )


def _is_multiple(value: float, step: float) -> bool:
    try:
        times = value / step
        return math.isclose(times, round(times), abs_tol=1e-9)
    except OverflowError:
        return False


def _sized(size: int, rules: dict[str, Any], least: str, most: str) -> bool:
    low, high = _bound(rules, least), _bound(rules, most)
    return (low is None or size >= low) and (high is None or size <= high)


def _bound(rules: dict[str, Any], name: str) -> float | None:
    found = rules.get(name)
    return found if isinstance(found, int | float) and not isinstance(found, bool) else None
