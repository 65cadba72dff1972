"""Where calls are read from: what a place that keeps calls has to answer, and the trace database as one."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from sqlalchemy import Connection, func, select

from weft.traces.calls.read.cost import COST, cost_column
from weft.traces.calls.read.find import Search, in_pieces, places
from weft.traces.calls.read.lines import ROWS, read_rows
from weft.traces.calls.read.orders import Orders
from weft.traces.calls.read.wire import CallFilter, Stats
from weft.traces.costs.book import EMPTY_BOOK, PriceBook
from weft.traces.query.ast import Condition, paths_of
from weft.traces.query.compile import SortBy
from weft.traces.schema import CALL
from weft.traces.search.reading import find_index
from weft.traces.types import ProjectKey


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which calls, in which order."""

    given: CallFilter | None = None
    query: Condition | None = None
    sort_by: Sequence[SortBy] | None = None
    limit: int | None = None
    offset: int = 0
    order_token: str = ""
    """Under which the order is kept from page to page; empty: it is not."""

    @property
    def question(self) -> str:
        """What decides which calls there are, and in which order."""
        return repr((self.given, self.query, self.sort_by))

    def uses(self, path: str) -> bool:
        """Whether it filters or sorts by this path."""
        sorts = {sort.field for sort in self.sort_by or ()}
        return path in sorts or (self.query is not None and path in paths_of(self.query))

    def only(
        self, query: Condition | None, sort_by: Sequence[SortBy] | None, limit: int
    ) -> "Wanted":
        """The same calls by another query, the first of them."""
        return replace(self, query=query, sort_by=sort_by, limit=limit, offset=0)


class CallStore(Protocol):
    """Keeps calls. `connection` is always a reader's of the trace database, where everything else is."""

    @property
    def has_costs(self) -> bool:
        """Whether what calls cost can be asked of it."""
        ...

    def rows(
        self,
        connection: Connection,
        project: ProjectKey,
        wanted: Wanted,
        texts: Sequence[str],
    ) -> Iterator[Sequence[Any]]:
        """Calls in groups: rows with the narrow columns of `trace_call`, and of the texts those named.

        Raises:
            InvalidRequest: what is wanted asks for what there is not, or for too much.
        """
        ...

    def count(
        self, connection: Connection, project: ProjectKey, wanted: Wanted, *, with_size: bool
    ) -> Stats:
        """How many calls there are, up to the limit.

        Raises:
            InvalidRequest: as `rows`.
        """
        ...

    def columns(
        self, connection: Connection, project: ProjectKey, wanted: Wanted, paths: Sequence[str]
    ) -> Iterator[Sequence[Sequence[Any]]]:
        """Of calls that are wanted, up to the limit and in no order, the values of fields that are columns.

        Raises:
            InvalidRequest: as `rows`.
        """
        ...

    def trace_sizes(
        self, connection: Connection, project: ProjectKey, trace_ids: Collection[str]
    ) -> Mapping[str, int]:
        """How large whole traces are."""
        ...


class SqlCalls:
    """Calls in the trace database itself."""

    has_costs = True

    def __init__(self, book: PriceBook = EMPTY_BOOK) -> None:
        """Read calls whose costs are those of `book` where a project has no prices of its own."""
        self._book = book
        self._orders = Orders()

    def rows(
        self,
        connection: Connection,
        project: ProjectKey,
        wanted: Wanted,
        texts: Sequence[str],
    ) -> Iterator[Sequence[Any]]:
        """See `CallStore.rows`."""
        search = self._search(connection, project, wanted)
        found = self._places(connection, project, wanted, search)
        for seqs in in_pieces(found, ROWS):
            yield read_rows(connection, project, seqs, texts)

    def count(
        self, connection: Connection, project: ProjectKey, wanted: Wanted, *, with_size: bool
    ) -> Stats:
        """See `CallStore.count`."""
        search = self._search(connection, project, wanted)
        return search.count(connection, wanted.limit, with_size=with_size)

    def columns(
        self, connection: Connection, project: ProjectKey, wanted: Wanted, paths: Sequence[str]
    ) -> Iterator[Sequence[Sequence[Any]]]:
        """See `CallStore.columns`."""
        search = self._search(connection, project, wanted, paths)
        columns = search.columns(paths, wanted.limit)
        yield from connection.execute(columns, execution_options={"yield_per": 5_000}).partitions()

    def trace_sizes(
        self, connection: Connection, project: ProjectKey, trace_ids: Collection[str]
    ) -> Mapping[str, int]:
        """See `CallStore.trace_sizes`."""
        sizes = (
            select(CALL.c.trace_id, func.sum(CALL.c.size_bytes))
            .where(CALL.c.project == project, CALL.c.trace_id.in_(trace_ids))
            .group_by(CALL.c.trace_id)
        )
        return {trace_id: int(size) for trace_id, size in connection.execute(sizes)}

    def _places(
        self, connection: Connection, project: ProjectKey, wanted: Wanted, search: Search
    ) -> Sequence[int]:
        """Where the calls are.

        A sort that no index serves goes through all calls in any case, so that its order is kept from the first page
        on. Where they only have to be looked into, the first page is there before the others are looked for.
        """
        limit, offset = wanted.limit, wanted.offset
        is_kept = search.is_sorted(wanted.sort_by) or (search.fields.opens_payload and offset > 0)
        if wanted.order_token and limit is not None and is_kept:
            key = (project, wanted.order_token, wanted.question)
            found = self._orders.find(
                key,
                offset,
                offset + limit,
                lambda most: places(connection, search.statement(wanted.sort_by, most)),
            )
            if found is not None:
                return found
        return places(connection, search.statement(wanted.sort_by, limit, offset))

    def _search(
        self,
        connection: Connection,
        project: ProjectKey,
        wanted: Wanted,
        paths: Sequence[str] = (),
    ) -> Search:
        index = None if wanted.query is None else find_index(connection, project)
        needs_cost = COST in paths or wanted.uses(COST)
        cost = cost_column(connection, project, self._book) if needs_cost else None
        return Search(project, wanted.given, wanted.query, index, cost)
