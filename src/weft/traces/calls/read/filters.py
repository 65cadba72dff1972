"""From a filter to conditions, in a form that the indexes of `trace_call` serve."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, FromClause, and_, false, literal, or_

from weft.kit.errors import InvalidRequest
from weft.traces.calls.facts import op_of
from weft.traces.calls.read.wire import CallFilter
from weft.traces.query.sql import Begins, HasPiece
from weft.traces.schema import CALL

VALUES = 1000
_ANY = ":*"
_COLUMNS = {
    "call_ids": "id",
    "trace_ids": "trace_id",
    "parent_ids": "parent_id",
    "thread_ids": "thread_id",
    "turn_ids": "turn_id",
    "wb_user_ids": "wb_user_id",
    "wb_run_ids": "wb_run_id",
}

Text = Callable[[str], ColumnElement[Any]]


def conditions(
    given: CallFilter, text: Text, call: FromClause = CALL
) -> Iterator[ColumnElement[bool]]:
    """What the filter asks for; `text` gives `inputs` and `output`, and `call` is where calls are kept.

    An empty list asks for nothing in particular, but for no call at all in `thread_ids`, as in the hosted service.

    Raises:
        InvalidRequest: a list has too many values.
    """
    for name in msgspec.structs.fields(CallFilter):
        values = getattr(given, name.name)
        if isinstance(values, list) and len(values) > VALUES:  # pyright: ignore[reportUnknownArgumentType]
            raise InvalidRequest(f"{name.name} has at most {VALUES} values", param="filter")
    for name, column in _COLUMNS.items():
        values = getattr(given, name)
        if values:
            yield call.c[column].in_(values)
    if given.thread_ids == []:
        yield false()
    if given.trace_roots_only:
        yield call.c.parent_id.is_(None)
    if given.op_names:
        yield _ops(given.op_names, call)
    if given.input_refs:
        yield _refs(text("inputs"), given.input_refs)
    if given.output_refs:
        yield _refs(text("output"), given.output_refs)


def _ops(names: Sequence[str], call: FromClause) -> ColumnElement[bool]:
    """Ops by whole references, by `...:*` for every version, or by their bare names.

    Each is first looked up by its bare name, which is what the index has.
    """
    exact = [n for n in names if "/op/" in n and not n.endswith(_ANY)]
    bare = [n for n in names if "/op/" not in n]
    found: list[ColumnElement[bool]] = []
    if bare:
        found.append(call.c.op.in_(bare))
    if exact:
        found.append(and_(call.c.op.in_({op_of(n) for n in exact}), call.c.op_name.in_(exact)))
    for name in names:
        if "/op/" in name and name.endswith(_ANY):
            start = name[:-1]
            begins = Begins(call.c.op_name, literal(start))
            found.append(and_(call.c.op == op_of(name), begins))
    return or_(*found)


def _refs(text: ColumnElement[Any], refs: Sequence[str]) -> ColumnElement[bool]:
    """Texts that have one of these references in them as a whole value, or for `...:*` any of its versions."""
    return or_(*(HasPiece(text, literal(_quoted(ref))) for ref in refs))


def _quoted(ref: str) -> str:
    return f'"{ref[:-1]}' if ref.endswith(_ANY) else f'"{ref}"'
