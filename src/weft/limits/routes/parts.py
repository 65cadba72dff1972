"""What every route of limits needs, in one value."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from weft.identity.types import User
from weft.kit.clock import Clock, to_us
from weft.kit.db import Database
from weft.limits.changes import Changes
from weft.limits.plans.load import Plans
from weft.limits.standing import Standings


@dataclass(frozen=True, slots=True)
class Parts:
    """Handed in by `app`."""

    database: Database
    plans: Plans
    default_plan: str
    """The plan of teams that were given none."""
    clock: Clock
    signed_in: Callable[..., Awaitable[User]]
    """A FastAPI dependency that yields who asks, or refuses."""

    @property
    def changes(self) -> Changes:
        """What changes plans and limits."""
        return Changes(self.plans, default_plan=self.default_plan)

    @property
    def standings(self) -> Standings:
        """What tells how somebody stands."""
        return Standings(self.plans, self.default_plan)

    def now_us(self) -> int:
        """This moment."""
        return to_us(self.clock.now())
