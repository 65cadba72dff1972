"""One evaluation, run: every row asked and scored, its calls written as it goes, and the summary at its end.

The calls are those that the client's own `Evaluation.evaluate` leaves, so results, comparisons and leaderboards read
both alike. Errors of a row are written into its calls; what ends all of it is the root's exception.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from weft.evals.calls import (
    PREDICT_AND_SCORE,
    SUMMARIZE,
    Usage,
    end_of,
    ended,
    started,
    summed,
)
from weft.evals.refusals import exception_text
from weft.evals.runs.asking import RunRefused
from weft.evals.runs.definition import Definition
from weft.evals.runs.score import WORKER_META, Judges, Scored, key_of
from weft.evals.runs.source import Item, Known, Source
from weft.evals.runs.structured import CLASS, StructuredModel
from weft.evals.runs.summarize import summarize
from weft.evals.shelf import Shelf
from weft.identity.projects.gate import Visitor
from weft.kit.errors import WeftError
from weft.traces.calls.parts import CallPart, WriteCalls
from weft.traces.feedback.parts import WriteFeedback
from weft.traces.types import US_PER_S

log = logging.getLogger(__name__)

PARALLEL = 8
"""Rows of one run that are asked at a time."""
PAGE = 100
_NO_VARIABLES = frozenset({"user_input", "config"})
STOPPED = "the server stopped before the evaluation ended"


@dataclass(slots=True)
class Tally:
    """What has come of the rows so far: what the summary needs, and no more."""

    outputs: dict[int, Any] = field(default_factory=dict[int, Any])
    scores: dict[int, dict[str, Any]] = field(default_factory=dict[int, dict[str, Any]])
    latencies_s: list[float] = field(default_factory=list[float])
    usage: Usage = field(default_factory=Usage)
    calls: int = 0
    errors: int = 0

    def add(
        self, place: int, told: Mapping[str, Any], usage: Usage, *, calls: int, errors: int
    ) -> None:
        """Note one item, whose `predict_and_score` said `told`."""
        output, latency_s = told["output"], told["model_latency"]
        self.outputs[place] = None if isinstance(output, str) else output
        self.scores[place] = told["scores"]
        if latency_s is not None:
            self.latencies_s.append(latency_s)
        self.usage = summed([self.usage, usage])
        self.calls += calls
        self.errors += errors

    def summary(self, keys: Sequence[str]) -> dict[str, Any]:
        """As the client sums rows up."""
        told: dict[str, Any] = {}
        rows = [self.scores[index] for index in sorted(self.scores)]
        outputs = summarize([self.outputs[index] for index in sorted(self.outputs)])
        if outputs is not None:
            told["output"] = outputs
        for key in keys:
            told[key] = summarize([row.get(key, {}) for row in rows])
        latency = summarize(self.latencies_s)
        if latency is not None:
            told["model_latency"] = latency
        return told


@dataclass(slots=True)
class Work:
    """One run over the items of `source`."""

    definition: Definition
    source: Source
    model_ref: str
    judges: Judges
    shelf: Shelf
    root: CallPart
    model: StructuredModel | None = None
    """What is asked where an item has no answer yet."""
    tally: Tally = field(default_factory=Tally)

    async def run(self) -> None:
        """Ask and score every item. Never raises but when cancelled: whatever happens is the root's end."""
        try:
            await self._items()
            summary = self.tally.summary([key_of(one) for one in self.definition.scorers])
            await self._end(summary, None)
        except asyncio.CancelledError:
            await asyncio.shield(self._end(None, exception_text("cancelled", STOPPED)))
            raise
        except Exception as error:
            cause = _first(error)
            if isinstance(cause, WeftError):
                text = exception_text(cause.code or cause.type, cause.message)
            else:
                log.exception("evaluation_crashed call=%s", self.root.id)
                text = exception_text("internal_error", "the server had an error")
            await self._end(None, text)

    async def _items(self) -> None:
        slots = asyncio.Semaphore(PARALLEL)
        for start in range(0, self.source.total, PAGE):
            items = await self.source.page(start, min(start + PAGE, self.source.total))
            async with asyncio.TaskGroup() as tasks:
                for place, item in enumerate(items, start):
                    await slots.acquire()
                    task = tasks.create_task(self._item(place, item))
                    task.add_done_callback(lambda _done: slots.release())

    async def _item(self, place: int, item: Item) -> None:
        inputs = {"self": self.definition.ref, "model": self.model_ref, "example": item.example}
        attributes: dict[str, Any] = {**WORKER_META}
        if item.known is not None and item.known.predict_id:
            attributes["weave"] = {"predict_call_id": item.known.predict_id}
        op = await self._op(PREDICT_AND_SCORE)
        whole = started(self._visitor, op, inputs, parent=self.root, attributes=attributes)
        known, predict, used = item.known, None, Usage()
        if known is None:
            predict, known, used = await self._predict(item.row, whole)
        scored: list[Scored] = []
        if known is not None:
            for scorer in self.definition.scorers:
                told = await self.judges.score(
                    scorer, known.output, item.row, of_call=known.predict_id, parent=whole
                )
                scored.append(told)
        usage = summed([used, *(one.usage for one in scored)])
        calls = 1 + (predict is not None) + len(scored)
        errors = (known is None) + sum(one.is_error for one in scored)
        told = {
            "output": known.output if known else None,
            "scores": {one.key: one.value for one in scored if not one.is_error},
            "model_latency": known.latency_s if known else None,
        }
        whole = ended(whole, told, usage=usage, errors=errors, calls=calls)
        below = [predict] if predict is not None else []
        await self._write([whole, *below, *(one.call for one in scored)], scored)
        self.tally.add(place, told, usage, calls=calls, errors=errors)

    async def _predict(
        self, row: Mapping[str, Any], parent: CallPart
    ) -> tuple[CallPart, Known | None, Usage]:
        assert self.model is not None
        op = await self._op(f"{CLASS}.predict")
        inputs = {"self": self.model.ref, **row}
        call = started(self._visitor, op, inputs, parent=parent, attributes=WORKER_META)
        variables = {name: value for name, value in row.items() if name not in _NO_VARIABLES}
        try:
            asked = await self.judges.models.ask(self.model, row.get("user_input"), variables, call)
        except RunRefused:
            raise
        except WeftError as error:
            exception = exception_text(error.code or error.type, error.message)
            return ended(call, None, exception=exception), None, {}
        call = ended(call, asked.output, usage=asked.usage)
        latency_s = ((call.ended_at_us or 0) - call.started_at_us) / US_PER_S
        return call, Known(asked.output, call.id, latency_s), asked.usage

    async def _end(self, summary: dict[str, Any] | None, exception: str | None) -> None:
        tally = self.tally
        parts: list[CallPart] = []
        if summary is not None:
            op = await self._op(SUMMARIZE)
            inputs = {"self": self.definition.ref}
            call = started(self._visitor, op, inputs, parent=self.root, attributes=WORKER_META)
            parts.append(ended(call, summary))
        root = ended(
            self.root,
            summary,
            exception=exception,
            usage=tally.usage,
            errors=tally.errors,
            calls=tally.calls + 1 + len(parts),
        )
        await self._write([*parts, end_of(root)], [])

    async def _write(self, parts: list[CallPart], scored: Sequence[Scored]) -> None:
        writer, project_id = self.shelf.store.writer, self._visitor.project_id
        await writer.write(WriteCalls(project_id, parts))
        feedback = [one.feedback for one in scored if one.feedback is not None]
        if feedback:
            await writer.write(WriteFeedback(project_id, feedback))

    async def _op(self, name: str) -> str:
        return await self.judges.ops.ref(self._visitor, name)

    @property
    def _visitor(self) -> Visitor:
        return self.judges.models.visitor


def _first(error: BaseException) -> BaseException:
    """What was wrong first, of errors of several tasks."""
    while isinstance(error, BaseExceptionGroup):
        error = cast("Sequence[BaseException]", error.exceptions)[0]  # pyright: ignore[reportUnknownMemberType]
    return error
