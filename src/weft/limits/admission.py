"""Admission: a slot and a hold together, or neither.

Whatever waits to be admitted is judged in one transaction, in the order of arrival, against the book: each request
sees those before it. What is admitted becomes open holds, seen by every process at once; what is refused leaves
nothing behind, in no count. The transaction is not fsynced: after a power cut nothing is in flight anyway.

Why caps hold exactly: a request is admitted only if the charges of the window, all open holds and its own hold are
together within the limit, and what it is charged in the end is never above its hold. Holds count towards the window
that is now, whenever they were made, and a charge counts towards the window it is posted in, so the turn of a day or
month changes nothing about that.
"""

import asyncio
import time
from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection

from weft.kit.ids import uuid7_hex
from weft.kit.money import NanoUsd
from weft.ledger.accounts import PRIORITIES, Grant, GrantKind
from weft.ledger.book import Book
from weft.ledger.grants import give_grant, given_by_plan
from weft.ledger.holds import Hold, open_holds
from weft.ledger.ledger import Ledger
from weft.ledger.posting import Head
from weft.ledger.windows import (
    US_PER_MINUTE,
    Days,
    month_name,
    month_of,
    start_us,
    year_of,
)
from weft.limits.types import Allowance, Denial, Limit, LimitKind, LimitScope, Period

JUDGED_LOOK_S = 0.005
JUDGED_TIMEOUT_S = 5.0
"""How long a request whose client is gone waits to see whether it was admitted. What it misses, `owners.py` finds."""


class HoldRequest(msgspec.Struct):
    """What a request needs to start. The writer fills in one of the last two."""

    id: str
    team_id: str
    project_id: str
    user_id: str
    key_id: str
    model_id: str
    """What the caller asked for, by the id of its card."""
    stream: bool
    started_at_us: int
    want_nusd: int
    """The most that it can cost."""
    least_nusd: int
    """The least that makes sense: where less is left than wanted, the hold is for what is left."""
    tokens: int
    """For limits of tokens a minute: an estimate."""
    allowance: Allowance
    hold: Hold | None = None
    denial: Denial | None = None

    @property
    def token_scopes(self) -> tuple[str, ...]:
        """Whose tokens a minute are counted."""
        return self.allowance.token_scopes


class Admission:
    """Admits requests, one for each process."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def admit(self, wanted: HoldRequest) -> Hold | Denial:
        """A hold, or the first limit in the way.

        Cancelled while it waits it first waits for the judgement: if `wanted.hold` is set then, it must be settled.
        """
        live = self._ledger.live
        live.add(wanted.id)
        try:
            await self._ledger.writer.submit(self.apply, wanted, durable=False)
        except asyncio.CancelledError:
            await _judged(wanted)
            raise
        finally:
            if wanted.hold is None:
                live.discard(wanted.id)
        outcome = wanted.hold or wanted.denial
        assert outcome is not None, "the writer judged it"
        return outcome

    def apply(self, connection: Connection, wanted: Sequence[HoldRequest]) -> None:
        """Judge all that waits. Runs on the writer's thread, inside its transaction."""
        ledger, book = self._ledger, self._ledger.book
        head = Head(connection, ledger.now_us())
        book.open(connection, head)
        _load(connection, book, wanted)
        _give_plan_credit(connection, book, head, wanted)
        holds: list[Hold] = []
        for request in wanted:
            request.hold = request.denial = None
            outcome = judge(book, request, ledger.owner)
            if isinstance(outcome, Denial):
                request.denial = outcome
                continue
            request.hold = outcome
            book.add_hold(outcome.scopes, outcome.model_id, outcome.amount_nusd)
            _count_rates(book, request)
            holds.append(outcome)
        open_holds(connection, holds)
        book.close(connection, head)


async def _judged(wanted: HoldRequest) -> None:
    """Wait until the writer has judged a request whose client is gone."""
    until_s = time.monotonic() + JUDGED_TIMEOUT_S
    while wanted.hold is None and wanted.denial is None and time.monotonic() < until_s:  # noqa: ASYNC110 - rare, and an event for each request is not free
        await asyncio.sleep(JUDGED_LOOK_S)


