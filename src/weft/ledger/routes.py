"""`/api/credits` and `/api/refunds`: what teams have and owe; administrators of the server give, take and correct.

Money is text: whole nano-dollars. `source` names the cause; sent again with the same source, a request changes nothing
and answers what the first one did.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from weft.identity.audit.store import record
from weft.identity.audit.types import Detail
from weft.identity.types import Team, User
from weft.kit.clock import Clock, from_us, to_us
from weft.kit.db import Database
from weft.kit.ids import new_id
from weft.ledger.accounts import Grant, GrantKind
from weft.ledger.grants import (
    MAX_TEXT,
    Cause,
    GrantLeft,
    adjust,
    balance_of,
    give_grant,
    list_grants,
    new_grant,
    record_payment,
    refund,
    team_of_charge,
)
from weft.ledger.posting import Head
from weft.ledger.rights import check_server_admin, team_to_credit, team_to_read

T = TypeVar("T")
Text = Annotated[str, Field(max_length=MAX_TEXT)]
Nusd = Annotated[str, Field(pattern=r"^-?[0-9]{1,19}$")]


class CreditInfo(BaseModel):
    """One grant of credit."""

    id: str
    kind: GrantKind
    source: str
    amount_nusd: str
    created_at: datetime
    expires_at: datetime | None
    note: str
    made_by: str


class CreditLeft(CreditInfo):
    """A grant, and what is left of it."""

    left_nusd: str
    expired: bool


class Credits(BaseModel):
    """What a team has and owes; its grants in the order in which they burn."""

    team: str
    credit_nusd: str
    reserved_nusd: str
    """By requests that are being answered."""
    owed_nusd: str
    grants: list[CreditLeft]


class GrantRequest(BaseModel):
    """Credit to give."""

    model_config = ConfigDict(extra="forbid")

    amount_nusd: Nusd
    kind: GrantKind = GrantKind.PROMOTIONAL
    expires_at: AwareDatetime | None = None
    note: Text = ""
    source: Text = ""


class AmountRequest(BaseModel):
    """What was paid, or what is corrected: above zero the team owes less."""

    model_config = ConfigDict(extra="forbid")

    amount_nusd: Nusd
    note: Text = ""
    source: Text = ""


class RefundRequest(BaseModel):
    """Which charge to give back, and why."""

    model_config = ConfigDict(extra="forbid")

    request_id: Annotated[str, Field(max_length=128)]
    reason: Text = ""


class Posted(BaseModel):
    """A transaction that was posted."""

    seq: int


class Refunded(BaseModel):
    """The credit that was given back; null if all of it went off what the team owes."""

    credit: CreditInfo | None


def router(
    database: Database, signed_in: Callable[..., Awaitable[User]], clock: Clock
) -> APIRouter:
    """The routes; `signed_in` is a FastAPI dependency that yields who asks, or refuses."""
    routes = APIRouter(prefix="/api", tags=["credit"])

    @routes.get("/credits/{team}")
    async def show_credits(caller: Annotated[User, Depends(signed_in)], team: str) -> Credits:
        """What a team of the caller's has and owes, and its grants in burn order."""
        now_us = to_us(clock.now())
        return await database.read_soon(lambda c: _credits(c, caller, team, now_us))

    @routes.post("/credits/{team}", status_code=201)
    async def give_credit(
        caller: Annotated[User, Depends(signed_in)], team: str, wanted: GrantRequest
    ) -> CreditInfo:
        """Give a team credit. For administrators of the server."""

        def give(connection: Connection, head: Head) -> CreditInfo:
            found = team_to_credit(connection, caller, team)
            grant = new_grant(
                found.id,
                wanted.kind,
                int(wanted.amount_nusd),
                cause=_cause(wanted.source, caller, wanted.note),
                now_us=head.posted_at_us,
                expires_at_us=to_us(wanted.expires_at) if wanted.expires_at else None,
            )
            given = give_grant(connection, head, grant)
            detail = {"kind": given.kind.value, **_told(given.amount_nusd, wanted.note)}
            _record(connection, head, caller, "credit.grant", team=found, detail=detail)
            return _info(given)

        return await _post_soon(database, clock, give)

    _ = (show_credits, give_credit)
    _add_owed_routes(routes, database, signed_in, clock)
    return routes


