"""Whether a gateway's memory stays flat: many requests in steps, resident memory after each."""

import time
from dataclasses import replace

from load import Load, LoadRun, Programs, run_load
from records import MemoryCurve
from scenarios import SCENARIOS
from targets import Target

STEPS = 10
STREAMED_SHARE = 10
"""One request in ten is a stream of 100 chunks."""
SETTLE_S = 0.5


def take_memory_curve(
    programs: Programs, target: Target, run: LoadRun, *, requests: int
) -> tuple[MemoryCurve, list[Load]]:
    """Send `requests` in ten steps; answers the curve, and what the load client saw."""
    by_name = {scenario.name: scenario for scenario in SCENARIOS}
    per_step = requests // STEPS
    streamed = per_step // STREAMED_SHARE
    mix = ((by_name["c64"], per_step - streamed), (by_name["burst64"], streamed))
    loads: list[Load] = []
    counts: list[int] = []
    rss_mib: list[float] = []
    for step in range(STEPS):
        loads += [run_load(programs, scenario, replace(run, requests=n)) for scenario, n in mix]
        time.sleep(SETTLE_S)
        counts.append((step + 1) * per_step)
        rss_mib.append(round(target.memory().rss_mib, 1))
    lost = sum(load.lost for load in loads)
    return MemoryCurve(target.name, tuple(counts), tuple(rss_mib), lost), loads
