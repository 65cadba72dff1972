"""What monitors work with, how much they may do, and what they did: handed in and read by the composition root."""

from dataclasses import dataclass, field

from weft.evals.door import Door
from weft.evals.monitors.spec import Stewards
from weft.evals.monitors.types import Pause
from weft.evals.monitors.watching.budget import Charges
from weft.evals.monitors.watching.rules import Herald
from weft.evals.ops import Ops
from weft.evals.prompts import Prompts
from weft.evals.shelf import Shelf
from weft.kit.clock import Clock
from weft.traces.store import TraceStore
from weft.traces.types import ProjectKey

Key = tuple[ProjectKey, str]


@dataclass(frozen=True, slots=True)
class Pace:
    """How much monitors may do."""

    look_s: float
    per_minute: int
    """Calls judged by one monitor."""
    backlog: int
    """Calls that wait for one monitor."""

    @property
    def batch(self) -> int:
        """Calls judged in one pass."""
        return max(1, int(self.per_minute * self.look_s / 60))


@dataclass(frozen=True, slots=True)
class Parts:
    """What monitors work with."""

    store: TraceStore
    shelf: Shelf
    ops: Ops
    prompts: Prompts
    door: Door
    charges: Charges
    stewards: Stewards
    herald: Herald
    clock: Clock
    pace: Pace


@dataclass(slots=True)
class Tally:
    """What this process did since it started; for metrics."""

    judged: int = 0
    refused: int = 0
    states: dict[Key, Pause] = field(default_factory=dict[Key, Pause])
