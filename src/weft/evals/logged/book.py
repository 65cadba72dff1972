"""Logs runs, predictions and scores as calls, and tells them again."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from weft.evals.calls import (
    EVALUATE,
    PREDICT_AND_SCORE,
    SUMMARIZE,
    call_ref,
    end_of,
    ended,
    now_us,
    started,
)
from weft.evals.logged.read import WholeCall, read_calls, read_children, read_evaluations
from weft.evals.logged.shapes import FinishWire, PredictionWire, RunWire, ScoreWire
from weft.evals.ops import Ops
from weft.evals.results.read import PREDICT_AND_SCORE as TRIAL_OPS
from weft.evals.runs.summarize import summarize
from weft.evals.values import object_in, text_in
from weft.identity.projects.gate import Visitor
from weft.kit.clock import from_us
from weft.traces.calls.parts import ID_CHARS, CallPart, WriteCalls
from weft.traces.errors import NoSuchCall
from weft.traces.feedback.parts import FeedbackWire, WriteFeedback, part_of
from weft.traces.json_text import BadShape, dump
from weft.traces.refs import find_ref
from weft.traces.store import TraceStore
from weft.traces.types import US_PER_S

RUN, PREDICTION, SCORE = "evaluation_run", "prediction", "score"
"""Marks in `attributes.weave`."""


@dataclass(frozen=True, slots=True)
class EvalBook:
    """Writes and reads for one visitor."""

    store: TraceStore
    ops: Ops
    visitor: Visitor

    async def begin_run(self, wire: RunWire) -> str:
        """Begin a run; its id."""
        marks = {RUN: "true", "evaluation": wire.evaluation, "model": wire.model}
        if wire.source_evaluation_run_id:
            marks["source_evaluation_run_id"] = _id(wire.source_evaluation_run_id)
        inputs = {"self": wire.evaluation, "model": wire.model}
        op = await self.ops.ref(self.visitor, EVALUATE)
        run = started(self.visitor, op, inputs, attributes={"weave": marks})
        await self._write([run])
        return run.id

    async def finish_run(self, id_: str, wire: FinishWire) -> None:
        """End a run, with what its predictions come to.

        Raises:
            NoSuchCall: there is no such run.
        """
        run = await self.call(id_, EVALUATE)
        trials = [one for one in await self._children(id_) if one.op in TRIAL_OPS]
        outputs = [object_in(one.output) for one in trials]
        scores = [object_in(one.get("scores")) for one in outputs]
        told: dict[str, Any] = dict(summarize(scores) or {})
        for name in ("output", "model_latency"):
            part = summarize([one.get(name) for one in outputs])
            if part is not None:
                told[name] = part
        root = _part(run)
        op = await self.ops.ref(self.visitor, SUMMARIZE)
        summed_up = ended(
            started(self.visitor, op, {"self": run.inputs.get("self")}, parent=root), told
        )
        root = ended(root, told, calls=1 + len(trials))
        if wire.summary:
            counted = object_in(msgspec.json.decode(root.summary or "{}"))
            root.summary = dump({**wire.summary, **counted})
        await self._write([summed_up, end_of(root)])

    async def predict(self, wire: PredictionWire) -> str:
        """Log a prediction; its id. In a run it is a trial, which `finish_prediction` ends.

        Raises:
            NoSuchCall: there is no such run.
        """
        parts: list[CallPart] = []
        marks: dict[str, Any] = {PREDICTION: "true", "model": wire.model}
        if wire.genai_span_ref is not None:
            marks["genai_span_ref"] = wire.genai_span_ref
        parent = None
        if wire.evaluation_run_id:
            marks["evaluation_run_id"] = wire.evaluation_run_id
            run = await self.call(wire.evaluation_run_id, EVALUATE)
            op = await self.ops.ref(self.visitor, PREDICT_AND_SCORE)
            inputs = {"self": run.inputs.get("self"), "model": wire.model, "example": wire.inputs}
            parent = started(self.visitor, op, inputs, parent=_part(run))
            parts.append(parent)
        model = find_ref(wire.model)
        op = await self.ops.ref(self.visitor, f"{model.name if model else 'Model'}.predict")
        call = started(
            self.visitor,
            op,
            {"self": wire.model, "inputs": wire.inputs},
            parent=parent,
            attributes={"weave": marks},
        )
        if parent is not None:
            parent.attributes = dump({"weave": {"predict_call_id": call.id}})
        await self._write([*parts, ended(call, wire.output)])
        return call.id

    async def finish_prediction(self, id_: str) -> None:
        """End the trial that a prediction belongs to, with the scores it has; else there is nothing to do.

        Raises:
            NoSuchCall: there is no such prediction.
        """
        call = await self.call(id_)
        trial = await self._trial(call)
        if trial is not None:
            await self._finish(trial, call)

    async def score(self, wire: ScoreWire) -> str:
        """Log a score; its id. It is feedback on the prediction too.

        Raises:
            NoSuchCall: there is no such prediction.
            BadShape: `scorer` is no reference.
        """
        ref = find_ref(wire.scorer)
        if ref is None:
            raise BadShape("scorer: a reference of a scorer is expected")
        prediction = await self.call(wire.prediction_id)
        trial = await self._trial(prediction)
        marks = {SCORE: "true", "prediction_id": wire.prediction_id, "scorer": wire.scorer}
        if wire.evaluation_run_id:
            marks["evaluation_run_id"] = _id(wire.evaluation_run_id)
        inputs = {
            "self": wire.scorer,
            "inputs": prediction.inputs.get("inputs", {}),
            "output": prediction.output,
        }
        parent = None
        if wire.evaluation_run_id:
            parent = _part(trial or await self.call(wire.evaluation_run_id, EVALUATE))
        op = await self.ops.ref(self.visitor, f"{ref.name}.score")
        call = started(self.visitor, op, inputs, parent=parent, attributes={"weave": marks})
        await self._write([ended(call, wire.value)])
        feedback = FeedbackWire(
            weave_ref=call_ref(self.visitor, prediction.id),
            feedback_type=f"wandb.runnable.{ref.name}",
            payload=msgspec.Raw(dump({"output": wire.value}).encode()),
            runnable_ref=wire.scorer,
            call_ref=call_ref(self.visitor, call.id),
        )
        part = part_of(feedback, self.visitor, now_us())
        await self.store.writer.write(WriteFeedback(self.visitor.project_id, [part]))
        if trial is not None and trial.ended_at_us is not None:
            await self._finish(trial, prediction)  # a score that came late is in the trial as well
        return call.id

    async def call(self, id_: str, op: str | None = None) -> WholeCall:
        """A call of the project.

        Raises:
            NoSuchCall: there is none, or none of this op.
        """
        found = await self.store.read(
            self.visitor.project_id,
            lambda c, key: read_calls(c, key, [id_]),
            empty=dict[str, WholeCall](),
        )
        call = found.get(id_)
        if call is None or (op is not None and call.op != op):
            raise self.store.missing(NoSuchCall(f"there is no {op or 'call'} {id_[:100]}"))
        return call

    async def runs(self, ids: list[str] | None) -> list[WholeCall]:
        """Every evaluation of the project, or those among `ids`."""
        return await self.store.read(
            self.visitor.project_id,
            lambda c, key: list(read_evaluations(c, key, ids)),
            empty=list[WholeCall](),
        )

    async def _finish(self, trial: WholeCall, prediction: WholeCall) -> None:
        scores = {
            ref.name: one.output
            for one in await self._children(trial.id)
            if one.weave.get(SCORE) == "true" and (ref := find_ref(one.weave.get("scorer")))
        }
        took_us = (prediction.ended_at_us or prediction.started_at_us) - prediction.started_at_us
        told = {
            "output": prediction.output,
            "scores": scores,
            "model_latency": {"mean": took_us / US_PER_S},
        }
        await self._write([end_of(ended(_part(trial), told, calls=2 + len(scores)))])

    async def _trial(self, prediction: WholeCall) -> WholeCall | None:
        if prediction.parent_id is None:
            return None
        parent = await self.call(prediction.parent_id)
        return parent if parent.op in TRIAL_OPS else None

    async def _children(self, id_: str) -> list[WholeCall]:
        return await self.store.read(
            self.visitor.project_id,
            lambda c, key: list(read_children(c, key, id_)),
            empty=list[WholeCall](),
        )

    async def _write(self, parts: list[CallPart]) -> None:
        await self.store.writer.write(WriteCalls(self.visitor.project_id, parts))


def told_run(call: WholeCall) -> dict[str, Any]:
    """A run, as clients read it."""
    marks = call.weave
    ended_at_us = call.ended_at_us
    return {
        "evaluation_run_id": call.id,
        "evaluation": text_in(marks.get("evaluation")) or text_in(call.inputs.get("self")) or "",
        "model": text_in(marks.get("model")) or text_in(call.inputs.get("model")) or "",
        "status": call.status,
        "started_at": from_us(call.started_at_us),
        "finished_at": None if ended_at_us is None else from_us(ended_at_us),
        "summary": call.summary or None,
        "source_evaluation_run_id": text_in(marks.get("source_evaluation_run_id")),
    }


def told_prediction(call: WholeCall) -> dict[str, Any]:
    """A prediction, as clients read it."""
    given = call.inputs.get("inputs")
    rest = {name: part for name, part in call.inputs.items() if name != "self"}
    return {
        "prediction_id": call.id,
        "model": text_in(call.weave.get("model")) or text_in(call.inputs.get("self")) or "",
        "inputs": given if isinstance(given, dict) else rest,
        "output": call.output,
        "evaluation_run_id": text_in(call.weave.get("evaluation_run_id")),
        "wb_user_id": call.wb_user_id,
    }


def told_score(call: WholeCall) -> dict[str, Any]:
    """A score, as clients read it."""
    return {
        "score_id": call.id,
        "scorer": text_in(call.weave.get("scorer")) or text_in(call.inputs.get("self")) or "",
        "value": call.output,
        "evaluation_run_id": text_in(call.weave.get("evaluation_run_id")),
        "wb_user_id": call.wb_user_id,
    }


def wanted_runs(
    calls: Iterable[WholeCall], evaluations: list[str] | None, models: list[str] | None
) -> list[dict[str, Any]]:
    """Runs of these evaluations and models; None for any."""
    told = [told_run(call) for call in calls]
    return [
        one
        for one in told
        if (not evaluations or one["evaluation"] in evaluations)
        and (not models or one["model"] in models)
    ]


def _part(call: WholeCall) -> CallPart:
    """What of a call its end and its children need."""
    return CallPart(id=call.id, trace_id=call.trace_id, started_at_us=call.started_at_us)


def _id(text: str) -> str:
    if not 0 < len(text) <= ID_CHARS or "\0" in text:
        raise BadShape(f"an id has 1 to {ID_CHARS} characters and no NUL")
    return text
