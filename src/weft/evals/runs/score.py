"""One scorer applied to one answer: the call that it leaves, and the feedback on what was judged."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from weft.evals.calls import EVAL_META, Usage, call_ref, ended, now_us, started
from weft.evals.completions.payload import filled
from weft.evals.ops import Ops
from weft.evals.refusals import exception_text
from weft.evals.runs.asking import ModelAsker, RunRefused
from weft.evals.runs.scorers import SLOW, Scorer
from weft.identity.projects.gate import Visitor
from weft.kit.errors import WeftError
from weft.traces.calls.parts import CallPart
from weft.traces.feedback.parts import FeedbackPart, FeedbackWire, part_of
from weft.traces.json_text import dump
from weft.traces.refs import find_ref

WORKER_META = {EVAL_META: {"evaluate_model_worker": True, "declarative": True}}
SCORE_META = {EVAL_META: {**WORKER_META[EVAL_META], "score": True}}
_NOT_IN_NAMES = re.compile(r"[^\w._]+")


@dataclass(frozen=True, slots=True)
class Scored:
    """What a scorer said of one answer, and what is written of it."""

    key: str
    value: Any
    call: CallPart
    feedback: FeedbackPart | None
    usage: Usage
    is_error: bool


@dataclass(frozen=True, slots=True)
class Judges:
    """Applies scorers."""

    models: ModelAsker
    ops: Ops

    async def score(
        self,
        scorer: Scorer,
        output: Any,
        row: Mapping[str, Any],
        *,
        of_call: str | None,
        parent: CallPart | None,
    ) -> Scored:
        """Apply `scorer` to `output`; `of_call` is the id of the call that gave it.

        Raises:
            RunRefused: the door will not answer this scorer, nor others of the run.
        """
        visitor = self.models.visitor
        arguments = scorer.arguments(row)
        inputs = {"self": scorer.ref, "output": output, **arguments}
        op = await self.ops.ref(visitor, f"{scorer.kind}.score")
        call = started(visitor, op, inputs, parent=parent, attributes=SCORE_META)
        value, usage, exception = None, Usage(), None
        try:
            if scorer.model is None or scorer.prompt is None:
                value = await compared(scorer, output, row)
            else:
                said = output if isinstance(output, str) else dump(output)
                prompt = filled(scorer.prompt, {**arguments, "output": said})
                asked = await self.models.ask(scorer.model, prompt, {}, call)
                value, usage = scorer.verdict(asked.output), asked.usage
        except RunRefused:
            raise
        except WeftError as error:
            exception = exception_text(error.code or error.type, error.message)
        whole = ended(call, value, exception=exception, usage=usage)
        feedback = None
        if exception is None and of_call is not None:
            feedback = feedback_of(visitor, scorer, value, of_call, whole)
        key = key_of(scorer)
        return Scored(key, value, whole, feedback, usage, exception is not None)


async def compared(scorer: Scorer, output: Any, row: Mapping[str, Any]) -> Any:
    """What a comparison comes to; one that may take long is made beside the event loop.

    Raises:
        Unprocessable: the row lacks what it needs.
    """
    if scorer.kind in SLOW:
        return await asyncio.to_thread(scorer.compare, output, row)
    return scorer.compare(output, row)


def feedback_of(
    visitor: Visitor, scorer: Scorer, value: Any, of_call: str, call: CallPart
) -> FeedbackPart | None:
    """A score as the client attaches it to a call; a scorer without a reference cannot be named.

    Its id goes by the score's own call: the same score, written again, is the same feedback.
    """
    ref = find_ref(scorer.ref)
    if ref is None:
        return None
    wire = FeedbackWire(
        weave_ref=call_ref(visitor, of_call),
        feedback_type=f"wandb.runnable.{ref.name}",
        payload=msgspec.Raw(dump({"output": value}).encode()),
        runnable_ref=scorer.ref,
        call_ref=call_ref(visitor, call.id),
        id=call.id,
    )
    return part_of(wire, visitor, now_us())


def key_of(scorer: Scorer) -> str:
    """Under what name a scorer's values stand in results: as the client spells it."""
    return _NOT_IN_NAMES.sub("-", scorer.name).strip("-_") or scorer.kind
