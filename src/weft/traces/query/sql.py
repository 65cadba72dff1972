r"""Views of values as SQL: one construct for each question, one body for each database.

A view is NULL where a value is of another kind. `json_*` views take a JSON text and the steps into it. On PostgreSQL a
text of JSON is read as `json`, which knows no NUL character: its escape is read as U+FFFD. SQLite would end a text
there, so the same is done where a text is taken out.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import BigInteger, Boolean, ColumnElement, Double, Integer, String, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from weft.kit.db import POSTGRESQL, SQLITE
from weft.kit.dialects.texts import NUMBER_CHARS, NUMBER_TEXT
from weft.traces.query.paths import Step

_NUL = "'\\u0000', '\N{REPLACEMENT CHARACTER}'"
_NUMBER = r"^\s*-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-2]?[0-9]?[0-9])?\s*$"
"""A number of JSON that PostgreSQL can hold, at once cut out and told from everything else. Others are nobody's."""
_NUMBER_CHARS = 200
"""Of a number: more digits than this make no difference to anybody, but would break its comparison with a float."""


class View(FunctionElement[Any]):
    """A question about a value."""

    inherit_cache = True

    def __init__(self, *arguments: ColumnElement[Any]) -> None:
        super().__init__(*arguments)


class JsonView(View):
    """A question about a place in a JSON text."""

    inherit_cache = True

    def __init__(self, text: ColumnElement[Any], steps: Sequence[Step]) -> None:
        path = "$" + "".join(f"[{s}]" if isinstance(s, int) else f'."{s}"' for s in steps)
        parts = (literal(s, Integer() if isinstance(s, int) else String()) for s in steps)
        super().__init__(text, literal(path, String()), *parts)


class JsonNumber(JsonView):
    """The number there."""

    inherit_cache = True
    type: TypeEngine[Any] = Double()


class JsonText(JsonView):
    """The text there."""

    inherit_cache = True
    type = String()


class JsonTruth(JsonView):
    """The truth value there."""

    inherit_cache = True
    type = Boolean()


class JsonExists(JsonView):
    """Whether there is anything but null; never NULL."""

    inherit_cache = True
    type = Boolean()


class JsonString(JsonView):
    """What is there as a text: texts as they are, all else as JSON."""

    inherit_cache = True
    type = String()


class JsonSize(JsonView):
    """How many elements the list there has."""

    inherit_cache = True
    type = BigInteger()


class JsonIsNested(JsonView):
    """Whether a list or an object is there; never NULL."""

    inherit_cache = True
    type = Boolean()


class TextNumber(View):
    """The number that a text is."""

    inherit_cache = True
    type: TypeEngine[Any] = Double()


class Truncated(View):
    """A number without its fraction."""

    inherit_cache = True
    type = BigInteger()


class Decimal(View):
    """A number as a text."""

    inherit_cache = True
    type = String()


class Quotient(View):
    """A whole number divided by another, without the rest."""

    inherit_cache = True
    type = BigInteger()


class Begins(View):
    """Whether the first text begins with the second."""

    inherit_cache = True
    type = Boolean()


class HasPiece(View):
    """Whether the first text contains the second."""

    inherit_cache = True
    type = Boolean()


class HasAsciiPiece(View):
    """Whether the first text, with its ASCII letters in lower case, contains the second."""

    inherit_cache = True
    type = Boolean()


class HasFoldedPiece(View):
    """Whether the first text, folded, contains the second; the third is the second's `texts.pattern`."""

    inherit_cache = True
    type = Boolean()


Body = Callable[[list[str]], str]


def say(view: type[View], dialect: str, body: Body) -> None:
    """Have `view` compiled to `body` of its compiled arguments on a dialect."""

    def visit(element: View, compiler: SQLCompiler, **kw: Any) -> str:
        parts = list(element.clauses)
        return "(" + body([compiler.process(part, **kw) for part in parts]) + ")"

    compiles(view, dialect)(visit)


