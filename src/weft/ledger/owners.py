"""Owners of holds: each process says every second that it lives, and what the dead left open is given up.

A hold whose owner was silent for `LAPSE_S` becomes an `interrupted` usage record that costs nothing: nobody knows what
the dead process had sent, and what it had not settled it had not sent in full. Any process does this for all others.

A process that could not say so itself (the database was away, or the machine suspended it) judges nobody until it has
been heard again for as long: the others may be in the same position. Moments are the database's where it is a server,
so that gateways' clocks need not agree.
"""

import asyncio
import time
from collections.abc import Sequence

import structlog
from sqlalchemy import Connection

from weft.kit import bulk
from weft.kit.db import DATABASE_ERRORS, Database
from weft.kit.money import NanoUsd
from weft.ledger.holds import Hold, Settlement, read_holds
from weft.ledger.ledger import Ledger
from weft.ledger.types import Outcome, Tokens, UsageRecord, UsageSource
from weft.ledger.windows import minute_of

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

BEAT_S = 1.0
LAPSE_S = 10.0
FORGET_S = 3600.0
"""When the row of an owner that is gone is removed."""
OWNER_GONE = "owner_gone"
KEEP_MINUTES = 10
"""Of rates."""

_BEAT = (
    "INSERT INTO ledger_owner (id, started_at_us, heartbeat_at_us) VALUES (?, ?, ?)"
    " ON CONFLICT (id) DO UPDATE SET heartbeat_at_us = excluded.heartbeat_at_us"
)
_ALIVE = "SELECT id FROM ledger_owner WHERE heartbeat_at_us >= ?"
_FORGET = (
    "DELETE FROM ledger_owner WHERE heartbeat_at_us < ?"
    " AND NOT EXISTS (SELECT 1 FROM ledger_hold WHERE ledger_hold.owner = ledger_owner.id)"
)
_LEAVE = "DELETE FROM ledger_owner WHERE id = ?"
_PURGE = "DELETE FROM ledger_rate WHERE minute < ?"
_SERVER_CLOCK = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)"


class Owners:
    """The heartbeat of this process, and its eye on the others."""

    def __init__(self, database: Database, ledger: Ledger) -> None:
        self._database = database
        self._ledger = ledger
        self._heard_since_s: float | None = None
        self._heard_at_s = float("-inf")
        self._strays: set[str] = set()

    async def join(self) -> None:
        """Be heard for the first time: before the first hold."""
        await self._ledger.writer.submit(self._beat, None, durable=False)

    async def leave(self) -> None:
        """Say that nothing is to be expected any more. What is still open is given up by others, at once."""
        await self._ledger.writer.submit(self._leave, None)

    async def run(self) -> None:
        """Beat, retry what could not be settled, and sweep, until cancelled."""
        while True:
            started_s = time.monotonic()
            try:
                await self.turn()
            except DATABASE_ERRORS as error:
                self._heard_since_s = None
                _log.warning("heartbeat_failed", error=str(error)[:200])
            await asyncio.sleep(max(0.1, BEAT_S - (time.monotonic() - started_s)))

    async def turn(self) -> None:
        """One beat, and what follows from it."""
        await self._ledger.writer.submit(self._beat, None, durable=False)
        now_s = time.monotonic()
        if self._heard_since_s is None or now_s - self._heard_at_s > LAPSE_S / 2:
            self._heard_since_s = now_s
        self._heard_at_s = now_s
        if self._ledger.unsettled:
            await self._ledger.retry_unsettled()
        if now_s - self._heard_since_s >= LAPSE_S:
            await self.sweep()

    async def sweep(self) -> int:
        """Give up the holds of owners that are gone; returns how many."""
        orphans = await self._database.read_soon(find_orphans)
        strays = await self._database.read_soon(self._find_strays)
        # Twice seen: between the two looks at the table and at `live` a request may just have been settled.
        orphans += [hold for hold in strays if hold.id in self._strays]
        self._strays = {hold.id for hold in strays}
        given_up = 0
        for hold in orphans:
            settlement = Settlement(interrupted(hold, self._ledger.now_us()))
            await self._ledger.writer.submit(self._ledger.apply_settlements, settlement)
            given_up += not settlement.lapsed
        if given_up:
            _log.warning("holds_given_up", count=given_up, owners=len({h.owner for h in orphans}))
        return given_up

    def _find_strays(self, connection: Connection) -> list[Hold]:
        """Open holds of this process that it knows nothing of: none, unless an answer of the database got lost."""
        known = self._ledger.live.copy()
        mine = [hold for hold in read_holds(connection) if hold.owner == self._ledger.owner]
        return [hold for hold in mine if hold.id not in known]

    def _beat(self, connection: Connection, beats: Sequence[None]) -> None:
        del beats
        now_us = clock_us(connection)
        bulk.run(connection, _BEAT, (self._ledger.owner, now_us, now_us))
        bulk.run(connection, _FORGET, (now_us - int(FORGET_S * 1e6),))
        bulk.run(connection, _PURGE, (minute_of(now_us) - KEEP_MINUTES,))

    def _leave(self, connection: Connection, leaves: Sequence[None]) -> None:
        del leaves
        bulk.run(connection, _LEAVE, (self._ledger.owner,))


def find_orphans(connection: Connection) -> list[Hold]:
    """Open holds whose owners were silent for too long."""
    holds = read_holds(connection)
    if not holds:
        return []
    since_us = clock_us(connection) - int(LAPSE_S * 1e6)
    alive = {row[0] for row in bulk.run(connection, _ALIVE, (since_us,))}
    return [hold for hold in holds if hold.owner not in alive]


def clock_us(connection: Connection) -> int:
    """Now, by the clock that all who share this database share."""
    if connection.dialect.name == "sqlite":
        return time.time_ns() // 1000
    return int(bulk.run(connection, _SERVER_CLOCK)[0][0])


def interrupted(hold: Hold, now_us: int) -> UsageRecord:
    """What goes into the books for a request whose server died."""
    return UsageRecord(
        id=hold.id,
        started_at_us=hold.started_at_us,
        user_id=hold.user_id,
        team_id=hold.team_id,
        project_id=hold.project_id,
        key_id=hold.key_id,
        model_id=hold.model_id,
        served_model_id="",
        engine="",
        status=0,
        outcome=Outcome.INTERRUPTED,
        error_code=OWNER_GONE,
        stream=hold.stream,
        tokens=Tokens(),
        usage_source=UsageSource.NONE,
        price_version="",
        cost_nusd=NanoUsd(0),
        queue_us=0,
        ttft_us=0,
        total_us=max(now_us - hold.started_at_us, 0),
    )
