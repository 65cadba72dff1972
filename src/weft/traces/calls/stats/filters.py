"""Which calls count: the filter that lists of calls take as well."""

from collections.abc import Iterator

import msgspec
from sqlalchemy import Column, ColumnElement, false, or_

from weft.kit.errors import InvalidRequest
from weft.traces.calls.facts import op_of
from weft.traces.schema import CALL

VALUES = 1000


class CallsFilter(msgspec.Struct):
    """Which calls; every key that is there must hold, for any of its values."""

    op_names: list[str] | None = None
    parent_ids: list[str] | None = None
    trace_ids: list[str] | None = None
    call_ids: list[str] | None = None
    thread_ids: list[str] | None = None
    turn_ids: list[str] | None = None
    wb_user_ids: list[str] | None = None
    wb_run_ids: list[str] | None = None
    input_refs: list[str] | None = None
    output_refs: list[str] | None = None
    trace_roots_only: bool | None = None


def conditions(asked: CallsFilter | None) -> list[ColumnElement[bool]]:
    """The filter as conditions on `trace_call`, besides the project.

    Raises:
        InvalidRequest: a key has too many values, or asks for references, which sums do not know.
    """
    return [] if asked is None else list(_conditions(asked))


def whole_ops(asked: CallsFilter | None) -> list[str] | None:
    """The ops that the filter asks for, if it asks for nothing but any versions of ops; None if for anything else."""
    if asked is None or asked == CallsFilter():
        return []
    if asked != CallsFilter(op_names=asked.op_names):
        return None
    names = asked.op_names or []
    if not names or not all(name.endswith(_ANY) and name != op_of(name) for name in names):
        return None
    return [op_of(name) for name in names]


_ANY = ":*"


def _conditions(asked: CallsFilter) -> Iterator[ColumnElement[bool]]:
    if asked.input_refs or asked.output_refs:
        raise InvalidRequest(
            "figures cannot be filtered by references", param="filter", remedy="filter by op_names"
        )
    columns: tuple[tuple[str, list[str] | None, Column[str]], ...] = (
        ("parent_ids", asked.parent_ids, CALL.c.parent_id),
        ("trace_ids", asked.trace_ids, CALL.c.trace_id),
        ("call_ids", asked.call_ids, CALL.c.id),
        ("thread_ids", asked.thread_ids, CALL.c.thread_id),
        ("turn_ids", asked.turn_ids, CALL.c.turn_id),
        ("wb_user_ids", asked.wb_user_ids, CALL.c.wb_user_id),
        ("wb_run_ids", asked.wb_run_ids, CALL.c.wb_run_id),
    )
    for name, values, column in columns:
        if values is not None:
            yield column.in_(_bounded(name, values))
    if asked.op_names is not None:
        yield or_(false(), *(_of_op(name) for name in _bounded("op_names", asked.op_names)))
    if asked.trace_roots_only:
        yield CALL.c.parent_id.is_(None)


def _of_op(name: str) -> ColumnElement[bool]:
    if not name.endswith(_ANY):
        return CALL.c.op_name == name
    if name == op_of(name):
        return CALL.c.op_name.between(name[:-1], name[:-2] + ";")
    return CALL.c.op == op_of(name)


def _bounded(name: str, values: list[str]) -> list[str]:
    if len(values) > VALUES:
        raise InvalidRequest(f"{name} has at most {VALUES} values", param="filter")
    if any("\0" in value for value in values):
        raise InvalidRequest(f"a value of {name} holds a NUL", param="filter")
    return values
