"""Credit that teams are given or buy, and what they pay of what they owe: the verbs of the control plane.

Each verb is called within one `database.write()`, with the `Head` taken, and posts through it; the caller ends with
`head.save()`. A cause is named by its `source`, and the same source never counts twice: the second call finds the
first one's result. Amounts are nano-dollars above zero unless said otherwise.

Knows nothing of plans, prices of plans or payment providers; `billing` and `limits` decide what is granted when.
"""

from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection

from weft.kit import bulk
from weft.kit.errors import InvalidRequest, NotFound
from weft.kit.ids import new_id
from weft.kit.money import NanoUsd, format_usd
from weft.ledger.accounts import (
    CASH,
    EXPIRED,
    GIVEN,
    PRIORITIES,
    Grant,
    GrantKind,
    TransactionKind,
    burn_key,
    is_valid,
    owed,
)
from weft.ledger.posting import Head, digest_of

MAX_AMOUNT_NUSD = 10**18
"""A billion dollars: eight such sums still fit 64 bits."""
MAX_TEXT = 500
MAX_EXPIRIES = 1_000
"""Grants that one call of `expire_grants` lets run out."""

GRANT_COLUMNS = (
    "id",
    "team_id",
    "kind",
    "source",
    "amount_nusd",
    "priority",
    "created_at_us",
    "expires_at_us",
    "note",
    "made_by",
)
_GRANT = f"SELECT {','.join(GRANT_COLUMNS)} FROM ledger_grant"  # noqa: S608 - our own names
_OF_TEAM = (
    f"SELECT {','.join('g.' + name for name in GRANT_COLUMNS)}, b.balance_nusd"  # noqa: S608 - our own names
    " FROM ledger_grant g JOIN ledger_balance b ON b.account_id = g.id WHERE g.team_id = ?"
)
_RUN_OUT = (
    "SELECT g.id, g.team_id, b.balance_nusd FROM ledger_grant g"
    " JOIN ledger_balance b ON b.account_id = g.id"
    " WHERE g.expires_at_us <= ? AND b.balance_nusd > 0 AND NOT EXISTS"
    " (SELECT 1 FROM ledger_hold h WHERE h.team_id = g.team_id AND h.started_at_us < g.expires_at_us)"
    " ORDER BY g.expires_at_us, g.id LIMIT ?"
)
_BALANCE = "SELECT balance_nusd FROM ledger_balance WHERE account_id = ?"
_RESERVED = "SELECT COALESCE(SUM(amount_nusd), 0) FROM ledger_hold WHERE team_id = ?"
_POSTED = "SELECT seq FROM ledger_transaction WHERE idempotency_key = ?"
_GIVEN_BY_PLAN = (
    "SELECT COALESCE(SUM(amount_nusd), 0) FROM ledger_grant"
    " WHERE team_id = ? AND kind = 'plan' AND created_at_us >= ?"
)
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Cause:
    """Why credit or debt changes: told to people, and kept for good."""

    source: str
    """What it came from, such as `stripe:<session id>`; the same source never counts twice."""
    made_by: str
    """A user's name, `plan`, or the payment provider's."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class GrantLeft:
    """A grant and what is left of it."""

    grant: Grant
    left_nusd: int
    expired: bool
    """Past its expiry: it burns no more, and what is left is about to be posted as run out."""


@dataclass(frozen=True, slots=True)
class TeamBalance:
    """What a team has and owes at one moment."""

    credit_nusd: int
    """Left of all grants that may still burn, open holds not counted."""
    reserved_nusd: int
    """By open holds: they may burn it, and owe the rest."""
    owed_nusd: int
    """Overage that was not paid yet; below zero: paid ahead."""


def new_grant(
    team_id: str,
    kind: GrantKind,
    amount_nusd: int,
    *,
    cause: Cause,
    now_us: int,
    expires_at_us: int | None = None,
) -> Grant:
    """A grant with the priority of its kind, to be given by `give_grant`.

    Raises:
        InvalidRequest: the amount, the expiry or a text is out of bounds.
    """
    _check_amount(amount_nusd)
    _check_cause(cause)
    if expires_at_us is not None and expires_at_us <= now_us:
        raise InvalidRequest("The credit would have expired already", param="expires")
    return Grant(
        id=new_id("grant"),
        team_id=team_id,
        kind=kind,
        source=cause.source,
        amount_nusd=NanoUsd(amount_nusd),
        priority=PRIORITIES[kind],
        created_at_us=now_us,
        expires_at_us=expires_at_us,
        note=cause.note,
        made_by=cause.made_by,
    )


def give_grant(connection: Connection, head: Head, grant: Grant) -> Grant:
    """Give `grant`, and return it; or the one that was given before for the same source."""
    known = find_grant(connection, grant.source)
    if known is not None:
        return known
    bulk.insert(connection, "ledger_grant", GRANT_COLUMNS, [grant_row(grant)])
    origin = CASH if grant.kind is GrantKind.PURCHASED else GIVEN
    head.append(
        TransactionKind.GRANT,
        grant_key(grant.source),
        grant.team_id,
        [(origin, -grant.amount_nusd), (grant.id, grant.amount_nusd)],
        content_hash=grant_digest(grant),
    )
    return grant


def grant_key(source: str) -> str:
    """The idempotency key of a grant's transaction."""
    return f"grant:{source}"