def _add_owed_routes(
    routes: APIRouter,
    database: Database,
    signed_in: Callable[..., Awaitable[User]],
    clock: Clock,
) -> None:
    @routes.post("/credits/{team}/payments", status_code=201)
    async def take_payment(
        caller: Annotated[User, Depends(signed_in)], team: str, wanted: AmountRequest
    ) -> Posted:
        """Record that a team paid of what it owes. For administrators of the server."""

        def pay(connection: Connection, head: Head) -> Posted:
            found = team_to_credit(connection, caller, team)
            cause = _cause(wanted.source, caller, wanted.note)
            amount = int(wanted.amount_nusd)
            seq = record_payment(connection, head, found.id, amount, cause=cause)
            detail = _told(amount, wanted.note)
            _record(connection, head, caller, "credit.pay", team=found, detail=detail)
            return Posted(seq=seq)

        return await _post_soon(database, clock, pay)

    @routes.post("/credits/{team}/adjustments", status_code=201)
    async def correct(
        caller: Annotated[User, Depends(signed_in)], team: str, wanted: AmountRequest
    ) -> Posted:
        """Correct what a team owes, down or (below zero) up. For administrators of the server."""

        def mend(connection: Connection, head: Head) -> Posted:
            found = team_to_credit(connection, caller, team)
            cause = _cause(wanted.source, caller, wanted.note)
            amount = int(wanted.amount_nusd)
            seq = adjust(connection, head, found.id, amount, cause=cause)
            detail = _told(amount, wanted.note)
            _record(connection, head, caller, "credit.adjust", team=found, detail=detail)
            return Posted(seq=seq)

        return await _post_soon(database, clock, mend)

    @routes.post("/refunds", status_code=201)
    async def give_back(
        caller: Annotated[User, Depends(signed_in)], wanted: RefundRequest
    ) -> Refunded:
        """Give the charge of one request back, once. For administrators of the server."""

        def back(connection: Connection, head: Head) -> Refunded:
            check_server_admin(caller)
            cause = Cause("", caller.username, wanted.reason)
            credit = refund(connection, head, wanted.request_id, cause=cause)
            record(
                connection,
                by=caller,
                action="credit.refund",
                subject=wanted.request_id,
                team=team_of_charge(connection, wanted.request_id),
                detail={"reason": wanted.reason},
                now=from_us(head.posted_at_us),
            )
            return Refunded(credit=_info(credit) if credit else None)

        return await _post_soon(database, clock, back)

    _ = (take_payment, correct, give_back)


async def _post_soon(database: Database, clock: Clock, work: Callable[[Connection, Head], T]) -> T:
    now_us = to_us(clock.now())
    return await database.write_soon(lambda c: _post(c, now_us, work))


def _post(connection: Connection, now_us: int, work: Callable[[Connection, Head], T]) -> T:
    head = Head(connection, now_us)
    done = work(connection, head)
    head.save()
    return done


def _record(
    connection: Connection, head: Head, caller: User, action: str, *, team: Team, detail: Detail
) -> None:
    record(
        connection,
        by=caller,
        action=action,
        subject=team.name,
        team=team.id,
        detail=detail,
        now=from_us(head.posted_at_us),
    )


def _told(amount_nusd: int, note: str) -> dict[str, str]:
    return {"amount_nusd": str(amount_nusd), "note": note}


def _cause(source: str, caller: User, note: str) -> Cause:
    return Cause(source or f"by hand:{new_id('src')}", caller.username, note)


def _credits(connection: Connection, caller: User, name: str, now_us: int) -> Credits:
    team = team_to_read(connection, caller, name)
    balance = balance_of(connection, team.id, now_us)
    return Credits(
        team=team.name,
        credit_nusd=str(balance.credit_nusd),
        reserved_nusd=str(balance.reserved_nusd),
        owed_nusd=str(balance.owed_nusd),
        grants=[_left(each) for each in list_grants(connection, team.id, now_us)],
    )


def _left(each: GrantLeft) -> CreditLeft:
    info = _info(each.grant).model_dump()
    return CreditLeft(**info, left_nusd=str(each.left_nusd), expired=each.expired)


def _info(grant: Grant) -> CreditInfo:
    return CreditInfo(
        id=grant.id,
        kind=grant.kind,
        source=grant.source,
        amount_nusd=str(grant.amount_nusd),
        created_at=from_us(grant.created_at_us),
        expires_at=from_us(grant.expires_at_us) if grant.expires_at_us is not None else None,
        note=grant.note,
        made_by=grant.made_by,
    )