def judge(book: Book, request: HoldRequest, owner: str) -> Hold | Denial:
    """Whether `request` may start as things are. Changes nothing; everything it needs was loaded."""
    room = request.want_nusd
    scarce: Limit | None = None
    left = 0
    for limit in request.allowance.limits:
        if limit.kind is LimitKind.SPEND:
            if not request.want_nusd:  # what costs nothing stands in no cap's way
                continue
            used = book.spent(limit.scope_id, days_of(limit.period, book.day))
            rest = limit.max - used - book.reserved.get(limit.scope_id, 0)
            if rest < room:
                room, scarce, left = rest, limit, limit.max - rest
        elif (denial := _denial_of_count(book, limit, request)) is not None:
            return denial
    if request.allowance.prepaid and request.want_nusd:
        credit = book.credit_left(request.team_id) - book.reserved.get(request.team_id, 0)
        if credit < room:
            room, left = credit, credit
            scarce = Limit(
                LimitKind.CREDITS,
                LimitScope.TEAM,
                request.team_id,
                max=0,
                set_by=f"plan {request.allowance.plan}",
                name=request.allowance.team,
            )
    if scarce is not None and room < request.least_nusd:
        return Denial(scarce, left, request.least_nusd, _resets_at(book, scarce, request.allowance))
    return Hold(
        id=request.id,
        owner=owner,
        team_id=request.team_id,
        project_id=request.project_id,
        user_id=request.user_id,
        key_id=request.key_id,
        model_id=request.model_id,
        stream=request.stream,
        amount_nusd=NanoUsd(max(room, 0)),
        tokens=request.tokens,
        started_at_us=book.now_us,
    )


def _denial_of_count(book: Book, limit: Limit, request: HoldRequest) -> Denial | None:
    """The denial by a limit of concurrency, requests or tokens."""
    asked = 1
    if limit.kind is LimitKind.CONCURRENCY:
        current = book.in_flight.get(limit.counter, 0)
    elif limit.kind is LimitKind.REQUESTS:
        current = book.rate(limit.scope_id)[0]
    else:
        current, asked = book.rate(limit.scope_id)[1], request.tokens
    if current + asked <= limit.max:
        return None
    if limit.kind is LimitKind.CONCURRENCY:
        return Denial(limit, current, asked, None, retry_after_s=1)
    resets_at_us = (book.minute + 1) * US_PER_MINUTE
    retry_after_s = -(-(resets_at_us - book.now_us) // 1_000_000)
    return Denial(limit, current, asked, resets_at_us, retry_after_s=retry_after_s)


def days_of(period: Period | None, day: int) -> Days:
    """The days of the window that `day` is in."""
    match period:
        case Period.MONTH:
            return month_of(day)
        case Period.YEAR:
            return year_of(day)
        case _:
            return day, day


def _resets_at(book: Book, limit: Limit, allowance: Allowance) -> int | None:
    """When there is room again by itself."""
    if limit.kind is LimitKind.SPEND:
        return start_us(days_of(limit.period, book.day)[1] + 1)
    return start_us(month_of(book.day)[1] + 1) if allowance.credit is not None else None


def _load(connection: Connection, book: Book, wanted: Sequence[HoldRequest]) -> None:
    """Have the book know what judging these needs."""
    day = book.day
    teams = {request.team_id for request in wanted if request.allowance.prepaid}
    # Many requests of a group share one allowance.
    allowances = {id(request.allowance): request.allowance for request in wanted}.values()
    windows = {
        (scope_id, days_of(period, day))
        for allowance in allowances
        for scope_id, period in allowance.spend_windows
    }
    rates = {scope_id for allowance in allowances for scope_id in allowance.rate_scopes}
    if windows:
        book.load_spend(connection, windows)
    if rates:
        book.load_rates(connection, rates)
    if teams:
        book.load_credit(connection, teams)


def _count_rates(book: Book, request: HoldRequest) -> None:
    """Count an admitted request where requests or tokens are limited: once for each scope."""
    for scope_id in request.allowance.rate_scopes:
        book.add_rate(scope_id, book.minute, 1, request.tokens)


def _give_plan_credit(
    connection: Connection, book: Book, head: Head, wanted: Sequence[HoldRequest]
) -> None:
    """Give each team its plan's credit for this month, if it has not got it yet.

    A team that changes to a plan with more gets the difference; nobody gets the same month's credit twice.
    """
    month = month_name(book.day)
    for request in wanted:
        credit = request.allowance.credit
        if credit is None or not credit.amount_nusd:
            continue
        source = f"plan:{request.team_id}:{month}:{credit.plan}"
        if book.is_known_source(source):
            continue
        book.know_source(source)
        first, last = month_of(book.day)
        given = given_by_plan(connection, request.team_id, start_us(first))
        amount = credit.amount_nusd - given
        if amount <= 0:
            continue
        grant = Grant(
            id=f"grant_{uuid7_hex()}",
            team_id=request.team_id,
            kind=GrantKind.PLAN,
            source=source,
            amount_nusd=NanoUsd(amount),
            priority=PRIORITIES[GrantKind.PLAN],
            created_at_us=book.now_us,
            expires_at_us=start_us(last + 1),
            note=f"included in plan {credit.plan}",
            made_by="plan",
        )
        if give_grant(connection, head, grant).id == grant.id:
            book.add_grant(grant)
