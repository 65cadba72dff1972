"""One row of one run: asked, scored, and written as the client's own `Evaluation.predict_and_score` writes it.

Ids and times of the calls are made of the question's, so that a row which is gone through again after a crash writes
the same calls again, and not others beside them.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from weft.evals.batches.ask import BatchEnds, ModelRefused, Purse, Said
from weft.evals.batches.budget import Answer, Question
from weft.evals.batches.planning.plan import USER_INPUT, subject_of, subject_of_judge
from weft.evals.calls import PREDICT_AND_SCORE, Usage, ended, now_us, started, summed
from weft.evals.completions.payload import CompletionWire, filled
from weft.evals.completions.tracked import Tracked
from weft.evals.ops import Ops
from weft.evals.refusals import exception_text
from weft.evals.runs.definition import Definition
from weft.evals.runs.score import SCORE_META, WORKER_META, compared, feedback_of, key_of
from weft.evals.runs.scorers import Scorer
from weft.evals.runs.source import Item
from weft.evals.runs.structured import CLASS, StructuredModel
from weft.evals.values import object_in
from weft.identity.projects.gate import Visitor
from weft.kit.errors import WeftError
from weft.traces.calls.parts import CallPart
from weft.traces.feedback.parts import FeedbackPart
from weft.traces.json_text import dump
from weft.traces.types import US_PER_S

_NO_VARIABLES = frozenset({USER_INPUT, "config"})
SOURCE = "evaluation"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was put, and what came of it."""

    said: Said | None
    output: Any
    usage: Usage
    exception: str | None
    started_at_us: int
    ended_at_us: int


