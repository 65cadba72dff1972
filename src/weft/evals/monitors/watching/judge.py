"""Judges the calls that a monitor took on: each scorer's verdict becomes feedback on the call, as the client leaves it.

A judge's own calls carry marks of evaluations (`EVAL_META`, the source of `asking`), and calls with such a mark are
passed over by every monitor: what judges say is never judged.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import Connection, select, true

from weft.evals.calls import EVAL_META
from weft.evals.monitors.store import ERROR_CHARS, add, change
from weft.evals.monitors.types import Watched
from weft.evals.monitors.watching.items import mark
from weft.evals.results.read import chunks
from weft.evals.runs.asking import SOURCE, RunRefused
from weft.evals.runs.score import Judges, Scored
from weft.evals.runs.scorers import EXCEPTION, FAILURES, Scorer
from weft.evals.runs.single import Answer, answers_of
from weft.evals.values import object_in, text_in
from weft.kit.clock import Clock, to_us
from weft.traces.calls.parts import WriteCalls
from weft.traces.calls.read.find import Search
from weft.traces.calls.read.wire import CallFilter
from weft.traces.feedback.parts import FeedbackPart, WriteFeedback
from weft.traces.query.parse import parse_query
from weft.traces.refs import object_ref
from weft.traces.schema import CALL, PAYLOAD
from weft.traces.store import TraceStore
from weft.traces.types import ProjectKey

PARALLEL = 4
"""Calls of one monitor at once; the door's limits hold besides."""
MAX_TOKENS = 512
"""What a judge may say where its settings name no limit: its worst case has to fit a budget."""
PATIENCE_S = 60.0
"""For one verdict."""
_OWN_SOURCES = frozenset({SOURCE, "monitor"})


def row_of(answer: Answer) -> Mapping[str, Any]:
    """What prompts may name: every input, and `inputs` as a whole; of a call that failed, its exception, too."""
    row = {"inputs": answer.inputs, **answer.inputs}
    return row if answer.exception is None else {**row, EXCEPTION: answer.exception}


@dataclass(frozen=True, slots=True)
class Court:
    """Judges for one version of one monitor."""

    store: TraceStore
    clock: Clock
    watched: Watched
    scorers: Sequence[Scorer]
    judges: Judges

    async def judge(self, ids: Sequence[str]) -> int:
        """Judge calls that were taken on and have ended; how many were.

        Raises:
            RunRefused: the door, or the budget, allows no further verdict; what was not judged stays as it was.
        """
        query = self.watched.spec.query
        with_failed = any(one.kind == FAILURES for one in self.scorers)
        answers = await self.store.read(
            self.watched.project_id,
            lambda c, key: read_live(c, key, ids, query, with_failed=with_failed),
            empty=list[Answer](),
        )
        meant = {answer.id for answer in answers}
        await self._mark([id_ for id_ in ids if id_ not in meant], "passed_over")
        await self._mark(list(meant), "judging")
        slots = asyncio.Semaphore(PARALLEL)
        refusals: list[RunRefused] = []

        async def one(answer: Answer) -> None:
            async with slots:
                if (
                    not refusals
                ):  # those under way end as they may: what they were charged is known then
                    try:
                        await self._judge_one(answer)
                    except RunRefused as refused:
                        refusals.append(refused)

        async with asyncio.TaskGroup() as tasks:
            for answer in answers:
                tasks.create_task(one(answer))
        if refusals:
            raise refusals[0]
        return len(answers)

    async def _judge_one(self, answer: Answer) -> None:
        scored: list[Scored] = []
        try:
            for scorer in self.scorers:
                if answer.exception is not None and scorer.kind != FAILURES:
                    continue  # it gave nothing that could be judged
                said = await self.judges.score(
                    scorer, answer.output, row_of(answer), of_call=answer.id, parent=None
                )
                scored = [*scored, said]
        except RunRefused:
            if scored:
                await self._write(answer, scored)
            raise
        await self._write(answer, scored)

    async def _write(self, answer: Answer, scored: Sequence[Scored]) -> None:
        writer, project_id = self.store.writer, self.watched.project_id
        await writer.write(WriteCalls(project_id, [one.call for one in scored]))
        feedback = [self._signed(answer, one.feedback) for one in scored if one.feedback]
        if feedback:
            await writer.write(WriteFeedback(project_id, feedback))
        failed = [one for one in scored if one.is_error]
        now_us, name = to_us(self.clock.now()), self.watched.spec.name

        def note(connection: Connection, key: ProjectKey) -> None:
            mark(connection, key, name, [answer.id], "failed" if failed else "done", now_us)
            if failed:
                add(connection, key, name, failed=1, errors_in_row=1)
                error = error_of(failed[0])
                change(connection, key, name, last_error=error, last_error_at_us=now_us)
            else:
                add(connection, key, name, judged=1)
                change(connection, key, name, errors_in_row=0)

        await self.store.change(project_id, note)

    def _signed(self, answer: Answer, part: FeedbackPart) -> FeedbackPart:
        """A verdict with the monitor's name on it, and an id that it has each time."""
        spec = self.watched.spec
        told = f"{spec.name}\0{answer.id}\0{part.feedback_type}"
        return msgspec.structs.replace(
            part,
            id=sha256(told.encode()).hexdigest()[:32],
            trigger_ref=object_ref(self.judges.models.visitor.name, spec.name, spec.digest),
        )

    async def _mark(self, ids: Sequence[str], state: str) -> None:
        if ids:
            now_us, name = to_us(self.clock.now()), self.watched.spec.name
            await self.store.change(
                self.watched.project_id, lambda c, key: mark(c, key, name, ids, state, now_us)
            )


