"""What a monitor may spend: every question to a model sets its worst case aside first, and gives back what was left.

Invariant: the sum of what was charged and what is set aside never exceeds the day's budget. What was charged is what
the ledger says of the request, not what the answer tells of itself. The door's own limits hold besides: this only
narrows them.
"""

import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Protocol

from weft.evals.door import Asker, Door, Reply
from weft.evals.monitors.store import give_back, reserve
from weft.evals.runs.asking import RunRefused
from weft.kit.clock import Clock
from weft.kit.errors import WeftError
from weft.traces.store import TraceStore


class BudgetGone(RunRefused):
    """What is left of the monitor's budget for today does not hold the worst case of one more question."""

    code = "monitor_budget_spent"
    remedy = "wait for the day to turn, in UTC, or give the monitor a larger budget"


class Charges(Protocol):
    """What questions can cost and did cost; the ledger's word, handed in."""

    async def worst_nusd(self, asker: Asker, payload: bytes) -> int:
        """The most that a request can cost, before it is asked.

        Raises:
            WeftError: nothing answers for its model.
        """
        ...

    async def charged_nusd(self, request_id: str) -> int | None:
        """What a request that is over was charged; None where nothing was written down of it."""
        ...


@dataclass(frozen=True, slots=True)
class Purse:
    """One monitor's money, as of one version of it."""

    store: TraceStore
    clock: Clock
    project_id: str
    name: str
    digest: str

    async def take(self, worst_nusd: int) -> str:
        """Set the worst case aside; the day that it was taken from.

        Raises:
            BudgetGone: the day's budget does not hold it.
        """
        day = utc_day(self.clock)
        fits = await self.store.change(
            self.project_id,
            lambda c, key: reserve(
                c, key, self.name, day=day, worst_nusd=worst_nusd, digest=self.digest
            ),
        )
        if not fits:
            raise BudgetGone("Today's budget does not hold one more judgement at its worst")
        return day

    async def settle(self, day: str, unused_nusd: int) -> None:
        """Give back what was not used."""
        if unused_nusd > 0:
            await self.store.change(
                self.project_id,
                lambda c, key: give_back(c, key, self.name, day=day, unused_nusd=unused_nusd),
            )


@dataclass(frozen=True, slots=True)
class BudgetedDoor:
    """Implements `Door` for one monitor: nothing is asked that its purse does not hold."""

    door: Door
    charges: Charges
    purse: Purse

    @contextlib.asynccontextmanager
    async def ask(self, asker: Asker, payload: bytes) -> AsyncGenerator[Reply]:
        """See `Door.ask`.

        Raises:
            BudgetGone: the purse does not hold it.
            RunRefused: nothing answers for its model.
        """
        try:
            worst_nusd = await self.charges.worst_nusd(asker, payload)
        except WeftError as error:
            remedy = str(error.metadata.get("remedy") or "") or None
            raise RunRefused(error.message, remedy=remedy) from error
        day = await self.purse.take(worst_nusd)
        request_id = ""
        try:
            async with self.door.ask(asker, payload) as reply:
                request_id = reply.request_id
                yield reply
        finally:
            # A request that never reached the door was not charged; one whose record is missing may still be.
            charged = await self.charges.charged_nusd(request_id) if request_id else 0
            if charged is not None:
                await self.purse.settle(day, worst_nusd - charged)


def utc_day(clock: Clock) -> str:
    """Today, as budgets count days."""
    return f"{clock.now():%Y-%m-%d}"