@dataclass(slots=True)
class Written:
    """What is written of a row, and what the summary at the end needs of it."""

    calls: list[CallPart] = field(default_factory=list[CallPart])
    feedback: list[FeedbackPart] = field(default_factory=list[FeedbackPart])
    usage: Usage = field(default_factory=Usage)
    errors: int = 0
    told: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Desk:
    """Goes through rows of one run."""

    purse: Purse
    ops: Ops
    definition: Definition
    batch_id: str
    position: int
    root: CallPart
    model: StructuredModel

    async def go_through(self, place: int, item: Item, known: Mapping[int, Answer]) -> Written:
        """Ask and score one row; `known` is what was answered of it before.

        Raises:
            BatchEnds, ModelRefused: it cannot be gone through now.
        """
        row, written = item.row, Written()
        user_input = row.get(USER_INPUT)
        variables = {name: value for name, value in row.items() if name not in _NO_VARIABLES}
        question = self._question(place, 0, subject_of(self.model))
        asked = await self._ask(question, self.model, user_input, variables, known)
        inputs = {
            "self": self.definition.ref,
            "model": self.root_model_ref,
            "example": item.example,
        }
        whole = await self._call(
            PREDICT_AND_SCORE, inputs, self.root, asked.started_at_us, f"{place}"
        )
        predict = await self._call(
            f"{CLASS}.predict",
            {"self": self.root_model_ref, **row},
            whole,
            asked.started_at_us,
            f"{place}/0",
        )
        predict = self._over(predict, asked, written)
        scores: dict[str, Any] = {}
        last_us = asked.ended_at_us
        if asked.exception is None:
            for number, scorer in enumerate(self.definition.scorers, 1):
                judged, call = await self._score(scorer, number, place, asked, row, known, whole)
                last_us = max(last_us, judged.ended_at_us)
                self._over(call, judged, written)
                if judged.exception is None:
                    scores[key_of(scorer)] = judged.output
                    feedback = feedback_of(
                        self._visitor, scorer, judged.output, predict.id, written.calls[-1]
                    )
                    written.feedback += [feedback] if feedback is not None else []
        latency_s = (asked.ended_at_us - asked.started_at_us) / US_PER_S
        told = {
            "output": asked.output,
            "scores": scores,
            "model_latency": None if asked.exception else latency_s,
        }
        calls = 1 + len(written.calls)
        whole = ended(whole, told, usage=written.usage, errors=written.errors, calls=calls)
        whole.ended_at_us = last_us
        written.calls.insert(0, whole)
        kept = {**told, "output": None if isinstance(asked.output, str) else asked.output}
        written.told = {
            **kept,
            "usage": written.usage,
            "calls": calls,
            "errors": written.errors,
        }
        return written

    async def _score(
        self,
        scorer: Scorer,
        number: int,
        place: int,
        asked: Asked,
        row: Mapping[str, Any],
        known: Mapping[int, Answer],
        parent: CallPart,
    ) -> tuple[Asked, CallPart]:
        arguments = scorer.arguments(row)
        if scorer.model is None or scorer.prompt is None:
            judged = await _compared(scorer, asked, row)
        else:
            said = asked.output if isinstance(asked.output, str) else dump(asked.output)
            question = self._question(place, number, subject_of_judge(scorer))
            try:
                prompt = filled(scorer.prompt, {**arguments, "output": said})
            except WeftError as error:
                judged = _failed(error)
            else:
                judged = await self._ask(question, scorer.model, prompt, {}, known, scorer)
        inputs = {"self": scorer.ref, "output": asked.output, **arguments}
        call = await self._call(
            f"{key_of(scorer)}.score", inputs, parent, judged.started_at_us, f"{place}/{number}"
        )
        call.attributes = dump(SCORE_META)
        return judged, call

    async def _ask(
        self,
        question: Question,
        model: StructuredModel,
        user_input: Any,
        variables: dict[str, Any],
        known: Mapping[int, Answer],
        judge: Scorer | None = None,
    ) -> Asked:
        begun_us = now_us()
        try:
            said = await self.purse.ask(
                question, model, user_input, variables, known.get(question.part)
            )
        except (BatchEnds, ModelRefused):
            raise
        except WeftError as error:
            return _failed(error, begun_us)
        counts = object_in(said.response.get("usage"))
        usage: Usage = {model.model: {"requests": 1, **counts}} if counts else {}
        output, exception = None, None
        try:
            output = model.output(said.response)
            if judge is not None:
                output = judge.verdict(output)
        except WeftError as error:
            exception = exception_text(error.code or error.type, error.message)
        return Asked(said, output, usage, exception, said.started_at_us, said.ended_at_us)

    def _question(self, place: int, part: int, subject: str) -> Question:
        return Question(self.batch_id, self.position, place, part, subject)

    async def _call(
        self, op: str, inputs: Mapping[str, Any], parent: CallPart, at_us: int, role: str
    ) -> CallPart:
        ref = await self.ops.ref(self._visitor, op)
        id_ = id_at(at_us, self.root.id, role)
        call = started(self._visitor, ref, inputs, parent=parent, attributes=WORKER_META, id_=id_)
        call.started_at_us = at_us
        return call

    def _over(self, call: CallPart, asked: Asked, written: Written) -> CallPart:
        """The end of a prediction or a score, with the completion below it."""
        said, failed = asked.said, asked.exception is not None
        if said is not None:
            written.calls.append(self._completion(call, asked, said))
        call = ended(call, asked.output, exception=asked.exception, usage=asked.usage)
        call.ended_at_us = asked.ended_at_us
        written.calls.append(call)
        written.usage = summed([written.usage, asked.usage])
        written.errors += failed
        return call

    def _completion(self, parent: CallPart, asked: Asked, said: Said) -> CallPart:
        wire = CompletionWire(
            project_id=self._visitor.name,
            inputs=said.inputs,
            parent_id=parent.id,
            trace_id=parent.trace_id,
            source=SOURCE,
        )
        id_ = id_at(said.started_at_us, self.root.id, said.request_id)
        tracked = Tracked(wire, self._visitor, id_, started_at_us=said.started_at_us)
        usage = said.response.get("usage")
        [part] = tracked.ended(said.response, usage, request_id=said.request_id).parts
        part.ended_at_us = asked.ended_at_us
        return part

    @property
    def root_model_ref(self) -> str:
        """The reference of the model, as the run's own call names it."""
        return self.model.ref

    @property
    def _visitor(self) -> Visitor:
        return self.purse.visitor


async def _compared(scorer: Scorer, asked: Asked, row: Mapping[str, Any]) -> Asked:
    """A comparison: it takes no time worth telling, and comes right after the answer."""
    at_us = asked.ended_at_us
    try:
        value = await compared(scorer, asked.output, row)
    except WeftError as error:
        return _failed(error, at_us, at_us)
    return Asked(None, value, {}, None, at_us, at_us)


def _failed(error: WeftError, started_at_us: int = 0, ended_at_us: int = 0) -> Asked:
    """No answer: why."""
    exception = exception_text(error.code or error.type, error.message)
    end_us = ended_at_us or now_us()
    return Asked(None, None, {}, exception, started_at_us or end_us, end_us)


def id_at(at_us: int, *parts: str) -> str:
    """The id of a call that began at `at_us`: the same for the same parts, and in order with other ids (RFC 9562)."""
    digest = int.from_bytes(hashlib.sha256("\0".join(parts).encode()).digest()[:10])
    bits = (at_us // 1000) << 80 | digest
    bits = bits & ~(0xF << 76) | 0x7 << 76
    bits = bits & ~(0x3 << 62) | 0x2 << 62
    return f"{bits:032x}"
