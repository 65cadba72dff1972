"""An estimate of a whole evaluation: its prompts quoted and counted, its answers foreseen, its judges along with it."""

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from weft.evals.batches.estimates.figures import Figures, Prompts, figures, together
from weft.evals.batches.estimates.history import Seen, find_seen
from weft.evals.batches.planning.plan import (
    USER_INPUT,
    Plan,
    subject_of,
    subject_of_judge,
)
from weft.evals.batches.wire import (
    EvalEstimate,
    EvalJudgeEstimate,
    EvalModelEstimate,
    EvalPilot,
)
from weft.evals.completions.payload import filled, payload_of
from weft.evals.door import Asker, PricedDoor, Quote
from weft.evals.prompts import Prompts as SavedPrompts
from weft.evals.providers.types import unpriced
from weft.evals.runs.score import key_of
from weft.evals.runs.scorers import Scorer
from weft.evals.runs.structured import StructuredModel, messages_for
from weft.evals.shelf import Shelf
from weft.evals.values import object_in
from weft.identity.projects.gate import Visitor
from weft.kit.db import Database
from weft.kit.errors import WeftError

QUOTED_ROWS = 500
"""Rows whose worst case is worked out one by one; of larger datasets, so many evenly spaced ones stand for all."""
COUNTED_ROWS = 32
"""Rows whose prompts the engine is asked to count."""
BYTES_PER_TOKEN = 4
T = TypeVar("T")
FILLER = "word "
"""Stands for a token of an answer that is not there yet, in a judge's prompt."""


@dataclass(frozen=True, slots=True)
class Estimator:
    """Works estimates out; asks no model for an answer."""

    database: Database
    door: PricedDoor
    shelf: Shelf
    prompts: SavedPrompts
    asker: Asker
    visitor: Visitor

    async def estimate(self, plan: Plan, pilot: EvalPilot | None) -> EvalEstimate:
        """What `plan` is going to cost.

        Raises:
            WeftError: the door would refuse it: no such model, no right.
        """
        rows = await self._rows(plan)
        models = [await self._model(plan, one.model, rows) for one in plan.models]
        outputs = [told.output_each for told, _prompts in models]
        judges = [(judge, *await self._judge(plan, judge, rows, outputs)) for judge in plan.judges]
        return _told(plan, models, judges, pilot)

    async def check(self, plan: Plan) -> None:
        """Raise what the door would refuse every question of `plan` for."""
        message = [{"role": "user", "content": "?"}]
        judges = [judge.model for judge in plan.judges if judge.model is not None]
        for model in [*(one.model for one in plan.models), *judges]:
            await self.door.quote(self.asker, payload_of(model.inputs(), message, stream=False))

    async def _rows(self, plan: Plan) -> list[dict[str, Any]]:
        refs = spread(plan.rows, QUOTED_ROWS)
        values = await self.shelf.values(self.visitor, refs)
        return [object_in(values.get(ref)) for ref in refs]

    async def _model(
        self, plan: Plan, model: StructuredModel, rows: list[dict[str, Any]]
    ) -> tuple[Figures, Prompts]:
        template = model.template
        if model.prompt is not None:
            template = await self.prompts.messages(self.visitor, model.prompt)
        payloads: list[bytes] = []
        failed: WeftError | None = None
        for row in rows:
            variables = {k: v for k, v in row.items() if k not in {USER_INPUT, "config"}}
            try:
                messages = messages_for(template, row.get(USER_INPUT), variables)
            except WeftError as error:  # this row is going to fail, and costs nothing
                failed = error
                continue
            payloads.append(payload_of(model.inputs(), messages, stream=False))
        if not payloads and failed is not None:
            raise failed
        quote, prompts = await self._quoted(payloads, plan.items)
        seen = await self._seen(plan, subject_of(model), quote.model_id)
        return figures(quote, prompts, seen, plan.items), prompts

    async def _judge(
        self, plan: Plan, judge: Scorer, rows: list[dict[str, Any]], outputs: list[float]
    ) -> tuple[Figures, Prompts]:
        assert judge.model is not None
        assert judge.prompt is not None
        filler = FILLER * math.ceil(math.fsum(outputs) / len(outputs))
        payloads: list[bytes] = []
        for row in rows:
            try:
                prompt = filled(judge.prompt, {**judge.arguments(row), "output": filler})
            except WeftError:
                continue
            messages = messages_for(judge.model.template, prompt, {})
            payloads.append(payload_of(judge.model.inputs(), messages, stream=False))
        questions = plan.items * len(plan.models)
        quote, prompts = await self._quoted(payloads, questions)
        seen = await self._seen(plan, subject_of_judge(judge), quote.model_id)
        return figures(quote, prompts, seen, questions), prompts

    async def _quoted(self, payloads: list[bytes], questions: int) -> tuple[Quote, Prompts]:
        """A quote, and what is known of all prompts."""
        quotes = [await self.door.quote(self.asker, payload) for payload in payloads]
        counting = spread(range(len(payloads)), COUNTED_ROWS)
        counted = await asyncio.gather(
            *(self.door.quote(self.asker, payloads[index], counts=True) for index in counting)
        )
        is_counted = all(one.is_counted for one in counted)
        lengths = [len(payload) for payload in payloads]
        mean_bytes = math.fsum(lengths) / len(lengths)
        if is_counted:
            tokens = math.fsum(one.prompt_tokens for one in counted) / len(counted)
            sampled = math.fsum(lengths[index] for index in counting) / len(counting)
            mean_tokens = tokens * mean_bytes / sampled
        else:
            mean_tokens = mean_bytes / BYTES_PER_TOKEN
        most = [quote.most_nusd for quote in quotes]
        prompts = Prompts(
            mean_tokens, is_counted, math.ceil(math.fsum(most) / len(most) * questions), max(most)
        )
        return quotes[0], prompts

    async def _seen(self, plan: Plan, subject: str, model_id: str) -> Seen | None:
        return await self.database.read_soon(
            partial(
                find_seen,
                project_id=self.visitor.project_id,
                subject=subject,
                dataset_ref=plan.wanted.dataset_ref,
                model_id=model_id,
            )
        )


