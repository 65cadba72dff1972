"""What `/calls/plots` is asked, and what it answers. A route of this server's own, for the console."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from weft.kit.errors import InvalidRequest
from weft.traces.calls.read.cost import COST
from weft.traces.calls.read.wire import CallFilter

TIME = "started_at"
COST_FIGURE = "cost"
FIGURES = {
    TIME: (TIME, 1_000.0),
    "latency": ("summary.weave.latency_ms", 1_000.0),
    COST_FIGURE: (COST, 1.0),
    "input_tokens": ("summary.weave.input_tokens", 1.0),
    "output_tokens": ("summary.weave.output_tokens", 1.0),
    "total_tokens": ("summary.weave.total_tokens", 1.0),
}
"""By name, the field of calls that it is, and how many of its units are one: milliseconds, seconds, dollars, tokens."""
TOKENS = frozenset({"input_tokens", "output_tokens", "total_tokens"})
"""Told of calls that used a model; of others they are not 0 but nothing."""
GROUPS = {
    "op": "summary.weave.trace_name",
    "model": "summary.weave.model",
    "status": "summary.weave.status",
    "user": "wb_user_id",
}
PLOTS = 12
BINS = 100
AGGREGATES = 8

Aggregate = Literal["average", "sum", "count", "min", "max", "p50", "p95", "p99"]


class BadPlots(InvalidRequest):
    """What is asked for cannot be drawn."""

    code = "invalid_plots"


class Plot(msgspec.Struct):
    """Calls in bins of a figure, or in groups; percentiles are those of the nearest rank."""

    x: str
    y: str
    group: str | None = None
    aggregates: Sequence[Aggregate] = ("average",)
    bins: int = 24

    @property
    def figures(self) -> list[str]:
        """The figures that it takes."""
        return [self.y, *([] if self.x in GROUPS else [self.x])]

    @property
    def groups(self) -> list[str]:
        """What it groups calls by."""
        return [name for name in (self.x, self.group) if name in GROUPS]


class PlotsBody(msgspec.Struct):
    """`calls/plots`."""

    project_id: str
    plots: list[Plot]
    filter: CallFilter | None = None
    query: Any = None


class DrawnBin(msgspec.Struct):
    """One stretch of the axis, or one group."""

    low: float | None
    """Milliseconds since 1970, or what the axis counts; null for groups."""
    high: float | None
    group: str | None
    """"" for calls that have none; null for all the other groups together."""
    values: list[float | None]
    """By group, then by aggregate; null where there is nothing."""


class Drawn(msgspec.Struct):
    """One plot."""

    groups: list[str | None]
    """As a bin's; one of "" where nothing is grouped by."""
    bins: list[DrawnBin]


class PlotsAnswer(msgspec.Struct):
    """What `calls/plots` answers."""

    calls: int | None
    """How many calls there are; null if they are too many to be added up."""
    plots: list[Drawn | None]
    """Null for a plot that cannot be drawn of them: there are too many, or costs are not told where they lie."""


def check(plots: Sequence[Plot]) -> None:
    """See that all can be drawn.

    Raises:
        BadPlots: one cannot, or there are too many.
    """
    if not 1 <= len(plots) <= PLOTS:
        raise BadPlots(f"1 to {PLOTS} plots at once", param="plots")
    for plot in plots:
        for name in plot.figures:
            if name not in FIGURES:
                known = ", ".join(FIGURES)
                raise BadPlots(f"{name[:100]} is none of the figures {known}", param="plots")
        if plot.group is not None and plot.group not in GROUPS:
            raise BadPlots(f"groups are {', '.join(GROUPS)}", param="plots")
        if not 1 <= plot.bins <= BINS or not 1 <= len(plot.aggregates) <= AGGREGATES:
            raise BadPlots(f"1 to {BINS} bins, 1 to {AGGREGATES} aggregates", param="plots")
