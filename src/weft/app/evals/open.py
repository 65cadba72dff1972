"""The room of evaluations, put together: its door, and the routes of every noun."""

import contextlib
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter

from weft.app.evals.door import InnerDoor
from weft.app.traces.open import Traces
from weft.evals.completions import routes as completion_routes
from weft.evals.completions.ask import Completions
from weft.evals.prompts import Prompts
from weft.evals.results import routes as result_routes
from weft.evals.results.query import no_rows
from weft.gateway.flow import InferenceDoor
from weft.identity.projects.gate import Visitor
from weft.traces.costs.book import PriceBook
from weft.traces.errors import NotSupported
from weft.traces.refs import Ref
from weft.traces.routes.desk import PREFIXES


def with_evals(
    stack: contextlib.AsyncExitStack, traces: Traces, door: InferenceDoor
) -> Sequence[APIRouter]:
    """The routes of traces and of this room, under `/traces` and at the root; what runs is ended with `stack`."""
    desk = traces.desk
    inner = InnerDoor(door, desk.gate)
    completions = Completions(inner, desk.store)
    book = PriceBook(door.catalog.cards)
    routers = [
        completion_routes.router(desk, completions, Prompts(_no_objects)),
        result_routes.router(desk, book, no_rows),
    ]
    mounted = [*traces.routers()]
    for prefix in PREFIXES:
        outer = APIRouter()
        for router in routers:
            outer.include_router(router, prefix=prefix, include_in_schema=bool(prefix))
        mounted.append(outer)
    del stack
    return mounted


async def _no_objects(_visitor: Visitor, _ref: Ref) -> Any:
    raise NotSupported("a saved prompt in a completion")
