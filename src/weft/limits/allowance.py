"""What a caller may do: looked up on the hot path, worked out anew after any change of identity, plans or limits.

Invariant: what `find` gives was worked out at the generation that the gate knows of, so a change of a limit holds from
the next request on, in every process, as a change of a key does.
"""

from sqlalchemy import Connection

from weft.identity.generation import read_generation
from weft.identity.principal import Gate
from weft.identity.types import Principal
from weft.kit.db import Database
from weft.limits.plans.load import Plans
from weft.limits.plans.store import get_team_plan
from weft.limits.resolve import resolve, subjects_of
from weft.limits.store import find_limits
from weft.limits.types import Allowance

CACHE_LIMIT = 10_000


class Allowances:
    """Knows what callers may do. One per event loop; not for use by several threads."""

    def __init__(self, database: Database, gate: Gate, plans: Plans, *, default_plan: str) -> None:
        self._database = database
        self._gate = gate
        self._plans = plans
        self._default_plan = default_plan
        self._cache: dict[tuple[str, str, str], Allowance] = {}
        self._generation: int | None = None

    def find(self, principal: Principal, model_id: str) -> Allowance | None:
        """What the caller may do with a model, if that was asked before and nothing changed since; None: `load`."""
        generation = self._gate.generation
        if generation != self._generation or generation is None:
            return None
        return self._cache.get((principal.key_id, principal.project_id, model_id))

    async def load(self, principal: Principal, model_id: str) -> Allowance:
        """What the caller may do with a model.

        Raises:
            PlanMissing: the team's plan is described nowhere any more.
        """
        generation, allowance = await self._database.read_soon(
            lambda c: (
                read_generation(c),
                allowance_of(
                    c, self._plans, principal, model_id=model_id, default=self._default_plan
                ),
            )
        )
        if generation == self._gate.generation:
            if generation != self._generation or len(self._cache) >= CACHE_LIMIT:
                self._cache.clear()
                self._generation = generation
            self._cache[principal.key_id, principal.project_id, model_id] = allowance
        return allowance


def allowance_of(
    connection: Connection, plans: Plans, principal: Principal, *, model_id: str, default: str
) -> Allowance:
    """What the caller may do with a model, as the database says now."""
    subjects = subjects_of(principal)
    plan = get_team_plan(connection, plans, principal.team_id, default)
    rows = find_limits(connection, [subject.id for subject in subjects])
    return resolve(plan, rows, subjects, model_id)
