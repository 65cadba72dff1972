"""The budget of a batch: how it is kept to the nano-dollar, whatever happens.

Before a question is asked, its worst case is reserved: in one durable transaction a row in `evals_ask` is written and
`held_nusd` grows, if `spent + held + worst case <= budget`, or nothing happens. The row has the id that the request is
going to have. The door may then hold no more than was reserved, and opens its hold only while that row is open
(`is_open`, checked in the very transaction that opens the hold). When the request is settled, the answer, the charge
and the end of the reservation are written in the one transaction that posts the charge (`sealing`). So at any moment

    what the ledger charged  <=  spent + held  <=  budget

and a process that is killed leaves nothing but open rows. Whoever goes on asks the ledger about each (`settle_open`):
a usage record says what it was charged; while there is a hold it stays reserved, since it may still be charged; where
there is neither it was never asked, and the row is closed, so that nobody can ask it later.

Why no Idempotency-Key for this (decision 0031): its answers are kept for a day, a resume may come after a week; its
claims are waited for; and an answer there would be written apart from what is left of the budget here.

Functions here take a `Connection` on the ledger's writer; none opens a transaction of its own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, func, insert, select, update

from weft.evals.batches.schema import ASK, BATCH, RUN
from weft.kit.ids import new_id
from weft.ledger import schema as books

ANSWERED = 200


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a batch: `part` 0 is the model's, others are judges'."""

    batch_id: str
    run: int
    place: int
    part: int
    subject: str
    """A digest of what is asked: model, template, settings."""


@dataclass(slots=True)
class Reservation:
    """A wish to ask; the writer says whether it was granted."""

    question: Question
    owner: str
    worst_nusd: int
    now_us: int
    request_id: str = ""
    """Of the request that may be sent; empty where the budget has no room."""
    left_nusd: int = 0
    """What the budget has left, where it has no room."""
    may_wait: bool = False
    """Not granted, and something is in flight whose end may make room."""
    is_over: bool = False
    """Not granted, because the batch is no longer this process's to run."""


class Answer(msgspec.Struct, frozen=True):
    """A question that was answered before."""

    request_id: str
    body: bytes
    started_at_us: int
    ended_at_us: int


def reserve(connection: Connection, wanted: Sequence[Reservation]) -> None:
    """Judge reservations in their order; see above."""
    for one in wanted:
        one.request_id, one.may_wait, one.is_over = "", False, False
        batch = connection.execute(
            select(
                BATCH.c.state,
                BATCH.c.owner,
                BATCH.c.budget_nusd,
                BATCH.c.spent_nusd,
                BATCH.c.held_nusd,
            ).where(BATCH.c.id == one.question.batch_id)
        ).one()
        if batch.state != "running" or batch.owner != one.owner:
            one.is_over = True
            continue
        taken = batch.spent_nusd + batch.held_nusd
        if batch.budget_nusd is not None and taken + one.worst_nusd > batch.budget_nusd:
            one.may_wait = batch.held_nusd > 0
            one.left_nusd = batch.budget_nusd - taken
            continue
        one.request_id = new_id("req")
        _open(connection, one)


def _open(connection: Connection, one: Reservation) -> None:
    question = one.question
    connection.execute(
        update(BATCH)
        .where(BATCH.c.id == question.batch_id)
        .values(held_nusd=BATCH.c.held_nusd + one.worst_nusd)
    )
    connection.execute(
        insert(ASK).values(
            id=one.request_id,
            batch_id=question.batch_id,
            run=question.run,
            place=question.place,
            part=question.part,
            subject=question.subject,
            reserved_nusd=one.worst_nusd,
            status=0,
            input_tokens=0,
            cached_tokens=0,
            output_tokens=0,
            started_at_us=one.now_us,
        )
    )


def is_open(connection: Connection, request_id: str) -> bool:
    """Whether the question may still be asked under this id."""
    wanted = select(ASK.c.id).where(ASK.c.id == request_id, ASK.c.charged_nusd.is_(None))
    return connection.execute(wanted).first() is not None