def _sqlite() -> None:
    say(
        JsonNumber,
        SQLITE,
        lambda a: (
            f"CASE WHEN json_type({a[0]}, {a[1]}) IN ('integer', 'real')"
            f" THEN json_extract({a[0]}, {a[1]}) END"
        ),
    )
    say(
        JsonText,
        SQLITE,
        lambda a: f"CASE json_type({a[0]}, {a[1]}) WHEN 'text' THEN {_sqlite_text(a)} END",
    )
    say(
        JsonTruth,
        SQLITE,
        lambda a: f"CASE json_type({a[0]}, {a[1]}) WHEN 'true' THEN 1 WHEN 'false' THEN 0 END",
    )
    say(JsonExists, SQLITE, lambda a: f"coalesce(json_type({a[0]}, {a[1]}), 'null') <> 'null'")
    say(
        JsonString,
        SQLITE,
        lambda a: (
            f"CASE coalesce(json_type({a[0]}, {a[1]}), 'null') WHEN 'null' THEN NULL"
            f" WHEN 'text' THEN {_sqlite_text(a)} ELSE {_sqlite_json(a)} END"
        ),
    )
    say(
        JsonSize,
        SQLITE,
        lambda a: (
            f"CASE json_type({a[0]}, {a[1]}) WHEN 'array'"
            f" THEN json_array_length({a[0]}, {a[1]}) END"
        ),
    )
    say(
        JsonIsNested,
        SQLITE,
        lambda a: f"coalesce(json_type({a[0]}, {a[1]}), '') IN ('array', 'object')",
    )
    say(TextNumber, SQLITE, lambda a: f"text_number({a[0]})")
    say(Truncated, SQLITE, lambda a: f"CAST({a[0]} AS INTEGER)")
    say(Decimal, SQLITE, lambda a: f"CAST({a[0]} AS TEXT)")
    say(Quotient, SQLITE, lambda a: f"({a[0]}) / {a[1]}")
    say(Begins, SQLITE, lambda a: f"substr({a[0]}, 1, length({a[1]})) = {a[1]}")
    say(HasPiece, SQLITE, lambda a: f"instr({a[0]}, {a[1]}) > 0")
    say(HasAsciiPiece, SQLITE, lambda a: f"instr(lower({a[0]}), {a[1]}) > 0")
    say(
        HasFoldedPiece,
        SQLITE,
        lambda a: (  # a text of ASCII alone, as most are, has no such piece: Python is not asked
            f"length({a[0]}) < length(CAST({a[0]} AS BLOB))"
            f" AND instr(text_folded({a[0]}), {a[1]}) > 0"
        ),
    )


def _sqlite_text(a: list[str]) -> str:
    guarded = f"CASE WHEN instr({a[0]}, '\\u0000') > 0 THEN replace({a[0]}, {_NUL}) ELSE {a[0]} END"
    return f"json_extract({guarded}, {a[1]})"


def _sqlite_json(a: list[str]) -> str:
    """The JSON there, with numbers as they were written: SQLite has no way to ask for it before 3.38."""
    twice = f"replace(json_extract({a[0]}, {a[1]}, {a[1]}), {_NUL})"
    return f"substr({twice}, 2, (length({twice}) - 3) / 2)"


def _postgresql() -> None:
    say(
        JsonNumber,
        POSTGRESQL,
        lambda a: f"substring(left({_pg(a)}::text, {_NUMBER_CHARS}) from '{_NUMBER}')::numeric",
    )
    say(JsonText, POSTGRESQL, lambda a: f'{_pg_text(a)} COLLATE "C"')
    say(
        JsonTruth,
        POSTGRESQL,
        lambda a: f"CASE {_pg(a)}::text WHEN 'true' THEN true WHEN 'false' THEN false END",
    )
    say(JsonExists, POSTGRESQL, lambda a: f"coalesce({_pg(a)}::text, 'null') <> 'null'")
    say(JsonString, POSTGRESQL, lambda a: f"({_pg(a)} #>> '{{}}') COLLATE \"C\"")
    say(
        JsonSize,
        POSTGRESQL,
        lambda a: f"CASE json_typeof({_pg(a)}) WHEN 'array' THEN json_array_length({_pg(a)}) END",
    )
    say(
        JsonIsNested,
        POSTGRESQL,
        lambda a: f"coalesce(json_typeof({_pg(a)}), '') IN ('array', 'object')",
    )
    say(
        TextNumber,
        POSTGRESQL,
        lambda a: (
            f"CASE WHEN length(btrim({a[0]}, ' ')) <= {NUMBER_CHARS}"
            f" THEN substring(btrim({a[0]}, ' ') from '{NUMBER_TEXT}')::numeric END"
        ),
    )
    say(Truncated, POSTGRESQL, lambda a: f"trunc(({a[0]})::numeric)")
    say(Decimal, POSTGRESQL, lambda a: f'({a[0]})::text COLLATE "C"')
    say(Quotient, POSTGRESQL, lambda a: f"({a[0]}) / {a[1]}")
    say(Begins, POSTGRESQL, lambda a: f"starts_with({a[0]}, {a[1]})")
    say(HasPiece, POSTGRESQL, lambda a: f"strpos({a[0]}, {a[1]}) > 0")
    say(HasAsciiPiece, POSTGRESQL, lambda a: f'strpos(lower({a[0]} COLLATE "C"), {a[1]}) > 0')
    say(HasFoldedPiece, POSTGRESQL, lambda a: f"{a[0]} ~ {a[2]}")


def _pg(a: list[str]) -> str:
    """The place in the JSON, as a value of type json. A number steps into lists only, a key into objects only."""
    return "(" + " -> ".join([f"replace({a[0]}, {_NUL})::json", *a[2:]]) + ")"


def _pg_text(a: list[str]) -> str:
    return f"CASE json_typeof({_pg(a)}) WHEN 'string' THEN {_pg(a)} #>> '{{}}' END"


_sqlite()
_postgresql()
