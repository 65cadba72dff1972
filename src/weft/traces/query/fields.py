"""What paths stand for in somebody's tables: the one thing that each user of the language brings."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from sqlalchemy import ColumnElement

from weft.kit.errors import InvalidRequest
from weft.traces.query.paths import Step, split_path


class UnknownField(InvalidRequest):
    """There is nothing to filter or sort by of this name."""

    code = "unknown_field"

    def __init__(self, path: str, known: str = "") -> None:
        remedy = f"fields are {known}" if known else "look at the fields that answers have"
        super().__init__(f"there is no field {path[:100]}", param="query", remedy=remedy)


@dataclass(frozen=True, slots=True)
class TextField:
    """A column of text, compared byte by byte."""

    column: ColumnElement[Any]


@dataclass(frozen=True, slots=True)
class NumberField:
    """A column, or a sum, that is a number."""

    column: ColumnElement[Any]


@dataclass(frozen=True, slots=True)
class TruthField:
    """A condition."""

    column: ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class TimeField:
    """A time, in microseconds since the epoch."""

    column: ColumnElement[Any]


@dataclass(frozen=True, slots=True)
class JsonField:
    """A place inside a JSON text; with no steps, the whole of it."""

    text: ColumnElement[Any]
    steps: tuple[Step, ...] = ()
    narrow: Callable[[str], ColumnElement[bool] | None] | None = None
    """From a piece of text to what holds for all rows that have it in this text, by an index; None: for any row."""


@dataclass(frozen=True, slots=True)
class NoField:
    """What is always null."""


@dataclass(frozen=True, slots=True)
class ManyField:
    """A field of several rows that belong to one: a comparison holds if it holds for any of them."""

    one: "Field"
    some: Callable[[ColumnElement[bool]], ColumnElement[bool]]
    """From a condition on one of those rows to whether there is one."""
    first: Callable[[ColumnElement[Any]], ColumnElement[Any]]
    """From an expression on one of those rows to its value in the first of them, to sort by."""


Field: TypeAlias = (
    TextField | NumberField | TruthField | TimeField | JsonField | NoField | ManyField
)


class Fields(Protocol):
    """Says what paths stand for."""

    def find(self, path: str) -> Field:
        """The field that a path leads to.

        Raises:
            UnknownField: there is none.
            BadPath: it is no path.
        """
        ...


@dataclass(frozen=True, slots=True)
class TableFields:
    """Fields of a plain table: columns by their names on the wire, and texts of JSON to look into."""

    columns: Mapping[str, Field]
    texts: Mapping[str, ColumnElement[Any]] = field(default_factory=dict[str, ColumnElement[Any]])

    def find(self, path: str) -> Field:
        """See `Fields.find`."""
        if path in self.columns:
            return self.columns[path]
        first, *rest = split_path(path)
        text = self.texts.get(str(first))
        if text is None:
            known = ", ".join([*self.columns, *(f"{name}.*" for name in self.texts)])
            raise UnknownField(path, known)
        return JsonField(text, tuple(rest))