def sealing(request_id: str, status: int, body: bytes, now_us: int) -> Callable[[Connection], None]:
    """What is written together with the charge of a request that ends so."""
    answer = body.decode() if status == ANSWERED else None

    def write(connection: Connection) -> None:
        _close(connection, request_id, answer, now_us)

    return write


def settle_open(connection: Connection, wanted: Sequence["Settling"]) -> None:
    """Close the open questions of batches whose charge is known, or can never come; see above."""
    for one in wanted:
        open_ = select(
            ASK.c.id, books.hold.c.id.label("hold"), books.usage.c.id.label("usage")
        ).where(ASK.c.batch_id == one.batch_id, ASK.c.charged_nusd.is_(None))
        if one.request_id:
            open_ = open_.where(ASK.c.id == one.request_id)
        found = connection.execute(
            open_.select_from(
                ASK.outerjoin(books.hold, books.hold.c.id == ASK.c.id).outerjoin(
                    books.usage, books.usage.c.id == ASK.c.id
                )
            )
        ).all()
        one.left = 0
        for row in found:
            if row.usage is None and row.hold is not None:
                one.left += 1
            else:
                _close(connection, row.id, None, one.now_us)


@dataclass(slots=True)
class Settling:
    """A wish to close what is open of a batch: one question, or all of them."""

    batch_id: str
    now_us: int
    request_id: str = ""
    left: int = 0
    """How many stay open, because their hold is. Filled in by the writer."""


def _close(connection: Connection, request_id: str, answer: str | None, now_us: int) -> None:
    """The question was charged what the ledger says. Once: a second time finds it closed."""
    used = connection.execute(
        select(
            books.usage.c.cost_nusd,
            books.usage.c.status,
            books.usage.c.input_tokens,
            books.usage.c.cached_input_tokens,
            books.usage.c.output_tokens,
        ).where(books.usage.c.id == request_id)
    ).one_or_none()
    cost = used.cost_nusd if used else 0
    closed = connection.execute(
        update(ASK)
        .where(ASK.c.id == request_id, ASK.c.charged_nusd.is_(None))
        .values(
            charged_nusd=cost,
            status=used.status if used else 0,
            answer=answer,
            input_tokens=used.input_tokens if used else 0,
            cached_tokens=used.cached_input_tokens if used else 0,
            output_tokens=used.output_tokens if used else 0,
            ended_at_us=now_us,
        )
        .returning(ASK.c.batch_id, ASK.c.run, ASK.c.reserved_nusd)
    ).one_or_none()
    if closed is None:
        return
    connection.execute(
        update(BATCH)
        .where(BATCH.c.id == closed.batch_id)
        .values(
            spent_nusd=BATCH.c.spent_nusd + cost,
            held_nusd=BATCH.c.held_nusd - closed.reserved_nusd,
        )
    )
    connection.execute(
        update(RUN)
        .where(RUN.c.batch_id == closed.batch_id, RUN.c.position == closed.run)
        .values(cost_nusd=RUN.c.cost_nusd + cost)
    )


def read_answers(connection: Connection, question: Question) -> dict[int, Answer]:
    """What was answered of one row already, by part."""
    rows = connection.execute(
        select(ASK.c.part, ASK.c.id, ASK.c.answer, ASK.c.started_at_us, ASK.c.ended_at_us).where(
            ASK.c.batch_id == question.batch_id,
            ASK.c.run == question.run,
            ASK.c.place == question.place,
            ASK.c.answer.is_not(None),
        )
    )
    return {
        row.part: Answer(row.id, row.answer.encode(), row.started_at_us, row.ended_at_us)
        for row in rows
    }


def count_answered(connection: Connection, batch_ids: Sequence[str]) -> dict[str, int]:
    """How many questions of each batch were answered."""
    rows = connection.execute(
        select(ASK.c.batch_id, func.count())
        .where(ASK.c.batch_id.in_(batch_ids), ASK.c.status == ANSWERED)
        .group_by(ASK.c.batch_id)
    )
    return {batch_id: int(count) for batch_id, count in rows}
