"""Finds calls: which there are, in which order, and how many."""

from array import array
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from weft.kit.errors import InvalidRequest
from weft.traces.calls.read.fields import CallFields
from weft.traces.calls.read.filters import conditions
from weft.traces.calls.read.wire import CallFilter, Stats
from weft.traces.query.ast import Condition
from weft.traces.query.compile import SortBy, compile_query, sort_clauses
from weft.traces.query.fields import Fields, NumberField, TextField, TimeField, UnknownField
from weft.traces.schema import CALL, PAYLOAD
from weft.traces.search.reading import CallIndex
from weft.traces.types import ProjectKey

_LARGEST = (1 << 62) - 1
_BY_START = (SortBy("started_at"), SortBy("id"))


class Search:
    """One search among a project's calls."""

    def __init__(
        self,
        project: ProjectKey,
        given: CallFilter | None,
        query: Condition | None,
        index: CallIndex | None = None,
        cost: ColumnElement[float] | None = None,
    ) -> None:
        """Compile filter and query; pieces of text are looked up in the project's index, if it has one.

        `cost` is what calls cost, where that is asked for.

        Raises:
            InvalidRequest: they ask for what there is not, or for too much.
        """
        self._project = project
        self.fields = CallFields(project, None if index is None else index.narrow, cost)
        self._where = [CALL.c.project == project]
        self._where += conditions(given or CallFilter(), self.fields.text)
        if query is not None:
            self._where.append(compile_query(query, self.fields))

    def statement(
        self,
        sort_by: Sequence[SortBy] | None = None,
        limit: int | None = None,
        offset: int | None = None,
    ) -> Select[Any]:
        """Selects the `seq` of the calls that are meant, in their order.

        Raises:
            InvalidRequest: there is no such field to sort by, or a bound is negative.
        """
        order = sort_clauses(with_tie_break(sort_by), self.fields)
        wanted = self._from(select(CALL.c.seq)).order_by(*order)
        if limit is not None:
            wanted = wanted.limit(bound(limit, "limit"))
        if offset:
            wanted = wanted.offset(bound(offset, "offset"))
        return wanted

    def columns(self, paths: Sequence[str], limit: int | None) -> Select[Any]:
        """Selects fields that are columns, of the calls that are meant, in no order.

        Raises:
            UnknownField: one is no column.
        """
        columns = [column_of(self.fields, path).label(f"f{at}") for at, path in enumerate(paths)]
        wanted = self._from(select(*columns))
        return wanted if limit is None else wanted.limit(bound(limit, "limit"))

    def is_sorted(self, sort_by: Sequence[SortBy] | None) -> bool:
        """Whether finding a page takes sorting all calls: no index has them in this order."""
        return [sort.field for sort in with_tie_break(sort_by)[:1]] != ["started_at"]

    def count(
        self, connection: Connection, limit: int | None = None, *, with_size: bool = False
    ) -> Stats:
        """How many calls there are, up to `limit`, and how large they are together."""
        columns: list[ColumnElement[Any]] = [CALL.c.size_bytes] if with_size else [CALL.c.seq]
        found = self._from(select(*columns))
        if limit is not None:
            found = found.limit(bound(limit, "limit") + 1)
        inner = found.subquery()
        total = func.coalesce(func.sum(inner.c[0]), 0)
        wanted = select(func.count(), *([total] if with_size else [])).select_from(inner)
        count, *size = connection.execute(wanted).one()
        has_more = limit is not None and count > limit
        return Stats(min(count, limit) if has_more else count, has_more, *map(int, size))

    def _from(self, wanted: Select[Any]) -> Select[Any]:
        if self.fields.opens_payload:
            wanted = wanted.select_from(CALL.join(PAYLOAD, PAYLOAD.c.seq == CALL.c.seq))
        return wanted.where(*self._where)


def places(connection: Connection, wanted: Select[Any]) -> "array[int]":
    """The `seq` of every call that a statement finds."""
    found: array[int] = array("q")
    result = connection.execute(wanted).scalars()
    for group in result.partitions(10_000):
        found.extend(group)
    return found


def in_pieces(found: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    """What was found, some at a time."""
    for start in range(0, len(found), size):
        yield found[start : start + size]


def with_tie_break(sort_by: Sequence[SortBy] | None) -> Sequence[SortBy]:
    """The order that is meant: by start and id unless another is given, and never by chance but for `[]`."""
    if sort_by is None:
        return _BY_START
    if not sort_by or any(sort.field == "id" for sort in sort_by):
        return sort_by
    by_start = [sort.direction for sort in sort_by if sort.field == "started_at"]
    return (*sort_by, SortBy("id", by_start[0] if by_start else "desc"))


def column_of(fields: Fields, path: str) -> ColumnElement[Any]:
    """The column that a path stands for.

    Raises:
        UnknownField: it stands for none.
    """
    field = fields.find(path)
    if isinstance(field, TextField | NumberField | TimeField):
        return field.column
    raise UnknownField(path)


def bound(value: int, name: str) -> int:
    """A limit or an offset as a database takes it.

    Raises:
        InvalidRequest: it is negative.
    """
    if value < 0:
        raise InvalidRequest(f"{name} is 0 or more", param=name)
    return min(value, _LARGEST)
