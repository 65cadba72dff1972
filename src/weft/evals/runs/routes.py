"""`/evaluations/evaluate_model`, `/evaluations/status`, `/evaluations/rescore`, `/calls/score`."""

from dataclasses import dataclass
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response

from weft.evals.calls import EVALUATE, CallPart, end_of, ended, now_us, started
from weft.evals.completions.ask import Completions
from weft.evals.door import Asker
from weft.evals.ops import Ops
from weft.evals.prompts import Prompts
from weft.evals.refusals import exception_text
from weft.evals.runs.asking import ModelAsker
from weft.evals.runs.definition import Definition, read_definition, read_scorers
from weft.evals.runs.keeper import Runs
from weft.evals.runs.score import WORKER_META, Judges
from weft.evals.runs.single import score_calls
from weft.evals.runs.source import DatasetRows, earlier_answers
from weft.evals.runs.store import Progress, find_progress
from weft.evals.runs.structured import read_model
from weft.evals.runs.work import STOPPED, Work
from weft.evals.shelf import Shelf
from weft.evals.values import object_in
from weft.identity.projects.gate import Visitor
from weft.kit.errors import InvalidRequest
from weft.traces.calls.parts import WriteCalls
from weft.traces.errors import NoSuchCall
from weft.traces.routes.desk import Desk, json_answer, trace_router

CALLS = 1000
"""Scored by one request."""


class EvaluateWire(msgspec.Struct):
    """`/evaluations/evaluate_model`."""

    project_id: str
    evaluation_ref: str
    model_ref: str


class RescoreWire(msgspec.Struct):
    """`/evaluations/rescore`."""

    project_id: str
    source_evaluation_run_id: str
    scorer_refs: list[str]


class StatusWire(msgspec.Struct):
    """`/evaluations/status`."""

    project_id: str
    call_id: str


class ScoreWire(msgspec.Struct):
    """`/calls/score`."""

    project_id: str
    call_ids: list[str]
    scorer_refs: list[str]


@dataclass(frozen=True, slots=True)
class Bench:
    """What every run needs."""

    desk: Desk
    shelf: Shelf
    ops: Ops
    completions: Completions
    prompts: Prompts
    runs: Runs

    def judges(self, request: Request, visitor: Visitor) -> Judges:
        """Whoever applies scorers on the caller's account."""
        asker = Asker.of(request, visitor.name)
        return Judges(ModelAsker(self.completions, self.prompts, asker, visitor), self.ops)

    async def root(
        self, visitor: Visitor, definition: Definition, model_ref: str, **more: Any
    ) -> CallPart:
        """The evaluation's own call, which others see from now on."""
        op = await self.ops.ref(visitor, EVALUATE)
        inputs = {"self": definition.ref, "model": model_ref}
        attributes = {**WORKER_META, **more}
        root = started(visitor, op, inputs, attributes=attributes)
        stamp = self.desk.clock.now().strftime("%Y-%m-%d %H:%M")
        root.display_name = f"{definition.name[:900]} {stamp}"
        await self.desk.store.writer.write(WriteCalls(visitor.project_id, [root]))
        return root


def router(bench: Bench) -> APIRouter:
    """The routes of runs on the server."""
    routes = trace_router(tags="evaluations")
    desk, runs = bench.desk, bench.runs

    @routes.post("/evaluations/evaluate_model")
    async def evaluate_model(request: Request) -> Response:
        """Run an evaluation with a model that is settings alone; the answer is the id of its call."""
        asked = await desk.writing(request, EvaluateWire)
        visitor, body = asked.visitor, asked.body
        runs.check(visitor.project_id)
        definition = await read_definition(bench.shelf, visitor, body.evaluation_ref)
        model = read_model(await bench.shelf.value(visitor, body.model_ref), body.model_ref)
        judges = bench.judges(request, visitor)
        root = await bench.root(visitor, definition, body.model_ref)
        source = DatasetRows(bench.shelf, visitor, definition)
        work = Work(definition, source, body.model_ref, judges, bench.shelf, root, model)
        await runs.begin(visitor.project_id, root.id, source.total, work.run())
        return json_answer({"call_id": root.id})

    @routes.post("/evaluations/rescore")
    async def rescore(request: Request) -> Response:
        """Score the answers of an earlier run anew; they stay the earlier run's calls."""
        asked = await desk.writing(request, RescoreWire)
        visitor, body = asked.visitor, asked.body
        runs.check(visitor.project_id)
        scorers = await read_scorers(bench.shelf, visitor, list(body.scorer_refs))
        found = await earlier_answers(bench.shelf, visitor, body.source_evaluation_run_id)
        if found is None:
            raise NoSuchCall(f"there is no evaluation {body.source_evaluation_run_id[:100]}")
        earlier, source = found
        name = earlier.display_name or "evaluation"
        definition = Definition(earlier.evaluation_ref or "", f"{name} rescored", [], scorers, 1)
        judges = bench.judges(request, visitor)
        told = {"source_evaluation_run_id": earlier.id}
        root = await bench.root(visitor, definition, earlier.model_ref or "", weave=told)
        work = Work(definition, source, earlier.model_ref or "", judges, bench.shelf, root)
        await runs.begin(visitor.project_id, root.id, source.total, work.run())
        return json_answer({"call_id": root.id, "evaluation_run_id": root.id})

    @routes.post("/evaluations/status")
    async def status(request: Request) -> Response:
        """How far an evaluation is, wherever it runs."""
        asked = await desk.reading(request, StatusWire)
        call_id, project_id = asked.body.call_id, asked.project_id
        found = await desk.store.read(
            project_id, lambda c, key: find_progress(c, key, call_id, now_us()), empty=None
        )
        if found is not None and found.is_lost:
            lost = CallPart(id=call_id)
            end = end_of(ended(lost, None, exception=exception_text("cancelled", STOPPED)))
            await desk.store.writer.write(WriteCalls(project_id, [end]))
        return json_answer({"status": told_of(found)})

    @routes.post("/calls/score")
    async def score(request: Request) -> Response:
        """Apply scorers to calls, beside everything else; scores become feedback on them."""
        asked = await desk.writing(request, ScoreWire)
        visitor, body = asked.visitor, asked.body
        if len(body.call_ids) > CALLS:
            raise InvalidRequest(f"at most {CALLS} calls at a time", param="call_ids")
        runs.check(visitor.project_id)
        scorers = await read_scorers(bench.shelf, visitor, list(body.scorer_refs))
        judges = bench.judges(request, visitor)
        ids = list(dict.fromkeys(body.call_ids))
        runs.also(visitor.project_id, "", score_calls(bench.shelf, judges, scorers, ids))
        return json_answer({})

    _ = (evaluate_model, rescore, status, score)
    return routes


def told_of(found: Progress | None) -> dict[str, Any]:
    """The wire's words for how far an evaluation is.

    Raises:
        InvalidRequest: the call is no evaluation.
    """
    if found is None:
        return {"code": "not_found"}
    if found.op != EVALUATE:
        raise InvalidRequest("the call is no evaluation", param="call_id")
    if found.exception is not None:
        return {"code": "failed", "error": found.exception}
    if found.is_lost:
        return {"code": "failed", "error": STOPPED}
    if found.is_ended:
        return {"code": "complete", "output": object_in(found.output)}
    total = found.completed_rows if found.total_rows is None else found.total_rows
    return {"code": "running", "completed_rows": found.completed_rows, "total_rows": total}
