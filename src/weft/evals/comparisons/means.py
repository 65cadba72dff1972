"""The means of runs with their intervals, for lists: read a bounded number of trials at a time, and kept.

What is kept of a run is small, so that of thousands of them each is read once while nothing is added to it.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from weft.evals.calls import now_us
from weft.evals.comparisons.store import Far, read_progress
from weft.evals.comparisons.tried import columns_of
from weft.evals.results.read import read_rows
from weft.evals.statistics.quick import quick_estimate
from weft.evals.statistics.types import Estimate
from weft.traces.types import ProjectKey

READ = 10_000
"""Trials read for one answer; whoever asks again gets the next ones."""
KEPT_RUNS = 10_000

Estimates = Mapping[str, Estimate]


@dataclass(slots=True)
class Means:
    """What was worked out of runs, by project and run; a project never sees another's."""

    _kept: "OrderedDict[tuple[str, str], tuple[Far, Estimates]]" = field(
        default_factory=OrderedDict["tuple[str, str]", "tuple[Far, Estimates]"]
    )
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(
        self,
        connection: Connection,
        key: ProjectKey,
        project_id: str,
        ids: Sequence[str],
        most: int = READ,
    ) -> tuple[dict[str, Estimates], int]:
        """Estimates of these runs by metric, and how many runs are left for the next time.

        At least one run is read, however large it is; runs that have no trials have no estimates.
        """
        far = read_progress(connection, key, ids, now_us())
        found: dict[str, Estimates] = {}
        read = left = 0
        for id_ in ids:
            known = self._find(project_id, id_, far[id_])
            if known is None and read and read + far[id_].begun > most:
                left += 1
                continue
            if known is None:
                read += far[id_].begun
                known = _read(connection, key, id_)
                self._keep(project_id, id_, far[id_], known)
            found[id_] = known
        return found, left

    def _find(self, project_id: str, id_: str, far: Far) -> Estimates | None:
        with self._lock:
            kept = self._kept.get((project_id, id_))
            if kept is None or kept[0] != far:
                return None
            self._kept.move_to_end((project_id, id_))
            return kept[1]

    def _keep(self, project_id: str, id_: str, far: Far, estimates: Estimates) -> None:
        with self._lock:
            self._kept[project_id, id_] = far, estimates
            self._kept.move_to_end((project_id, id_))
            while len(self._kept) > KEPT_RUNS:
                self._kept.popitem(last=False)


def _read(connection: Connection, key: ProjectKey, id_: str) -> Estimates:
    rows = list(read_rows(connection, key, [id_], None).values())
    _metrics, columns = columns_of(id_, rows)
    return {
        metric: told
        for metric, column in columns.items()
        if (told := quick_estimate(column)) is not None
    }
