"""The room of evaluations, put together: its door, and the routes of every noun."""

import contextlib
from collections.abc import Sequence

from fastapi import APIRouter

from weft.app.evals.door import InnerDoor
from weft.app.traces.open import Traces
from weft.evals.completions import routes as completion_routes
from weft.evals.completions.ask import Completions
from weft.evals.leaderboards import routes as leaderboard_routes
from weft.evals.logged import routes as logged_routes
from weft.evals.ops import Ops
from weft.evals.prompts import Prompts
from weft.evals.published import routes as published_routes
from weft.evals.results import routes as result_routes
from weft.evals.runs import routes as run_routes
from weft.evals.runs.keeper import Runs
from weft.evals.runs.routes import Bench
from weft.evals.shelf import Shelf
from weft.gateway.flow import InferenceDoor
from weft.traces.routes.desk import PREFIXES


def with_evals(
    stack: contextlib.AsyncExitStack, traces: Traces, door: InferenceDoor
) -> Sequence[APIRouter]:
    """The routes of traces and of this room, under `/traces` and at the root; what runs is ended with `stack`."""
    desk = traces.desk
    inner = InnerDoor(door, desk.gate)
    completions = Completions(inner, desk.store)
    shelf = Shelf(desk.store, desk.clock)
    prompts, ops, runs = Prompts(shelf), Ops(shelf), Runs(desk.store)
    stack.push_async_callback(runs.close)
    bench = Bench(desk, shelf, ops, completions, prompts, runs)
    routers = [
        completion_routes.router(desk, completions, prompts),
        published_routes.router(desk, shelf),
    ]
    if not traces.place.is_apart:  # these read the tables of calls themselves
        routers += [
            result_routes.router(desk),
            run_routes.router(bench),
            logged_routes.router(desk, ops),
            leaderboard_routes.router(desk, shelf),
        ]
    mounted = [*traces.routers()]
    for prefix in PREFIXES:
        outer = APIRouter()
        for router in routers:
            outer.include_router(router, prefix=prefix, include_in_schema=bool(prefix))
        mounted.append(outer)
    return mounted