def bounded(scorers: Sequence[Scorer]) -> list[Scorer]:
    """The same scorers, with judges that say so much at most, in so much time."""
    return [
        one
        if one.model is None
        else replace(
            one,
            model=replace(
                one.model,
                params={"max_tokens": MAX_TOKENS, "timeout": PATIENCE_S, **one.model.params},
            ),
        )
        for one in scorers
    ]


def read_live(
    connection: Connection,
    project: ProjectKey,
    ids: Sequence[str],
    query: Any,
    *,
    with_failed: bool = False,
) -> list[Answer]:
    """What these calls were given and gave; those that no query means, or that are a judge's, are left out.

    So are those that failed, but where they are asked for.
    """
    columns = (
        *(PAYLOAD.c.inputs, PAYLOAD.c.inputs_blob, PAYLOAD.c.output, PAYLOAD.c.output_blob),
        *(PAYLOAD.c.attributes, PAYLOAD.c.exception),
    )
    condition = parse_query(query)
    found: list[Answer] = []
    for chunk in chunks(ids):
        meant = Search(project, CallFilter(call_ids=list(chunk)), condition).statement(
            (), len(chunk)
        )
        wanted = (
            select(CALL.c.id, *columns)
            .join(PAYLOAD, PAYLOAD.c.seq == CALL.c.seq)
            .where(
                CALL.c.seq.in_(meant.scalar_subquery()),
                CALL.c.ended_at_us.is_not(None),
                true() if with_failed else PAYLOAD.c.exception.is_(None),
            )
            .order_by(CALL.c.seq)
        )
        rows = [row for row in connection.execute(wanted) if not is_of_judge(row.attributes)]
        found += answers_of(connection, project, rows)
    return found


def is_of_judge(attributes: str) -> bool:
    """Whether a call's attributes say that it is an evaluation's or a judge's own work on this server."""
    fields = object_in(msgspec.json.decode(attributes))
    if fields.get(EVAL_META):
        return True
    return text_in(object_in(fields.get("weave")).get("source")) in _OWN_SOURCES


def error_of(scored: Scored) -> str:
    """Why a verdict failed, in words."""
    told = object_in(msgspec.json.decode(scored.call.exception or "{}"))
    return f"{scored.key}: {text_in(told.get('message')) or 'failed'}"[:ERROR_CHARS]
