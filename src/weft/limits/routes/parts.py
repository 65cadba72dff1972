"""What every route of limits needs, in one value."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from weft.catalog.catalog import Catalog
from weft.identity.types import User
from weft.kit.clock import Clock, to_us
from weft.kit.db import Database
from weft.limits.changes import Changes
from weft.limits.country.view import CountryView
from weft.limits.plans.load import Plans
from weft.limits.standing import Standings
from weft.limits.subjects import get_model_id


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
    catalog: Catalog | None = None
    """Whose models may be limited; None: models of any name."""
    country: CountryView | None = None
    """The rules about countries, for those who look at them."""

    @property
    def changes(self) -> Changes:
        """What changes plans and limits."""
        return Changes(self.plans, default_plan=self.default_plan)

    @property
    def standings(self) -> Standings:
        """What tells how somebody stands."""
        return Standings(self.plans, self.default_plan)

    def model_id(self, name: str) -> str:
        """The id that a model of this name is counted by.

        Raises:
            ModelNotFound: there is none.
        """
        return name if self.catalog is None else get_model_id(self.catalog, name)

    def now_us(self) -> int:
        """This moment."""
        return to_us(self.clock.now())
