"""`/v2/{entity}/{project}/{evaluation_runs,predictions,scores}`: log, finish, list, read, delete."""

from collections.abc import Iterable
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from fastapi import APIRouter, Request, Response

from weft.evals.calls import EVALUATE
from weft.evals.lists import LIMIT, Limit, Offset, Some, json_lines
from weft.evals.logged.book import (
    PREDICTION,
    SCORE,
    EvalBook,
    told_prediction,
    told_run,
    told_score,
    wanted_runs,
)
from weft.evals.logged.read import WholeCall, read_marked
from weft.evals.logged.shapes import FinishWire, PredictionWire, RunWire, ScoreWire
from weft.evals.ops import Ops
from weft.kit.clock import to_us
from weft.traces.calls.change.remove import delete_calls
from weft.traces.errors import NoSuchCall
from weft.traces.json_text import BadShape, decode
from weft.traces.routes.desk import Desk, json_answer, trace_router

_BASE = "/v2/{entity}/{project}"
_DONE = {"success": True}

T = TypeVar("T")


class Counter:
    """Lets callers in, and hands each their book."""

    def __init__(self, desk: Desk, ops: Ops) -> None:
        self.desk = desk
        self._ops = ops

    async def reading(self, request: Request, entity: str, project: str) -> EvalBook:
        """For somebody who may read."""
        visitor = await self.desk.enter(request, f"{entity}/{project}")
        return EvalBook(self.desk.store, self._ops, visitor)

    async def writing(self, request: Request, entity: str, project: str) -> EvalBook:
        """For somebody who may write."""
        book = await self.reading(request, entity, project)
        book.visitor.may_write()
        return book

    async def remove(self, request: Request, entity: str, project: str, ids: Any) -> Response:
        """Delete calls, and all below them."""
        book = await self.writing(request, entity, project)
        if not ids:
            raise BadShape("name what is to be deleted, by a key that may be repeated")
        now = to_us(self.desk.clock.now())
        count = await delete_calls(self.desk.store, book.visitor.project_id, ids, now)
        return json_answer({"num_deleted": count})


def router(desk: Desk, ops: Ops) -> APIRouter:
    """The routes of all three."""
    routes = trace_router(tags="evaluations")
    counter = Counter(desk, ops)
    _add_runs(routes, counter)
    _add_predictions(routes, counter)
    _add_scores(routes, counter)
    return routes


def _add_runs(routes: APIRouter, counter: Counter) -> None:
    base = _BASE + "/evaluation_runs"

    @routes.post(base)
    async def create_run(entity: str, project: str, request: Request) -> Response:
        """Begin a run."""
        book = await counter.writing(request, entity, project)
        wire = decode(await request.body(), RunWire)
        return json_answer({"evaluation_run_id": await book.begin_run(wire)})

    @routes.get(base)
    async def list_runs(
        entity: str,
        project: str,
        request: Request,
        limit: Limit = None,
        offset: Offset = None,
        evaluations: Some = None,
        models: Some = None,
        evaluation_run_ids: Some = None,
    ) -> Response:
        """Runs, those of clients too, the oldest first, one a line."""
        book = await counter.reading(request, entity, project)
        calls = await book.runs(evaluation_run_ids)
        return json_lines(_page(wanted_runs(calls, evaluations, models), limit, offset))

    @routes.delete(base)
    async def delete_runs(
        entity: str, project: str, request: Request, evaluation_run_ids: Some = None
    ) -> Response:
        """Delete runs with all below them."""
        return await counter.remove(request, entity, project, evaluation_run_ids)

    @routes.get(base + "/{evaluation_run_id}")
    async def read_run(
        entity: str, project: str, evaluation_run_id: str, request: Request
    ) -> Response:
        """One run."""
        book = await counter.reading(request, entity, project)
        return json_answer(told_run(await book.call(evaluation_run_id, EVALUATE)))

    @routes.post(base + "/{evaluation_run_id}/finish")
    async def finish_run(
        entity: str, project: str, evaluation_run_id: str, request: Request
    ) -> Response:
        """End a run, with what its predictions come to."""
        book = await counter.writing(request, entity, project)
        wire = decode(await request.body() or b"{}", FinishWire)
        await book.finish_run(evaluation_run_id, wire)
        return json_answer(_DONE)

    _ = (create_run, list_runs, delete_runs, read_run, finish_run)


