"""`/api/evals/{team}/{project}/leaderboards`: what the console asks, with ranks, intervals and ties."""

import asyncio
from dataclasses import dataclass, field
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from sqlalchemy import Connection

from weft.evals.leaderboards.board import Gathered, Sources, gather, nothing_of, work_out
from weft.evals.leaderboards.kept import Memory
from weft.evals.leaderboards.pages.answers import answer_of, choices_of, head_of, spec_of
from weft.evals.leaderboards.pages.shapes import (
    BoardAnswer,
    BoardList,
    BoardWire,
    ChoicesAnswer,
    EvaluationChoice,
    SavedAnswer,
)
from weft.evals.leaderboards.runs import read_datasets, read_runs
from weft.evals.leaderboards.saved import (
    LeaderboardExists,
    NoSuchLeaderboard,
    SavedBoard,
    find_board,
    list_boards,
    object_name,
    value_of,
)
from weft.evals.leaderboards.types import Spec
from weft.evals.shelf import Shelf
from weft.identity.projects.gate import Visitor
from weft.kit.clock import to_us
from weft.traces.objects.read import find_version
from weft.traces.objects.write import delete_versions
from weft.traces.routes.desk import Desk
from weft.traces.types import ProjectKey

BASE = "/api/evals/{team}/{project}"
Versions = Literal["exact", "any"]


@dataclass(frozen=True, slots=True)
class Boards:
    """Reads, works out and saves leaderboards."""

    desk: Desk
    shelf: Shelf
    memory: Memory = field(default_factory=Memory)

    async def listed(self, visitor: Visitor) -> BoardList:
        """All that are saved."""
        found = await self.desk.store.read(
            visitor.project_id, list_boards, empty=list[SavedBoard]()
        )
        return BoardList(leaderboards=[head_of(one) for one in found])

    async def saved(self, visitor: Visitor, name: str, version: str) -> SavedBoard:
        """One that is saved.

        Raises:
            NoSuchLeaderboard: there is none.
        """
        found = await self.desk.store.read(
            visitor.project_id, lambda c, key: find_board(c, key, name, version), empty=None
        )
        if found is None:
            raise self.desk.store.missing(NoSuchLeaderboard(name))
        return found

    async def answer(
        self, visitor: Visitor, spec: Spec, saved: SavedBoard | None, versions: Versions
    ) -> BoardAnswer:
        """A board, worked out beside the event loop."""
        sources = Sources(self.memory, self.desk.book, visitor.name)

        def read(connection: Connection, key: ProjectKey) -> Gathered:
            return gather(connection, key, spec, sources, every_version=versions == "any")

        gathered = await self.desk.store.read(visitor.project_id, read, empty=nothing_of(spec))
        board = await asyncio.to_thread(work_out, gathered, self.memory)
        return answer_of(board, saved, visitor.name)

    async def save(self, visitor: Visitor, name: str, spec: Spec) -> SavedAnswer:
        """Publish a version."""
        ref = await self.shelf.publish(visitor, name, value_of(spec, visitor.name))
        return SavedAnswer(name=name, ref=ref)

    async def is_taken(self, visitor: Visitor, name: str) -> bool:
        """Whether there is an object of this name."""
        found = await self.desk.store.read(
            visitor.project_id, lambda c, key: find_version(c, key, name, "latest"), empty=None
        )
        return found is not None and found.deleted_at_us is None

    async def remove(self, visitor: Visitor, name: str) -> None:
        """Delete a leaderboard with all its versions; its runs stay.

        Raises:
            NoSuchLeaderboard: there is none.
        """
        await self.saved(visitor, name, "latest")
        at_us = to_us(self.shelf.clock.now())
        await self.desk.store.change(
            visitor.project_id, lambda c, key: delete_versions(c, key, name, None, at_us)
        )

    async def choices(self, visitor: Visitor) -> ChoicesAnswer:
        """Of what columns can be made."""

        def read(connection: Connection, key: ProjectKey) -> list[EvaluationChoice]:
            runs = read_runs(connection, key)
            return choices_of(runs, read_datasets(connection, key, visitor.name, runs))

        found = await self.desk.store.read(visitor.project_id, read, empty=list[EvaluationChoice]())
        return ChoicesAnswer(evaluations=found)


def router(desk: Desk, shelf: Shelf) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix=BASE, tags=["evaluations"])
    boards = Boards(desk, shelf)
    _add_reading(routes, boards)
    _add_writing(routes, boards)
    return routes


def _add_reading(routes: APIRouter, boards: Boards) -> None:
    enter = boards.desk.enter

    @routes.get("/leaderboards")
    async def list_leaderboards(request: Request, team: str, project: str) -> BoardList:
        """The latest version of every leaderboard, dynamic ones too, the newest first."""
        return await boards.listed(await enter(request, f"{team}/{project}"))

    @routes.post("/leaderboards/preview")
    async def preview_leaderboard(
        request: Request, team: str, project: str, wanted: BoardWire, versions: Versions = "exact"
    ) -> BoardAnswer:
        """Work a leaderboard out that is not saved; changes nothing."""
        visitor = await enter(request, f"{team}/{project}")
        return await boards.answer(visitor, spec_of(wanted), None, versions)

    @routes.get("/leaderboard-choices")
    async def list_leaderboard_choices(request: Request, team: str, project: str) -> ChoicesAnswer:
        """Evaluations that have runs, with their versions, and the numbers in their summaries."""
        return await boards.choices(await enter(request, f"{team}/{project}"))

    @routes.get("/leaderboards/{name}")
    async def show_leaderboard(
        request: Request,
        team: str,
        project: str,
        name: str,
        versions: Versions = "exact",
        version: Annotated[str, Query(max_length=128)] = "latest",
    ) -> BoardAnswer:
        """What each model came to in each column: the newest run counts.

        Ranks count significantly better models only. `versions=any` takes runs of other versions of an evaluation too.
        """
        visitor = await enter(request, f"{team}/{project}")
        saved = await boards.saved(visitor, name, version)
        return await boards.answer(visitor, saved.spec, saved, versions)

    _ = (list_leaderboards, preview_leaderboard, list_leaderboard_choices, show_leaderboard)


def _add_writing(routes: APIRouter, boards: Boards) -> None:
    enter = boards.desk.enter

    @routes.post("/leaderboards")
    async def create_leaderboard(
        request: Request, team: str, project: str, wanted: BoardWire
    ) -> SavedAnswer:
        """Save a leaderboard under a new name, as an object that `weave.ref(...).get()` reads."""
        visitor = await enter(request, f"{team}/{project}")
        visitor.may_write()
        name = object_name(wanted.title)
        if await boards.is_taken(visitor, name):
            raise LeaderboardExists(name)
        return await boards.save(visitor, name, spec_of(wanted))

    @routes.put("/leaderboards/{name}")
    async def change_leaderboard(
        request: Request, team: str, project: str, name: str, wanted: BoardWire
    ) -> SavedAnswer:
        """Save a new version of a leaderboard; its name stays when its title changes."""
        visitor = await enter(request, f"{team}/{project}")
        visitor.may_write()
        await boards.saved(visitor, name, "latest")
        return await boards.save(visitor, name, spec_of(wanted))

    @routes.delete("/leaderboards/{name}", status_code=204)
    async def delete_leaderboard(request: Request, team: str, project: str, name: str) -> None:
        """Delete a leaderboard with all its versions; the runs in it stay."""
        visitor = await enter(request, f"{team}/{project}")
        visitor.may_write()
        await boards.remove(visitor, name)

    _ = (create_leaderboard, change_leaderboard, delete_leaderboard)
