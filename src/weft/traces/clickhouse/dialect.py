"""The query language's questions in ClickHouse's SQL, and statements of SQLAlchemy with its parameters.

Values go to the server beside the statement, each with its type (`{name:String}`), never inside it.
Source: https://clickhouse.com/docs/sql-reference/functions/json-functions, read 2026-11.
"""

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import ClauseElement, Integer
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from weft.kit.dialects.texts import NUMBER_CHARS, NUMBER_TEXT
from weft.traces.query import sql

CLICKHOUSE = "clickhouse"
_BIND = re.compile(r"%\((\w+)\)s")
_NUMBERS = "('Int64', 'UInt64', 'Double')"
_REPLACEMENT = "'\N{REPLACEMENT CHARACTER}'"
_REGEX = NUMBER_TEXT.replace("\\", "\\\\")


class ClickHouseDialect(DefaultDialect):
    """Enough of a dialect to compile SELECT."""

    name = CLICKHOUSE
    default_paramstyle = "pyformat"
    supports_native_boolean = True
    supports_statement_cache = False


def compiled(statement: ClauseElement) -> tuple[str, dict[str, Any]]:
    """A statement as ClickHouse reads it, and the values of its parameters."""
    done = statement.compile(
        dialect=ClickHouseDialect(), compile_kwargs={"render_postcompile": True}
    )
    values: dict[str, Any] = {**(done.params or {})}

    def typed(found: re.Match[str]) -> str:
        return f"{{{found[1]}:{_type(values[found[1]])}}}"

    return _BIND.sub(typed, str(done)).replace("%%", "%"), values


def _type(value: object) -> str:
    match value:
        case bool():
            return "Bool"
        case int():
            return "Int64"
        case float():
            return "Float64"
        case _:
            return "String"


class _Place:
    """A place in a JSON text, compiled."""

    def __init__(self, view: sql.JsonView, compiler: SQLCompiler, **kw: Any) -> None:
        text, _path, *steps = list(view.clauses)
        self._text = compiler.process(text, **kw)
        self._steps: list[str] = []
        guards: list[str] = []
        for step in steps:
            name = compiler.process(step, **kw)
            if isinstance(step.type, Integer):
                # To ClickHouse a number also leads into objects, and counts from 1.
                guards.append(f"{self._call('JSONType')} = 'Array'")
                name = f"{name} + 1"
            self._steps.append(name)
        self._guard = " AND ".join(guards)
        self.kind = self._guarded(f"toString({self._call('JSONType')})", "'Null'")

    def call(self, function: str) -> str:
        """What a function says of the place."""
        return self._call(function)

    @property
    def text(self) -> str:
        """The text there, without NUL characters."""
        return f"replaceAll({self._call('JSONExtractString')}, char(0), {_REPLACEMENT})"

    def _call(self, function: str) -> str:
        return f"{function}({', '.join([self._text, *self._steps])})"

    def _guarded(self, found: str, other: str) -> str:
        return f"if({self._guard}, {found}, {other})" if self._guard else found


def _say_of_json(view: type[sql.JsonView], body: Callable[[_Place], str]) -> None:
    def visit(element: sql.JsonView, compiler: SQLCompiler, **kw: Any) -> str:
        return "(" + body(_Place(element, compiler, **kw)) + ")"

    compiles(view, CLICKHOUSE)(visit)


_say_of_json(
    sql.JsonNumber, lambda p: f"if({p.kind} IN {_NUMBERS}, {p.call('JSONExtractFloat')}, NULL)"
)
_say_of_json(sql.JsonText, lambda p: f"if({p.kind} = 'String', {p.text}, NULL)")
_say_of_json(sql.JsonTruth, lambda p: f"if({p.kind} = 'Bool', {p.call('JSONExtractBool')}, NULL)")
_say_of_json(sql.JsonExists, lambda p: f"coalesce({p.kind}, 'Null') <> 'Null'")
_say_of_json(
    sql.JsonString,
    lambda p: (
        f"multiIf(coalesce({p.kind}, 'Null') = 'Null', NULL, {p.kind} = 'String', {p.text},"
        f" {p.call('JSONExtractRaw')})"
    ),
)
_say_of_json(sql.JsonSize, lambda p: f"if({p.kind} = 'Array', {p.call('JSONLength')}, NULL)")
_say_of_json(sql.JsonIsNested, lambda p: f"coalesce({p.kind}, '') IN ('Array', 'Object')")

_Arguments = list[str]


def _number(a: _Arguments) -> str:
    trimmed = f"trimBoth({a[0]})"
    is_one = f"length({trimmed}) <= {NUMBER_CHARS} AND match({trimmed}, '{_REGEX}')"
    return f"if({is_one}, toFloat64OrNull({trimmed}), NULL)"


sql.say(sql.TextNumber, CLICKHOUSE, _number)
sql.say(sql.Truncated, CLICKHOUSE, lambda a: f"trunc({a[0]})")
sql.say(sql.Decimal, CLICKHOUSE, lambda a: f"toString({a[0]})")
sql.say(sql.Quotient, CLICKHOUSE, lambda a: f"intDiv({a[0]}, {a[1]})")
sql.say(sql.Begins, CLICKHOUSE, lambda a: f"startsWith({a[0]}, {a[1]})")
sql.say(sql.HasPiece, CLICKHOUSE, lambda a: f"position({a[0]}, {a[1]}) > 0")
sql.say(sql.HasAsciiPiece, CLICKHOUSE, lambda a: f"position(lower({a[0]}), {a[1]}) > 0")
sql.say(sql.HasFoldedPiece, CLICKHOUSE, lambda a: f"match({a[0]}, {a[2]})")
