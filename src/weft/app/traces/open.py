"""The trace store, put together: its database, its writer with the spool, and the routes of every noun."""

import contextlib
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial

from fastapi import APIRouter
from sqlalchemy import Connection

from weft.app.http_protocol import Handler
from weft.app.parts.mounts import Mount, at_both_places
from weft.app.traces.database import open_trace_database
from weft.app.traces.place import CallPlace, open_calls
from weft.catalog.catalog import Catalog
from weft.identity.people import user_names
from weft.identity.projects.gate import ProjectGate
from weft.identity.projects.removed import removed_projects
from weft.identity.routes import SignedIn
from weft.identity.types import KeyId
from weft.kit.clock import Clock
from weft.kit.db import Database
from weft.kit.settings import Settings
from weft.ledger.prices.added import prices_of_files
from weft.traces.agents import routes as agent_routes
from weft.traces.agents.write import WriteAgentSpans, write_agent_spans
from weft.traces.calls.change import routes as call_changes
from weft.traces.calls.outline import routes as call_outlines
from weft.traces.calls.plots import routes as call_plots
from weft.traces.calls.read import routes as call_reads
from weft.traces.calls.read.extras import ExtrasReader, Usernames
from weft.traces.calls.read.kept import Wanted
from weft.traces.calls.read.reader import CallReader
from weft.traces.calls.read.wire import CallFilter
from weft.traces.calls.stats import routes as call_stats
from weft.traces.calls.usage import routes as call_usage
from weft.traces.costs import routes as costs
from weft.traces.costs.book import PriceBook
from weft.traces.feedback import routes as feedback
from weft.traces.feedback.parts import WriteFeedback
from weft.traces.feedback.write import FeedbackWriter
from weft.traces.files import routes as files
from weft.traces.files.write import FileWriter, WriteFilePart
from weft.traces.ingest import CallIngest
from weft.traces.objects import routes as objects
from weft.traces.objects.write import ObjectWriter, WriteObject
from weft.traces.otel import routes as otel_routes
from weft.traces.project import routes as project
from weft.traces.projects import ProjectKeys
from weft.traces.provenance import routes as provenance
from weft.traces.queues import routes as queues
from weft.traces.resolving import routes as refs
from weft.traces.retention import routes as retention
from weft.traces.retention.cleaner import Cleaner
from weft.traces.routes import service
from weft.traces.routes.desk import Desk
from weft.traces.search import routes as search
from weft.traces.search.indexer import Indexer
from weft.traces.store import TraceStore
from weft.traces.tables import routes as tables
from weft.traces.tables.write import TableWriter, WriteTable, WriteTableParts
from weft.traces.threads import routes as threads
from weft.traces.types import ProjectKey
from weft.traces.writing.ops import Kinds
from weft.traces.writing.spool import Spool
from weft.traces.writing.writer import StoreAway, TraceWriter

MIB = 1024 * 1024


