"""`/calls/plots`: all calls of a question, in bins. A route of this server's own, for the console."""

from collections.abc import Sequence
from itertools import chain

from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection

from weft.traces.calls.plots.draw import drawn, gathered
from weft.traces.calls.plots.shapes import (
    COST_FIGURE,
    FIGURES,
    GROUPS,
    TOKENS,
    Drawn,
    Plot,
    PlotsAnswer,
    PlotsBody,
    check,
)
from weft.traces.calls.read.kept import CallStore, Wanted
from weft.traces.query.parse import parse_query
from weft.traces.routes.desk import Desk, json_answer, trace_router
from weft.traces.types import ProjectKey

MOST = 2_000_000
"""Calls that are added up one by one: 16 MB for each figure."""


def router(desk: Desk, calls: CallStore) -> APIRouter:
    """The route of plots."""
    routes = trace_router()

    @routes.post("/calls/plots")
    async def plots(request: Request) -> Response:
        """Figures of all calls that a filter and a query find, in bins of time or of another figure, or by group.

        What `/calls/stream_query` tells of single calls, added up: a call's figures are its own and those of all
        below it.
        """
        asked = await desk.reading(request, PlotsBody)
        body = asked.body
        check(body.plots)
        wanted = Wanted(body.filter, parse_query(body.query), limit=MOST + 1)

        def work(connection: Connection, project: ProjectKey) -> PlotsAnswer:
            return _read(calls, connection, project, wanted, body)

        empty = PlotsAnswer(0, [Drawn([], []) for _plot in body.plots])
        return json_answer(await desk.store.read(asked.project_id, work, empty=empty))

    _ = plots
    return routes


def _read(
    calls: CallStore,
    connection: Connection,
    project: ProjectKey,
    wanted: Wanted,
    body: PlotsBody,
) -> PlotsAnswer:
    possible = [plot for plot in body.plots if calls.has_costs or COST_FIGURE not in plot.figures]
    if not possible:
        return PlotsAnswer(None, [None for _plot in body.plots])
    figures, groups = _named(possible)
    paths = [*(FIGURES[name][0] for name in figures), *(GROUPS[name] for name in groups)]
    columns = gathered(calls.columns(connection, project, wanted, paths), figures, groups)
    if columns.calls > MOST:
        return PlotsAnswer(None, [None for _plot in body.plots])
    plots = [drawn(columns, plot) if plot in possible else None for plot in body.plots]
    return PlotsAnswer(columns.calls, plots)


def _named(plots: Sequence[Plot]) -> tuple[list[str], list[str]]:
    """The figures and the groups that are read, each once; whether a call used a model, the model tells."""
    figures = sorted(set(chain.from_iterable(plot.figures for plot in plots)))
    groups = set(chain.from_iterable(plot.groups for plot in plots))
    if not TOKENS.isdisjoint(figures):
        groups.add("model")
    return figures, sorted(groups)
