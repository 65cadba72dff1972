"""The room of evaluations, put together: its door, and the routes of every noun."""

import contextlib
from collections.abc import Sequence

from fastapi import APIRouter

from weft.app.evals.door import InnerDoor
from weft.app.evals.monitors import Around, open_monitors
from weft.app.evals.outside import OutsideDoor
from weft.app.evals.playground import PlaygroundDoor
from weft.app.evals.stewards import Stewards
from weft.app.http_protocol import Handler
from weft.app.parts.mounts import Mount, at_both_places
from weft.app.traces.open import Traces
from weft.app.traces.paths import PLAYGROUND
from weft.evals.batches import routes as batch_routes
from weft.evals.batches.bench import Bench as BatchBench
from weft.evals.batches.keeper import Batches
from weft.evals.batches.work import House
from weft.evals.comparisons import routes as comparison_routes
from weft.evals.comparisons.read import RunReader
from weft.evals.completions import routes as completion_routes
from weft.evals.completions.ask import Completions
from weft.evals.leaderboards import routes as leaderboard_routes
from weft.evals.leaderboards.pages import routes as leaderboard_pages
from weft.evals.logged import routes as logged_routes
from weft.evals.ops import Ops
from weft.evals.playground import routes as playground_routes
from weft.evals.prompts import Prompts
from weft.evals.providers import routes as provider_routes
from weft.evals.providers.book import ProviderBook
from weft.evals.providers.reach import Reach
from weft.evals.providers.seal import KeySeal
from weft.evals.published import routes as published_routes
from weft.evals.results import routes as result_routes
from weft.evals.runs import routes as run_routes
from weft.evals.runs.keeper import Runs
from weft.evals.runs.routes import Bench
from weft.evals.shelf import Shelf
from weft.gateway.flow import InferenceDoor
from weft.gateway.tracing.recorder import Recorder
from weft.kit.db import Database
from weft.kit.settings import Settings
from weft.ledger.ledger import Ledger
from weft.upstream.guard import Guard


class Evals:
    """What the composition root needs of evaluations and the playground."""

    def __init__(
        self,
        stack: contextlib.AsyncExitStack,
        settings: Settings,
        database: Database,
        secret: bytes,
        traces: Traces,
    ) -> None:
        """Custom providers are ready to be asked; what is asked of them ends with `stack`."""
        reach = Reach(Guard.of(settings.provider_allow))
        stack.push_async_callback(reach.close)
        self._shelf = Shelf(traces.desk.store, traces.desk.clock)
        self._book = ProviderBook(database, self._shelf, KeySeal(secret), reach)
        self._database = database
        self._traces = traces
        self._stack = stack

    def widen(self, door: InferenceDoor) -> OutsideDoor:
        """`door`, which knows the models of custom providers as well."""
        return OutsideDoor(door, self._book)

    def doors(self, door: InferenceDoor, recorder: Recorder) -> dict[bytes, Handler]:
        """What answers a POST to the playground's path."""
        return {PLAYGROUND: PlaygroundDoor(door, self._traces.gate, recorder, self._book)}

    def mounts(self, door: InferenceDoor, around: Around, ledger: Ledger) -> Sequence[Mount]:
        """The routes of traces and of this room, under `/traces` and at the root, and those of the playground."""
        traces, shelf = self._traces, self._shelf
        desk = traces.desk
        inner = InnerDoor(door, desk.gate, self._book, Stewards(around.database), ledger)
        completions = Completions(inner, desk.store)
        prompts, ops, runs = Prompts(shelf), Ops(shelf), Runs(desk.store)
        self._stack.push_async_callback(runs.close)
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
        reader = RunReader(desk.book, traces.usernames)
        pages = [
            provider_routes.router(desk, self._book),
            playground_routes.router(desk, shelf, traces.reader),
            *self._batches(inner, ops, prompts, ledger),
        ]
        if not traces.place.is_apart:
            pages.append(leaderboard_pages.router(desk, shelf))
            pages.append(comparison_routes.router(desk, reader))
            parts = (desk, shelf, ops, prompts, door, inner)
            pages.append(open_monitors(self._stack, around, *parts))
        return [*traces.mounts(), *map(Mount, pages), *at_both_places(routers)]

    def _batches(
        self, door: InnerDoor, ops: Ops, prompts: Prompts, ledger: Ledger
    ) -> Sequence[APIRouter]:
        """Evaluations under a budget; their tables are beside the ledger's, wherever traces are kept."""
        house = House(self._database, ledger.writer, self._shelf, ops, ledger.owner)
        batches = Batches(house)
        self._stack.push_async_callback(batches.close)
        batches.start()
        return [batch_routes.router(self._traces.desk, BatchBench(batches, door, prompts))]
