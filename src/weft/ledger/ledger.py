"""The ledger as the rest of the server meets it: settlements and records go in, through the one writer.

Owns the book, and the order of things in a transaction. A settlement is durable when its future ends. What could not be
written, because the database was away, is kept and tried again (`retry_unsettled`), so that no hold stays open for ever
and no usage is lost while the process lives.
"""

from collections import deque
from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection

from weft.kit.batch import GroupCommit
from weft.kit.clock import Clock, to_us
from weft.ledger.book import Book
from weft.ledger.holds import HoldLapsed, Settlement, settle
from weft.ledger.posting import Head
from weft.ledger.types import UsageRecord
from weft.ledger.usage.store import insert_usage

UNSETTLED_LIMIT = 100_000


class Ledger:
    """One for each process that writes money."""

    def __init__(self, writer: GroupCommit, clock: Clock, owner: str) -> None:
        self.writer = writer
        self.owner = owner
        """This process, among those that share the database."""
        self.book = Book()
        self._clock = clock
        self._unsettled: deque[Settlement] = deque()
        self.live: set[str] = set()
        """The requests of this process whose holds are open, or about to be."""

    def now_us(self) -> int:
        """The clock, in microseconds."""
        return to_us(self._clock.now())

    async def settle(self, settlement: Settlement) -> None:
        """Close a hold: usage record and charge, durable when this returns.

        Raises:
            HoldLapsed: the hold was given up before; nothing was written.
            SQLAlchemyError: the database did not take it now; it will be tried again.
        """
        await self.writer.submit(self.apply_settlements, settlement, done=self._look_after)
        if settlement.lapsed:
            raise HoldLapsed

    async def record(self, record: UsageRecord) -> None:
        """Write the usage record of a request that was never admitted: it costs nothing, and holds nothing."""
        await self.writer.submit(self.apply_records, record, durable=False)

    async def retry_unsettled(self) -> int:
        """Try again what the database did not take before; returns how many are still to do."""
        for _ in range(len(self._unsettled)):
            settlement = self._unsettled.popleft()
            await self.writer.submit(self.apply_settlements, settlement, done=self._look_after)
        return len(self._unsettled)

    @property
    def unsettled(self) -> int:
        """Settlements that wait for the database."""
        return len(self._unsettled)

    def apply_settlements(self, connection: Connection, wanted: Sequence[Settlement]) -> None:
        """Runs on the writer's thread."""
        head = Head(connection, self.now_us())
        self.book.open(connection, head)
        settle(connection, self.book, head, wanted)
        for settlement in wanted:
            if settlement.also is not None and not settlement.lapsed:
                settlement.also(connection)
        self.book.close(connection, head)

    def apply_records(self, connection: Connection, records: Sequence[UsageRecord]) -> None:
        """Runs on the writer's thread."""
        now_us = self.now_us()
        replace = msgspec.structs.replace
        insert_usage(connection, [replace(record, posted_at_us=now_us) for record in records])

    def _look_after(self, settlement: Settlement, error: Exception | None) -> None:
        if error is None:
            self.live.discard(settlement.record.id)
        elif len(self._unsettled) < UNSETTLED_LIMIT:
            self._unsettled.append(settlement)
