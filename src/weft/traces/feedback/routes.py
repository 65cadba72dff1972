"""Feedback's routes.

Creating it goes by the writer, so it is accepted also while the database is away; ids are made before. What only the
database can tell (is the annotation's value what its spec says, is there such a queue) is checked when it answers.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response

from weft.identity.projects.gate import Visitor
from weft.kit.clock import from_us, to_us
from weft.kit.errors import InvalidRequest
from weft.kit.routes.handing import hand_on
from weft.traces.feedback import figures
from weft.traces.feedback.checks import find_known
from weft.traces.feedback.parts import FeedbackPart, FeedbackWire, WriteFeedback, part_of
from weft.traces.feedback.read import list_feedback
from weft.traces.feedback.rules import BadFeedback
from weft.traces.feedback.write import delete_feedback
from weft.traces.json_text import decode
from weft.traces.query.ids import ids_of
from weft.traces.query.listing import ListBody, listing_of
from weft.traces.query.parse import parse_query
from weft.traces.routes.desk import Desk, json_answer, trace_router

BATCH_LIMIT = 10_000


class BatchWire(msgspec.Struct):
    """`/feedback/batch/create`."""

    batch: list[FeedbackWire]


class ReplaceWire(FeedbackWire, kw_only=True):
    """`/feedback/replace`."""

    feedback_id: str


class PurgeBody(msgspec.Struct):
    """`/feedback/purge`."""

    project_id: str
    query: Any = None


def router(desk: Desk) -> APIRouter:
    """The routes under `/feedback`."""
    routes = trace_router()
    hand_on(_making(desk), routes)
    hand_on(figures.router(desk), routes)

    @routes.post("/feedback/query")
    async def query(request: Request) -> Response:
        """Find feedback."""
        asked = await desk.reading(request, ListBody)
        wanted = listing_of(asked.body)
        found, total = await desk.store.read(
            asked.project_id,
            lambda c, key: list_feedback(c, key, asked.visitor.name, wanted),
            empty=(list[dict[str, Any]](), 0),
        )
        return json_answer({"result": found, "total_count": total})

    @routes.post("/feedback/purge")
    async def purge(request: Request) -> Response:
        """Remove feedback by its ids, for good."""
        asked = await desk.writing(request, PurgeBody)
        ids = ids_of(parse_query(asked.body.query))
        await desk.store.change(asked.project_id, lambda c, key: delete_feedback(c, key, ids))
        return json_answer({})

    _ = (query, purge)
    return routes


def _making(desk: Desk) -> APIRouter:
    routes = trace_router()

    @routes.post("/feedback/create")
    async def create(request: Request) -> Response:
        """Add feedback to a call, an object or an agent's turn."""
        asked = await desk.writing(request, FeedbackWire)
        made = await _take(desk, asked.visitor, asked.body)
        return json_answer(_answer(made))

    @routes.post("/feedback/batch/create")
    async def create_batch(request: Request) -> Response:
        """Add several: all, or if one is wrong, none; where clients gave ids, all that are right."""
        wires = decode(await request.body(), BatchWire).batch
        if len(wires) > BATCH_LIMIT:
            raise InvalidRequest(f"a batch has at most {BATCH_LIMIT} feedbacks", param="batch")
        visitors: dict[str, Visitor] = {}
        for wire in wires:
            if wire.project_id not in visitors:
                visitors[wire.project_id] = visitor = await desk.enter(request, wire.project_id)
                visitor.may_write()
        made: dict[int, FeedbackPart] = {}
        wrong: dict[int, BadFeedback] = {}
        for project, visitor in visitors.items():
            mine = {n: wire for n, wire in enumerate(wires) if wire.project_id == project}
            checked = await _checked(desk, visitor, list(mine.values()))
            for number, one in zip(mine, checked, strict=True):
                if isinstance(one, BadFeedback):
                    wrong[number] = one
                else:
                    made[number] = one
        if not wrong or all(wire.id for wire in wires):
            for project, visitor in visitors.items():
                parts = [part for n, part in made.items() if wires[n].project_id == project]
                await desk.store.writer.write(WriteFeedback(visitor.project_id, parts))
        if wrong:
            raise _of_batch(wrong, wires)
        return json_answer({"res": [_answer(made[number]) for number in range(len(wires))]})

    @routes.post("/feedback/replace")
    async def replace(request: Request) -> Response:
        """Take one feedback away, and put another in its place."""
        asked = await desk.writing(request, ReplaceWire)
        made = await _take(desk, asked.visitor, asked.body, replaces=asked.body.feedback_id)
        return json_answer(_answer(made))

    _ = (create, create_batch, replace)
    return routes


async def _take(
    desk: Desk, visitor: Visitor, wire: FeedbackWire, *, replaces: str = ""
) -> FeedbackPart:
    """Check one feedback and have it written."""
    [part] = await _checked(desk, visitor, [wire], replaces=replaces)
    if isinstance(part, BadFeedback):
        raise part
    await desk.store.writer.write(WriteFeedback(visitor.project_id, [part]))
    return part


async def _checked(
    desk: Desk, visitor: Visitor, wires: Sequence[FeedbackWire], *, replaces: str = ""
) -> list[FeedbackPart | BadFeedback]:
    """What is written of each feedback for one project, or what is wrong with it."""
    now_us = to_us(desk.clock.now())
    found: list[FeedbackPart | BadFeedback] = []
    for wire in wires:
        try:
            found.append(part_of(wire, visitor, now_us, replaces=replaces))
        except BadFeedback as error:
            found.append(error)
    parts = [one for one in found if isinstance(one, FeedbackPart)]
    known = await find_known(desk.store, visitor, parts)
    for number, part in enumerate(found):
        if isinstance(part, FeedbackPart):
            try:
                known.check(part)
            except BadFeedback as error:
                found[number] = error
    return found


def _of_batch(wrong: Mapping[int, BadFeedback], wires: Sequence[FeedbackWire]) -> BadFeedback:
    """What is said of a batch with something wrong in it.

    Clients halve a batch that is refused so, and drop both halves if both are refused again. What was right is written
    by then: sent again under the same id, it changes nothing.
    """
    number, first = next(iter(wrong.items()))
    return BadFeedback(
        f"{len(wrong)} of {len(wires)} feedbacks were refused; number {number}: {first.message}",
        param=first.param,
        metadata={"refused": [wires[n].id for n in wrong]},
    )


def _answer(part: FeedbackPart) -> dict[str, Any]:
    return {
        "id": part.id,
        "created_at": from_us(part.created_at_us),
        "wb_user_id": part.wb_user_id,
        "payload": msgspec.Raw(part.payload.encode()),
    }