def spread(items: Sequence[T], most: int) -> list[T]:
    """At most so many of `items`, evenly spaced."""
    if len(items) <= most:
        return list(items)
    return [items[index * len(items) // most] for index in range(most)]


def _told(
    plan: Plan,
    models: list[tuple[Figures, Prompts]],
    judges: list[tuple[Scorer, Figures, Prompts]],
    pilot: EvalPilot | None,
) -> EvalEstimate:
    parts = [told for told, _prompts in models] + [told for _judge, told, _prompts in judges]
    prompts = [one for _told, one in models] + [one for _judge, _told, one in judges]
    cost, low, high = together(parts)
    seconds = [told.seconds for told in parts]
    known = [one for one in seconds if one is not None]
    budget = plan.wanted.budget_nusd
    most = sum(one.most_nusd for one in prompts)
    return EvalEstimate(
        questions=sum(told.questions for told in parts),
        input_tokens=round(sum(told.input_tokens for told in parts)),
        output_tokens=round(sum(told.output_tokens for told in parts)),
        cost_nusd=_nusd(cost),
        low_nusd=_nusd(low),
        high_nusd=_nusd(min(high, max(most, cost))),
        most_nusd=str(most),
        keeps_nusd=str(max(one.dearest_nusd for one in prompts)),
        seconds=math.fsum(known) / plan.wanted.concurrency if len(known) == len(seconds) else None,
        models=[
            EvalModelEstimate(
                name=planned.name,
                model=planned.model.model,
                questions=told.questions,
                input_tokens=round(told.input_tokens),
                output_tokens=round(told.output_tokens),
                cost_nusd=_nusd(told.cost_nusd),
                low_nusd=_nusd(told.low_nusd),
                high_nusd=_nusd(told.high_nusd),
                output_tokens_each=told.output_each,
                basis=told.basis,
            )
            for planned, (told, _prompts) in zip(plan.models, models, strict=True)
        ],
        judges=[
            EvalJudgeEstimate(
                name=key_of(judge),
                model=judge.model.model if judge.model else "",
                questions=told.questions,
                input_tokens=round(told.input_tokens),
                output_tokens=round(told.output_tokens),
                cost_nusd=_nusd(told.cost_nusd),
                basis=told.basis,
            )
            for judge, told, _prompts in judges
        ],
        judge_cost_nusd=_nusd(math.fsum(told.cost_nusd for _judge, told, _prompts in judges)),
        basis=_basis(plan, parts),
        is_measured=all(told.is_measured for told in parts),
        unpriced_models=unpriced([*(one.model.model for one in plan.models), *plan.judge_models]),
        budget_nusd=budget,
        fits=budget is None or cost <= int(budget),
        pilot=pilot,
    )


def _basis(plan: Plan, parts: list[Figures]) -> str:
    """In words, for all of it."""
    names = [one.name for one in plan.models] + [f"judge {key_of(one)}" for one in plan.judges]
    lines = [f"{name}: {told.basis}." for name, told in zip(names, parts, strict=True)]
    if len(plan.rows) > QUOTED_ROWS:
        lines.append(f"{QUOTED_ROWS} of {len(plan.rows)} rows stand for all of them.")
    return " ".join(lines)


def _nusd(amount: float) -> str:
    return str(math.ceil(amount))