def _add_predictions(routes: APIRouter, counter: Counter) -> None:
    base = _BASE + "/predictions"

    @routes.post(base)
    async def create_prediction(entity: str, project: str, request: Request) -> Response:
        """Log a prediction."""
        book = await counter.writing(request, entity, project)
        wire = decode(await request.body(), PredictionWire)
        return json_answer({"prediction_id": await book.predict(wire)})

    @routes.get(base)
    async def list_predictions(
        entity: str,
        project: str,
        request: Request,
        limit: Limit = None,
        offset: Offset = None,
        evaluation_run_id: str | None = None,
    ) -> Response:
        """Predictions, the oldest first, one a line."""
        book = await counter.reading(request, entity, project)
        wanted = Wanted(PREDICTION, "predict", evaluation_run_id, limit, offset)
        return json_lines(told_prediction(call) for call in await _marked(book, wanted))

    @routes.delete(base)
    async def delete_predictions(
        entity: str, project: str, request: Request, prediction_ids: Some = None
    ) -> Response:
        """Delete predictions."""
        return await counter.remove(request, entity, project, prediction_ids)

    @routes.get(base + "/{prediction_id}")
    async def read_prediction(
        entity: str, project: str, prediction_id: str, request: Request
    ) -> Response:
        """One prediction."""
        book = await counter.reading(request, entity, project)
        call = await book.call(prediction_id)
        _check(call, PREDICTION)
        return json_answer(told_prediction(call))

    @routes.post(base + "/{prediction_id}/finish")
    async def finish_prediction(
        entity: str, project: str, prediction_id: str, request: Request
    ) -> Response:
        """End the trial that a prediction belongs to."""
        book = await counter.writing(request, entity, project)
        await book.finish_prediction(prediction_id)
        return json_answer(_DONE)

    _ = (
        create_prediction,
        list_predictions,
        delete_predictions,
        read_prediction,
        finish_prediction,
    )


def _add_scores(routes: APIRouter, counter: Counter) -> None:
    base = _BASE + "/scores"

    @routes.post(base)
    async def create_score(entity: str, project: str, request: Request) -> Response:
        """Log a score of a prediction."""
        book = await counter.writing(request, entity, project)
        wire = decode(await request.body(), ScoreWire)
        return json_answer({"score_id": await book.score(wire)})

    @routes.get(base)
    async def list_scores(
        entity: str,
        project: str,
        request: Request,
        limit: Limit = None,
        offset: Offset = None,
        evaluation_run_id: str | None = None,
    ) -> Response:
        """Scores, the oldest first, one a line."""
        book = await counter.reading(request, entity, project)
        wanted = Wanted(SCORE, "score", evaluation_run_id, limit, offset)
        return json_lines(told_score(call) for call in await _marked(book, wanted))

    @routes.delete(base)
    async def delete_scores(
        entity: str, project: str, request: Request, score_ids: Some = None
    ) -> Response:
        """Delete scores."""
        return await counter.remove(request, entity, project, score_ids)

    @routes.get(base + "/{score_id}")
    async def read_score(entity: str, project: str, score_id: str, request: Request) -> Response:
        """One score."""
        book = await counter.reading(request, entity, project)
        call = await book.call(score_id)
        _check(call, SCORE)
        return json_answer(told_score(call))

    _ = (create_score, list_scores, delete_scores, read_score)


class Wanted(NamedTuple):
    """Which predictions or scores are listed."""

    mark: str
    suffix: str
    run_id: str | None
    limit: int | None
    offset: int | None


async def _marked(book: EvalBook, wanted: Wanted) -> list[WholeCall]:
    mark, suffix, run_id, limit, offset = wanted
    return await book.store.read(
        book.visitor.project_id,
        lambda c, key: list(_page(read_marked(c, key, mark, suffix, run_id), limit, offset)),
        empty=list[WholeCall](),
    )


def _page(items: Iterable[T], limit: int | None, offset: int | None) -> Iterable[T]:
    start = offset or 0
    return islice(items, start, start + (LIMIT if limit is None else limit))


def _check(call: WholeCall, mark: str) -> None:
    if call.weave.get(mark) != "true":
        raise NoSuchCall(f"there is no {mark} {call.id[:100]}")