class Traces:
    """What the composition root needs of traces."""

    def __init__(
        self,
        desk: Desk,
        cleaner: Cleaner,
        indexer: Indexer,
        usernames: Usernames,
        place: CallPlace,
        *,
        retention_days: int,
    ) -> None:
        self.store = desk.store
        self.gate = desk.gate
        self.desk = desk
        self.cleaner = cleaner
        self.indexer = indexer
        self.place = place
        self.usernames = usernames
        self.reader = CallReader(desk.store, ExtrasReader(desk.book, usernames), place.calls)
        self._ingest = CallIngest(desk.store, desk.gate)
        self._retention_days = retention_days

    def handlers(self) -> Mapping[bytes, Handler]:
        """What is answered without a web framework in between."""
        return self._ingest.handlers()

    def mounts(self) -> Sequence[Mount]:
        """The routes, under `/traces` and at the root."""
        desk, table = self.desk, self.place.table
        routers = [
            service.router(desk),
            otel_routes.router(desk),
            feedback.router(desk),
            costs.router(desk),
            call_changes.router(desk, self.place.remove),
            call_reads.router(desk, self.reader),
            call_stats.router(desk, table),
            call_usage.router(desk, table),
            call_outlines.router(desk, table),
            call_plots.router(desk, self.place.calls),
            threads.router(desk, table),
            project.router(desk, table),
            retention.router(desk, self._retention_days, self.cleaner.wake),
            objects.router(desk, self.usernames),
            files.router(desk),
            tables.router(desk),
            refs.router(desk),
            provenance.router(desk, table),
            queues.router(desk, table),
        ]
        if not self.place.is_apart:  # agents are told with their calls' texts, read beside them
            routers.append(agent_routes.router(desk))
        return at_both_places(routers)

    async def has_call(self, project_id: str, call_id: str) -> bool:
        """Whether a call of this id is kept in the project; also false while the store is away."""

        def work(connection: Connection, project: ProjectKey) -> bool:
            wanted = Wanted(CallFilter(call_ids=[call_id]), limit=1)
            return bool(self.place.calls.count(connection, project, wanted, with_size=False).count)

        try:
            return await self.store.read(project_id, work, empty=False)
        except StoreAway:
            return False

    def search_routers(self, accounts: Database, signed_in: SignedIn) -> Sequence[APIRouter]:
        """The routes that switch a project's index; none where calls lie in ClickHouse."""
        if self.place.is_apart:
            return []
        return [search.router(accounts, signed_in, self.store, self.indexer.wake, self.desk.clock)]


async def open_traces(
    stack: contextlib.AsyncExitStack,
    settings: Settings,
    accounts: Database,
    secret: bytes,
    clock: Clock,
    catalog: Catalog,
    used: Callable[[KeyId], None] | None = None,
) -> Traces:
    """Open the trace database and start its writer. Closed with `stack`.

    `accounts` is where identity and the ledger are kept; prices of `catalog` have been recorded there. `used` is
    told of every key that lets somebody in.

    Raises:
        CannotStart: the database cannot be opened or reached.
    """
    gate = ProjectGate(accounts, secret, clock, used)
    stack.callback(gate.close)
    database = open_trace_database(settings)
    stack.callback(database.close)
    with accounts.read() as connection:
        book = PriceBook(catalog.cards, prices_of_files(connection))
    keys = ProjectKeys()
    place = open_calls(stack, settings, keys, book)
    kinds = Kinds(
        {
            **place.kinds,
            WriteAgentSpans: partial(write_agent_spans, keys),
            WriteFeedback: FeedbackWriter(keys).apply,
            WriteObject: ObjectWriter(keys).apply,
            WriteFilePart: FileWriter(keys).apply,
            WriteTable: TableWriter(keys).apply,
            WriteTableParts: TableWriter(keys).apply,
        }
    )
    spool = Spool(settings.trace_spool_dir, settings.trace_spool_mib * MIB)
    writer = TraceWriter(database, kinds, spool)
    stack.push_async_callback(writer.close)
    await writer.start()

    def usernames(user_ids: Collection[str]) -> Mapping[str, str]:
        with accounts.read() as connection:
            return user_names(connection, user_ids)

    store = TraceStore(database, writer, keys)

    async def gone(project_ids: Sequence[str]) -> set[str]:
        return await accounts.read_soon(lambda c: removed_projects(c, project_ids))

    cleaner = Cleaner(
        store, gone, clock, server_days=settings.trace_retention_days, apart=place.apart
    )
    cleaner.start()
    stack.push_async_callback(cleaner.close)
    indexer = Indexer(store, clock)
    if not place.is_apart:
        indexer.start()
    stack.push_async_callback(indexer.close)
    desk = Desk(store, gate, clock, book)
    return Traces(
        desk, cleaner, indexer, usernames, place, retention_days=settings.trace_retention_days
    )
