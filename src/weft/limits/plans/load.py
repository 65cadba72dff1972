"""Reads the plans: those that ship, then `plans.toml` of the data folder on top of them.

A table whose name exists already changes that plan: its keys replace, and its inner tables are merged key by key. A
new name adds a plan. Any mistake stops the start with one line that names the file, the line, and what to write.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources
from pathlib import Path

import msgspec

from weft.catalog.lines import KeyPath, index_lines, line_of
from weft.catalog.source import nearest_hint
from weft.kit.errors import CannotStart, InvalidRequest, Json, NotFound
from weft.kit.money import NanoUsd, parse_usd
from weft.limits.plans.shape import PlanTable
from weft.limits.plans.types import CreditEnd, Plan
from weft.limits.types import LimitKind, LimitScope, Period

FILE_NAME = "plans.toml"
MAX_FILE_BYTES = 256 * 1024
MAX_PLANS = 100
NONE = "none"

JsonTable = dict[str, Json]
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_PLACE = re.compile(r" - at `\$\.?([^`]*)`")
_UNKNOWN = re.compile(r"Object contains unknown field `([^`]*)`")
_TOML_LINE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
_COUNTS = {
    "concurrency": LimitKind.CONCURRENCY,
    "requests_per_minute": LimitKind.REQUESTS,
    "tokens_per_minute": LimitKind.TOKENS,
}


class NoSuchPlan(NotFound):
    """There is no plan of this name."""

    code = "no_such_plan"


class InvalidPlan(InvalidRequest):
    """A plan cannot be so; the message names the key."""

    code = "invalid_plan"


class Plans:
    """All plans by name, as the files describe them. Immutable."""

    __slots__ = ("_plans", "_tables")

    def __init__(self, tables: Mapping[str, tuple[JsonTable, str]]) -> None:
        """Of each plan its table, and where it stands."""
        self._tables = {name: table for name, (table, _) in tables.items()}
        self._plans = {name: _build(name, table, place) for name, (table, place) in tables.items()}

    def __iter__(self) -> Iterator[Plan]:
        """The plans that ship first, as they stand in the files."""
        return iter(self._plans.values())

    def find(self, name: str) -> Plan | None:
        """The plan of this name, as the files describe it."""
        return self._plans.get(name)

    def get(self, name: str) -> Plan:
        """The plan of this name.

        Raises:
            NoSuchPlan: there is none.
        """
        plan = self._plans.get(name)
        if plan is None:
            raise NoSuchPlan(
                f"there is no plan {name[:60]!r}; {nearest_hint(name[:60], self._plans)}",
                param="plan",
                remedy="`weft plan ls` lists them all.",
            )
        return plan

    def merge(self, below: str, over: str) -> JsonTable:
        """Two tables as JSON text, the second laid over the first; neither is checked to be a plan's.

        Raises:
            InvalidPlan: the second is no table.
        """
        return _merged(_read_json(below), _read_json(over))

    def changed(self, name: str, changes: str) -> Plan:
        """The plan of this name with changes laid over it, a table as JSON text.

        Raises:
            NoSuchPlan: there is none.
            InvalidPlan: the changes are none that a plan can have.
        """
        plan = self.get(name)
        try:
            table = _read_json(changes)
            _checked(table)
            return _build(name, _merged(self._tables[name], table), plan.place)
        except msgspec.ValidationError as error:
            path, what = _explain(error)
            key = ".".join(map(str, path)) or "changes"
            raise InvalidPlan(f"{key}: {what}", param=key) from error
        except ValueError as error:
            raise InvalidPlan(str(error), param="changes") from error


def load_plans(data_dir: Path | None = None) -> Plans:
    """The plans that ship, with `plans.toml` of `data_dir` laid over them.

    Raises:
        CannotStart: `file:line: what is wrong; what to write instead`.
    """
    shipped = resources.files("weft.limits.plans").joinpath(FILE_NAME).read_bytes()
    tables = {name: (table, "") for name, table, _ in _read(Path(FILE_NAME), shipped)}
    path = None if data_dir is None else data_dir / FILE_NAME
    if path is None or not path.exists():
        return Plans(tables)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise CannotStart(f"{path}: cannot be read: {error.strerror}") from error
    for name, table, line in _read(path, raw):
        below = tables[name][0] if name in tables else None
        try:
            merged = table if below is None else _merged(below, table)
            _build(name, merged, "")
        except ValueError as error:
            raise CannotStart(f"{path}:{line}: [{name}] {error}") from error
        tables[name] = (merged, f"{path.name}:{line}")
    if len(tables) > MAX_PLANS:
        raise CannotStart(f"{path}:1: {len(tables)} plans; {MAX_PLANS} is the most")
    return Plans(tables)


def _read(path: Path, raw: bytes) -> Iterable[tuple[str, JsonTable, int]]:
    """The tables of one file, each with its name and line, all of the right form."""
    if len(raw) > MAX_FILE_BYTES:
        raise CannotStart(f"{path}:1: larger than {MAX_FILE_BYTES} bytes")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise CannotStart(f"{path}:{line}: not UTF-8; save the file as UTF-8") from error
    try:
        tables: JsonTable = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _TOML_LINE.search(str(error))
        number = (found[1] if found else None) or str(len(text.splitlines()) or 1)
        what = _TOML_LINE.sub("", str(error))
        raise CannotStart(f"{path}:{number}: not valid TOML: {what}") from error
    lines = index_lines(text)
    for name, table in tables.items():
        line = line_of(lines, (name,))
        if not _NAME.fullmatch(name):
            raise CannotStart(
                f"{path}:{line}: `{name}` is no name of a plan; it takes up to 32 small letters,"
                " digits, hyphens and underscores, and starts with a letter"
            )
        if not isinstance(table, dict):
            raise CannotStart(f"{path}:{line}: `{name}` stands outside a plan; write [{name}]")
        try:
            _checked(table)
        except msgspec.ValidationError as error:
            inner, what = _explain(error)
            at = line_of(lines, (name, *inner))
            raise CannotStart(
                f"{path}:{at}: {'.'.join((name, *map(str, inner)))}: {what}"
            ) from error
        yield name, table, line


def _read_json(text: str) -> JsonTable:
    try:
        table: Json = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise InvalidPlan(f"changes are no JSON: {error}", param="changes") from error
    if not isinstance(table, dict):
        raise InvalidPlan("changes are no table of keys", param="changes")
    return table


def _checked(table: JsonTable) -> PlanTable:
    return msgspec.convert(table, PlanTable)


def _explain(error: Exception) -> tuple[KeyPath, str]:
    """Where in a table the mistake is, and what to write instead."""
    message = str(error)
    place = _PLACE.search(message)
    path: KeyPath = tuple(filter(None, place[1].split("."))) if place else ()
    what = _PLACE.sub("", message)
    unknown = _UNKNOWN.match(what)
    if unknown is not None:
        known = [one.encode_name for one in msgspec.structs.fields(_shape_at(path))]
        return (*path, unknown[1]), f"unknown key; {nearest_hint(unknown[1], known)}"
    key = str(path[-1]) if path else ""
    if "usd" in key:
        return path, 'write dollars in quotes, such as "100" or "0.5", or "none"'
    if key == "when_credit_ends":
        return path, "write " + " or ".join(f'"{one}"' for one in CreditEnd)
    if key == "cap_period":
        return path, 'write "day", "month" or "year"'
    if len(path) > 1:
        return path, f'write a whole number from 0 up, or "none"; {what[:1].lower()}{what[1:]}'
    return path, what[:1].lower() + what[1:]


def _shape_at(path: KeyPath) -> type[msgspec.Struct]:
    """The shape of the table at `path`."""
    if not path:
        return PlanTable
    (kind,) = [one.type for one in msgspec.structs.fields(PlanTable) if one.encode_name == path[0]]
    assert isinstance(kind, type)
    return kind


def _merged(below: JsonTable, over: JsonTable) -> JsonTable:
    result = dict(below)
    for key, value in over.items():
        inner = result.get(key)
        if isinstance(value, dict) and isinstance(inner, dict):
            result[key] = {**inner, **value}
        else:
            result[key] = value
    return result


def _build(name: str, table: JsonTable, place: str) -> Plan:
    """The plan of a merged table.

    Raises:
        ValueError: what a plan needs is missing, or contradicts itself.
    """
    shape = _checked(table)
    if not isinstance(shape.when_credit_ends, CreditEnd):
        needed = " or ".join(f'when_credit_ends = "{one}"' for one in CreditEnd)
        raise ValueError(f"needs {needed}")  # noqa: TRY004 - a key is missing, no type is wrong
    counts = {
        (kind, LimitScope(scope)): count
        for key, kind in _COUNTS.items()
        for scope, count in msgspec.structs.asdict(getattr(shape, key)).items()
        if isinstance(count, int)
    }
    cap = _dollars(shape.cap_usd)
    return Plan(
        name=name,
        label=shape.label if isinstance(shape.label, str) else name.capitalize(),
        when_credit_ends=shape.when_credit_ends,
        included_nusd=_dollars(shape.included_usd_per_month) or NanoUsd(0),
        cap_nusd=cap,
        cap_period=Period(shape.cap_period) if isinstance(shape.cap_period, str) else Period.MONTH,
        counts=counts,
        weight=shape.weight if isinstance(shape.weight, int) else 1,
        place=place,
    )


def _dollars(text: str | msgspec.UnsetType) -> NanoUsd | None:
    return parse_usd(text) if isinstance(text, str) and text != NONE else None