def grant_row(grant: Grant) -> tuple[bulk.Value, ...]:
    """The values of `GRANT_COLUMNS`."""
    return (
        grant.id,
        grant.team_id,
        grant.kind.value,
        grant.source,
        grant.amount_nusd,
        grant.priority,
        grant.created_at_us,
        grant.expires_at_us,
        grant.note,
        grant.made_by,
    )


def grant_digest(grant: Grant) -> str:
    """SHA-256 of the grant's columns as a canonical JSON list: the `content_hash` of its transaction."""
    return digest_of(_encode(grant_row(grant)))


def find_grant(connection: Connection, source: str) -> Grant | None:
    """The grant that was given for `source`."""
    rows = bulk.run(connection, f"{_GRANT} WHERE source = ?", (source,))
    return grant_of(rows[0]) if rows else None


def find_grant_by_id(connection: Connection, grant_id: str) -> Grant | None:
    """The grant of this id, which is also that of its account."""
    rows = bulk.run(connection, f"{_GRANT} WHERE id = ?", (grant_id,))
    return grant_of(rows[0]) if rows else None


def was_refunded(connection: Connection, request_id: str) -> bool:
    """Whether the charge of a request was given back, by `refund`: all of it then."""
    source = _refund_source(request_id)
    if find_grant(connection, source) is not None:
        return True
    return bool(bulk.run(connection, _POSTED, (f"adjustment:{source}",)))


def _refund_source(request_id: str) -> str:
    return f"refund:{request_id}"


def given_by_plan(connection: Connection, team_id: str, since_us: int) -> int:
    """How much credit a team was given by its plans since a moment: that of a month."""
    return int(bulk.run(connection, _GIVEN_BY_PLAN, (team_id, since_us))[0][0])


def list_grants(connection: Connection, team_id: str, now_us: int) -> list[GrantLeft]:
    """All grants of a team in burn order, those that are used up or run out included."""
    rows = bulk.run(connection, _OF_TEAM, (team_id,))
    found = [(grant_of(row[:-1]), int(row[-1])) for row in rows]
    found.sort(key=lambda pair: burn_key(pair[0]))
    return [GrantLeft(grant, left, not is_valid(grant, now_us)) for grant, left in found]


def balance_of(connection: Connection, team_id: str, now_us: int) -> TeamBalance:
    """What a team has, has reserved, and owes."""
    credit = sum(
        each.left_nusd for each in list_grants(connection, team_id, now_us) if not each.expired
    )
    reserved = int(bulk.run(connection, _RESERVED, (team_id,))[0][0])
    return TeamBalance(credit, reserved, _owed_nusd(connection, team_id))


def expire_grants(connection: Connection, head: Head) -> int:
    """Post what is left of grants past their expiry as run out; returns how many, at most `MAX_EXPIRIES`.

    A grant waits while a hold that was made before its expiry is open: that request may still burn it. Call it first
    after taking the head, because it reads balances as they are in the tables.
    """
    rows = bulk.run(connection, _RUN_OUT, (head.posted_at_us, MAX_EXPIRIES))
    for grant_id, team_id, left in rows:
        head.append(
            TransactionKind.EXPIRY,
            f"expiry:{grant_id}",
            team_id,
            [(grant_id, -int(left)), (EXPIRED, int(left))],
        )
    return len(rows)


def any_run_out(connection: Connection, now_us: int) -> bool:
    """Whether `expire_grants` would post anything."""
    return bool(bulk.run(connection, _RUN_OUT, (now_us, 1)))


def record_payment(
    connection: Connection, head: Head, team_id: str, amount_nusd: int, *, cause: Cause
) -> int:
    """A team paid of what it owes; returns the transaction's place in the chain.

    Raises:
        InvalidRequest: it is more than is owed; the rest of such a payment is a purchase of credit.
    """
    _check_amount(amount_nusd)
    return _post_owed(
        connection, head, TransactionKind.PAYMENT, team_id, amount_nusd=amount_nusd, cause=cause
    )


