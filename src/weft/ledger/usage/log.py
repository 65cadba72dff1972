"""The usage log: one durable record for each request that was let in.

The door waits for `record` before the last byte of an answer leaves, so that what a client received in full is
metered. Ids are unique: a second record of the same request fails instead of counting it twice.
"""

import asyncio

from weft.kit.batch import GroupCommit
from weft.ledger.types import UsageRecord
from weft.ledger.usage.store import insert_usage


class UsageLog:
    """Where the door puts what was used."""

    def __init__(self, writer: GroupCommit) -> None:
        self._writer = writer

    def record(self, record: UsageRecord) -> "asyncio.Future[None]":
        """Queue `record`; the future ends when it is durable, or with the error that kept it from being so."""
        return self._writer.submit(insert_usage, record)
