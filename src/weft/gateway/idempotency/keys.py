"""The keys in the database, for async code: claims are taken, kept alive, and turned into kept answers or given back.

Writes go through the group commit, so a key costs a share of a transaction that is written anyway. Claims and beats are
not fsynced: what loses them, a power cut, ends the work too. Kept answers are. Owns the beat of this process's claims
and the purge of what is over.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from weft.gateway.idempotency import store
from weft.gateway.idempotency.store import Claim
from weft.gateway.idempotency.types import Kept, State, Use
from weft.kit.batch import GroupCommit
from weft.kit.db import Database

log = logging.getLogger(__name__)

BEAT_EVERY_S = 2.0
PURGE_EVERY_S = 60.0
PURGE_ROWS = 50
"""In one transaction: rows may be large, and others wait for it."""
PURGE_PAUSE_S = 0.05


@dataclass(slots=True)
class _Claiming:
    claim: Claim
    state: State = State.BUSY


@dataclass(slots=True)
class Keeping:
    """An answer to be kept, as an operation of the group commit."""

    use: Use
    kept: Kept
    is_held: bool = False
    """Whether the claim was still held, and the answer is kept; known once it was written."""

    def write(self, connection: Connection) -> None:
        """Keep it, unless the claim was taken over: then somebody else answers for the key."""
        self.is_held = store.keep(connection, self.use, self.kept)


class Keys:
    """The keys of one database. `start` inside the event loop; `close` when no request is left."""

    def __init__(self, database: Database, writer: GroupCommit) -> None:
        self._database = database
        self._writer = writer
        self._held: set[Claim] = set()
        self._upkeep: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to beat and to purge."""
        self._upkeep = asyncio.get_running_loop().create_task(self._keep_up())

    async def close(self) -> None:
        """Stop. Idempotent."""
        if self._upkeep is not None:
            self._upkeep.cancel()
            await asyncio.wait([self._upkeep])
            self._upkeep = None

    @property
    def held(self) -> int:
        """How many claims this process keeps alive."""
        return len(self._held)

    async def claim(self, claim: Claim) -> State:
        """Take the key, or learn what it is. One that was taken is kept alive until `drop`."""
        asked = _Claiming(claim)
        self._held.add(claim)
        try:
            await self._writer.submit(_claim, asked, durable=False)
        except BaseException:
            self.drop(claim)
            raise
        if asked.state is not State.OURS:
            self.drop(claim)
        return asked.state

    async def keep(self, keeping: Keeping) -> None:
        """Keep the answer for those who come later; it is durable when this returns. See `Keeping.is_held`."""
        await self._writer.submit(_keep, keeping)

    async def release(self, claim: Claim) -> None:
        """Give the key back: whoever comes next is the first."""
        self.drop(claim)
        await self._writer.submit(_release, claim)

    def drop(self, claim: Claim) -> None:
        """Stop keeping the claim alive."""
        self._held.discard(claim)

    async def find_kept(self, use: Use) -> Kept | None:
        """The answer that is kept for this use."""
        return await self._database.read_soon(
            lambda connection: store.find_kept(connection, use, store.now_us(connection))
        )

    async def is_claimable(self, use: Use) -> bool:
        """Whether the process that holds the key is done with it, or dead."""
        return await self._database.read_soon(
            lambda connection: store.is_claimable(connection, use, store.now_us(connection))
        )

    async def beat(self) -> None:
        """Say that the claims of this process are alive."""
        if self._held:
            await self._writer.submit(_beat, tuple(self._held), durable=False)

    async def purge(self) -> int:
        """Delete what is over, a little at a time; how many rows it were."""
        total = 0
        while True:
            deleted = await self._database.write_soon(
                lambda connection: store.purge(connection, store.now_us(connection), PURGE_ROWS)
            )
            total += deleted
            if deleted < PURGE_ROWS:
                return total
            await asyncio.sleep(PURGE_PAUSE_S)

    async def _keep_up(self) -> None:
        loop = asyncio.get_running_loop()
        purge_at_s = loop.time()
        while True:
            try:
                await self.beat()
                if loop.time() >= purge_at_s:
                    purge_at_s = loop.time() + PURGE_EVERY_S
                    await self.purge()
            except Exception:
                log.exception("idempotency_upkeep_failed")
            await asyncio.sleep(BEAT_EVERY_S)


def _keep(connection: Connection, keepings: Sequence[Keeping]) -> None:
    for keeping in keepings:
        keeping.write(connection)


def _claim(connection: Connection, asked: Sequence[_Claiming]) -> None:
    now = store.now_us(connection)
    # In one order everywhere, so that two processes which claim the same keys do not wait for each other.
    for one in sorted(asked, key=lambda one: one.claim.use.scope):
        one.state = store.claim(connection, one.claim, now)


def _release(connection: Connection, claims: Sequence[Claim]) -> None:
    for claim in claims:
        store.release(connection, claim)


def _beat(connection: Connection, held: Sequence[tuple[Claim, ...]]) -> None:
    store.beat(connection, [claim for claims in held for claim in claims], store.now_us(connection))