def adjust(
    connection: Connection, head: Head, team_id: str, amount_nusd: int, *, cause: Cause
) -> int:
    """Correct what a team owes: above zero it owes less, below zero more; returns the place in the chain.

    Raises:
        InvalidRequest: the team does not owe as much as is taken off; give credit instead.
    """
    _check_amount(abs(amount_nusd))
    return _post_owed(
        connection, head, TransactionKind.ADJUSTMENT, team_id, amount_nusd=amount_nusd, cause=cause
    )


def _post_owed(
    connection: Connection,
    head: Head,
    kind: TransactionKind,
    team_id: str,
    *,
    amount_nusd: int,
    cause: Cause,
) -> int:
    _check_cause(cause)
    key = f"{kind.value}:{cause.source}"
    known = bulk.run(connection, _POSTED, (key,))
    if known:
        return int(known[0][0])
    debt = _owed_nusd(connection, team_id)
    if amount_nusd > debt:
        raise InvalidRequest(
            f"{format_usd(amount_nusd)} USD is more than the {format_usd(debt)} USD that the team owes",
            param="amount_nusd",
            remedy="give the rest as credit: a grant of the kind purchased, promotional or refund",
        )
    origin = CASH if kind is TransactionKind.PAYMENT else GIVEN
    content = {"source": cause.source, "made_by": cause.made_by, "note": cause.note}
    return head.append(
        kind,
        key,
        team_id,
        [(origin, -amount_nusd), (owed(team_id), amount_nusd)],
        content=_encode(content).decode(),
    )


def team_of_charge(connection: Connection, request_id: str) -> str | None:
    """The id of the team that a request was charged to; None if it was not charged."""
    wanted = "SELECT team_id FROM ledger_transaction WHERE idempotency_key = ? AND kind = 'charge'"
    rows = bulk.run(connection, wanted, (request_id,))
    return str(rows[0][0]) if rows else None


def refund(connection: Connection, head: Head, request_id: str, *, cause: Cause) -> Grant | None:
    """Give a charge back, once: first off what is still owed of it, the rest as credit of the kind `refund`.

    The charge itself stays as it is, so that it can still be recomputed: what is given back comes from `house/given`.
    Returns the credit, or None if all of it went off what is owed.

    Raises:
        NotFound: nothing was charged for such a request.
    """
    rows = bulk.run(
        connection,
        "SELECT t.team_id, e.account_id, e.amount_nusd FROM ledger_transaction t"
        " JOIN ledger_entry e ON e.seq = t.seq"
        " WHERE t.idempotency_key = ? AND t.kind = 'charge' AND e.amount_nusd < 0",
        (request_id,),
    )
    if not rows:
        raise NotFound(f"nothing was charged for a request {request_id[:64]}")
    source = _refund_source(request_id)
    known = find_grant(connection, source)
    if known is not None or bulk.run(connection, _POSTED, (f"adjustment:{source}",)):
        return known
    team_id = str(rows[0][0])
    total = -sum(int(amount) for _, _, amount in rows)
    overage = -sum(int(amount) for _, account, amount in rows if account == owed(team_id))
    cause = Cause(source, cause.made_by, cause.note)
    off = min(overage, max(_owed_nusd(connection, team_id), 0))
    if off:
        adjust(connection, head, team_id, off, cause=cause)
    if off == total:
        return None
    now_us = head.posted_at_us
    credit = new_grant(team_id, GrantKind.REFUND, total - off, cause=cause, now_us=now_us)
    return give_grant(connection, head, credit)


def grant_of(row: tuple[object, ...]) -> Grant:
    """A row of `GRANT_COLUMNS`, as it was read."""
    return msgspec.convert(dict(zip(GRANT_COLUMNS, row, strict=True)), Grant)


def _owed_nusd(connection: Connection, team_id: str) -> int:
    rows = bulk.run(connection, _BALANCE, (owed(team_id),))
    return -int(rows[0][0]) if rows else 0


def _check_amount(amount_nusd: int) -> None:
    if not 0 < amount_nusd <= MAX_AMOUNT_NUSD:
        raise InvalidRequest(
            f"{format_usd(amount_nusd)} USD is no amount to post; it is above zero, and at most a billion",
            param="amount_nusd",
        )


def _check_cause(cause: Cause) -> None:
    for name, value in (("source", cause.source), ("made_by", cause.made_by), ("note", cause.note)):
        if len(value) > MAX_TEXT or "\0" in value:
            raise InvalidRequest(f"{name} is no text of at most {MAX_TEXT} characters", param=name)
    if not cause.source:
        raise InvalidRequest("source is empty", param="source")
