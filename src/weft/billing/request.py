"""`/api/requests/{request_id}`: all that is kept of one request, in one answer.

Its usage record, the price that it was charged at and how that makes its cost, the entries of its transaction, what was
given back since, why it was refused, and whether the trace store has a call of the same id. Who may see the record sees
the rest: the signed receipt tells them the same.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Protocol

import msgspec
from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel
from sqlalchemy import Connection

from weft.identity.types import User
from weft.kit.clock import Clock, from_us, to_us
from weft.kit.db import Database
from weft.kit.errors import Json, NotFound
from weft.kit.money import TOKENS_PER_MTOK
from weft.ledger.grants import find_grant_by_id, was_refunded
from weft.ledger.prices.store import BookPrice, find_price
from weft.ledger.pricing import CAPPED_FROM
from weft.ledger.proof.receipt import find_charge
from weft.ledger.types import UsageRecord
from weft.ledger.usage.answers import RequestUsage, request_of
from weft.ledger.usage.names import record_names
from weft.ledger.usage.store import find_usage
from weft.ledger.usage.visibility import may_see
from weft.limits.routes.answers import WhyAnswer, why_answer
from weft.limits.standing import Standings
from weft.limits.why import explain


class ChargedPrice(BaseModel):
    """A price of the book, in nano-dollars per million tokens."""

    version: str
    model_id: str
    effective_at: datetime
    input_nusd_per_mtok: str
    cached_input_nusd_per_mtok: str
    output_nusd_per_mtok: str
    source: str


class CostStep(BaseModel):
    """One part of a cost: tokens times their price."""

    what: str
    """`input`, `cached_input` or `output`; input counts without what was cached."""
    tokens: int
    nusd_per_mtok: str
    product: str
    """Tokens times price: millionths of nano-dollars, exact."""


class CostInfo(BaseModel):
    """How a cost comes about: the parts, their sum, rounded up once."""

    steps: list[CostStep]
    sum: str
    """Of the products: millionths of nano-dollars."""
    rounded_nusd: str
    charged_nusd: str
    """Less than `rounded_nusd` only where the request had reserved less; nothing where it was not charged."""
    capped: bool
    """Whether that is so."""


class LedgerEntry(BaseModel):
    """One side of a transaction; what goes to the account is above zero."""

    account: str
    kind: str
    """`plan`, `purchased`, ... for credit of that kind; `owed`; `revenue`; or the account itself."""
    note: str
    """Of the credit."""
    amount_nusd: str


class LedgerPlace(BaseModel):
    """The transaction that charged for a request."""

    seq: int
    posted_at: datetime
    hash: str
    entries: list[LedgerEntry]


class TraceLink(BaseModel):
    """The call of the same id."""

    team: str
    project: str
    call_id: str
    kept: bool
    """Whether the trace store has it; it may also have been deleted, or never been wanted."""


class RequestPageInfo(BaseModel):
    """All that is kept of one request."""

    usage: RequestUsage
    price: ChargedPrice | None
    """None: nothing was sold, or its price is in no book."""
    cost: CostInfo | None
    ledger: LedgerPlace | None
    """None: it was never admitted, so nothing was posted and there is no receipt."""
    refunded: bool
    """Whether the charge was given back."""
    why: WhyAnswer
    trace: TraceLink


class FindCall(Protocol):
    """Looks into the trace store. `app` hands one in."""

    async def __call__(self, project_id: str, call_id: str) -> bool:
        """Whether a call of this id is kept in the project; also false while the store is away."""
        ...


@dataclass(frozen=True, slots=True)
class _Found:
    record: UsageRecord
    usage: RequestUsage
    price: BookPrice | None
    ledger: LedgerPlace | None
    refunded: bool
    why: WhyAnswer


def router(
    database: Database,
    signed_in: Callable[..., Awaitable[User]],
    standings: Standings,
    clock: Clock,
    find_call: FindCall,
) -> APIRouter:
    """The route."""
    routes = APIRouter(prefix="/api/requests", tags=["usage"])

    @routes.get("/{request_id}")
    async def show_request(
        caller: Annotated[User, Depends(signed_in)],
        request_id: Annotated[str, Path(max_length=128)],
    ) -> RequestPageInfo:
        """Usage, price, cost step by step, ledger entries, why it was refused, and its trace: of one request."""
        now_us = to_us(clock.now())
        found = await database.read_soon(
            lambda c: _find(c, caller, standings, request_id, now_us=now_us)
        )
        team, _, project = found.usage.project.partition("/")
        return RequestPageInfo(
            usage=found.usage,
            price=None if found.price is None else _price_info(found.price),
            cost=None if found.price is None else cost_info(found.record, found.price),
            ledger=found.ledger,
            refunded=found.refunded,
            why=found.why,
            trace=TraceLink(
                team=team,
                project=project,
                call_id=request_id,
                kept=await find_call(found.record.project_id, request_id),
            ),
        )

    _ = show_request
    return routes


def _find(
    connection: Connection, caller: User, standings: Standings, request_id: str, *, now_us: int
) -> _Found:
    record = find_usage(connection, request_id)
    if record is None or not may_see(connection, caller, record):
        raise NotFound(
            f"no request {request_id[:64]} that you may see",
            remedy="the id stands in the header x-request-id of the answer, and in the log",
        )
    why = explain(connection, standings, record, now_us=now_us)
    return _Found(
        record,
        request_of(record, record_names(connection, [record])),
        find_price(connection, record.price_version) if record.price_version else None,
        _ledger_place(connection, request_id),
        was_refunded(connection, request_id),
        why_answer(why),
    )


def cost_info(record: UsageRecord, price: BookPrice) -> CostInfo:
    """How `record`'s cost comes from its tokens at `price`."""
    tokens = record.tokens
    parts = (
        ("input", tokens.input - tokens.cached_input, price.input_nusd_per_mtok),
        ("cached_input", tokens.cached_input, price.cached_input_nusd_per_mtok),
        ("output", tokens.output, price.output_nusd_per_mtok),
    )
    exact = sum(count * nusd for _, count, nusd in parts)
    rounded = -(-exact // TOKENS_PER_MTOK)
    noted: dict[str, Json] = msgspec.json.decode(record.refusal) if record.refusal else {}
    return CostInfo(
        steps=[
            CostStep(what=what, tokens=count, nusd_per_mtok=str(nusd), product=str(count * nusd))
            for what, count, nusd in parts
        ],
        sum=str(exact),
        rounded_nusd=str(rounded),
        charged_nusd=str(record.cost_nusd),
        capped=CAPPED_FROM in noted,
    )


def _ledger_place(connection: Connection, request_id: str) -> LedgerPlace | None:
    link = find_charge(connection, request_id)
    if link is None:
        return None
    return LedgerPlace(
        seq=link.seq,
        posted_at=from_us(link.posted_at_us),
        hash=link.hash,
        entries=[_entry(connection, account, amount) for account, amount in link.moves],
    )


def _entry(connection: Connection, account: str, amount_nusd: int) -> LedgerEntry:
    grant = find_grant_by_id(connection, account)
    if grant is not None:
        kind, note = grant.kind.value, grant.note
    else:
        kind, note = account.rpartition("/")[2], ""
    return LedgerEntry(account=account, kind=kind, note=note, amount_nusd=str(amount_nusd))


def _price_info(price: BookPrice) -> ChargedPrice:
    return ChargedPrice(
        version=price.version,
        model_id=price.model_id,
        effective_at=from_us(price.effective_at_us),
        input_nusd_per_mtok=str(price.input_nusd_per_mtok),
        cached_input_nusd_per_mtok=str(price.cached_input_nusd_per_mtok),
        output_nusd_per_mtok=str(price.output_nusd_per_mtok),
        source=price.source,
    )
