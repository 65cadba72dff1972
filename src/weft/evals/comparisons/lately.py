"""What was read of runs lately, kept while nothing is added to them. By project, so that nobody sees another's."""

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from time import monotonic

from weft.evals.comparisons.store import Far
from weft.evals.comparisons.tried import Tried

KEPT_TRIALS = 400_000
KEPT_S = 300.0
"""Prices change, and so do scores that come later."""


@dataclass(slots=True)
class _Kept:
    far: Far
    at_s: float
    tried: Tried


@dataclass(slots=True)
class Lately:
    """What was read lately, by project and run."""

    _kept: "OrderedDict[tuple[str, str], _Kept]" = field(
        default_factory=OrderedDict["tuple[str, str]", "_Kept"]
    )
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def find(self, project_id: str, run: str, far: Far) -> Tried | None:
        """What is kept of a run that is as far as then."""
        with self._lock:
            kept = self._kept.get((project_id, run))
            if kept is None or kept.far != far or monotonic() - kept.at_s > KEPT_S:
                return None
            self._kept.move_to_end((project_id, run))
            return kept.tried

    def keep(self, project_id: str, run: str, far: Far, tried: Tried) -> None:
        """Keep it until there is too much."""
        with self._lock:
            self._kept[project_id, run] = _Kept(far, monotonic(), tried)
            self._kept.move_to_end((project_id, run))
            while len(self._kept) > 1 and self._count() > KEPT_TRIALS:
                self._kept.popitem(last=False)

    def clear(self) -> None:
        """Forget all of it."""
        with self._lock:
            self._kept.clear()

    def _count(self) -> int:
        return sum(one.tried.trial_count for one in self._kept.values())
