"""What follows from a purchase: the credit it gives, and what a refund takes back. The same for every provider.

Invariants, whatever order events come in and however often:

* a purchase gives its credit once: the grant's source is the provider's id of the checkout;
* it gives exactly what was agreed on, and only if exactly that was paid; else it waits for somebody to look at it;
* a refund takes back what is left of that credit, and what was used already becomes owed: the team used it, and did not
  pay for it after all. What was taken back follows the sum of refunds, and is never more than was bought.
"""

from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy import Connection

from weft.billing.purchases.provider import Ignored, NotPaid, Paid, PaymentEvent, Refunded
from weft.billing.purchases.store import (
    find_by_payment,
    find_by_reference,
    find_purchase,
    insert_purchase,
    set_refunded,
    set_status,
)
from weft.billing.purchases.types import (
    MANUAL,
    MAX_TEXT,
    NUSD_PER_CENT,
    Purchase,
    PurchaseStatus,
)
from weft.identity.names import check_label
from weft.identity.types import Team, TeamKind
from weft.kit import bulk
from weft.kit.clock import to_us
from weft.kit.errors import InvalidRequest, NotFound
from weft.kit.ids import new_id
from weft.kit.money import NanoUsd, format_usd
from weft.ledger.accounts import CASH, Entry, GrantKind, TransactionKind, owed
from weft.ledger.grants import Cause, find_grant, give_grant, new_grant
from weft.ledger.posting import Head

_CURRENCY = "usd"
_BALANCE = "SELECT balance_nusd FROM ledger_balance WHERE account_id = ?"
_DONE = frozenset({PurchaseStatus.PAID, PurchaseStatus.REFUNDED})

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def new_purchase(
    team: Team,
    amount_nusd: NanoUsd,
    *,
    method: str,
    made_by: str,
    now: datetime,
    reference: str = "",
    note: str = "",
) -> Purchase:
    """A purchase that nothing was paid for yet.

    Raises:
        InvalidRequest: a text is out of bounds, or a personal entity would buy.
    """
    if team.kind is TeamKind.PERSONAL:
        raise InvalidRequest(
            f"{team.name} is a personal entity and cannot use inference; buy for a team",
            param="team",
        )
    return Purchase(
        id=new_id("buy"),
        team_id=team.id,
        amount_nusd=amount_nusd,
        status=PurchaseStatus.PENDING,
        method=method,
        reference=check_label("reference", reference, MAX_TEXT),
        payment_id="",
        refunded_nusd=NanoUsd(0),
        taken_back_nusd=NanoUsd(0),
        note=check_label("note", note, MAX_TEXT),
        made_by=made_by,
        created_at=now,
        settled_at=None,
    )


def record_purchase(connection: Connection, purchase: Purchase, now: datetime) -> Purchase:
    """Record what was paid outside of Weft, and give its credit. The same reference twice is one purchase.

    Raises:
        InvalidRequest: the reference was used for another team or amount.
    """
    assert purchase.method == MANUAL
    known = find_by_reference(connection, MANUAL, purchase.reference)
    if known is not None:
        if (known.team_id, known.amount_nusd) != (purchase.team_id, purchase.amount_nusd):
            raise InvalidRequest(
                f"The reference {purchase.reference} was used for another purchase, of"
                f" {format_usd(known.amount_nusd)} USD; give this one its own",
                param="reference",
            )
        return known
    paid = replace(purchase, status=PurchaseStatus.PAID, settled_at=now)
    insert_purchase(connection, paid)
    head = Head(connection, to_us(now))
    _give(connection, head, paid, now)
    head.save()
    return paid


def take_back_purchase(
    connection: Connection, purchase_id: str, refunded_nusd: int, now: datetime
) -> Purchase:
    """Record that money of a purchase was paid back outside of Weft: `refunded_nusd` all in all.

    Raises:
        NotFound: there is no such purchase, or it was never paid.
        InvalidRequest: it is more than was bought.
    """
    purchase = find_purchase(connection, purchase_id)
    if purchase is None or purchase.status not in _DONE:
        raise NotFound(f"no paid purchase {purchase_id[:64]}", remedy="`weft purchase ls`")
    if not purchase.refunded_nusd <= refunded_nusd <= purchase.amount_nusd:
        raise InvalidRequest(
            f"of {format_usd(purchase.amount_nusd)} USD, {format_usd(purchase.refunded_nusd)} were paid back;"
            f" {format_usd(refunded_nusd)} cannot be the sum of it",
            param="usd",
        )
    head = Head(connection, to_us(now))
    _follow_refund(connection, head, purchase, refunded_nusd, now)
    head.save()
    found = find_purchase(connection, purchase_id)
    assert found is not None
    return found


def apply_event(connection: Connection, method: str, event: PaymentEvent, now: datetime) -> str:
    """Do what follows from a provider's event, once; says in a word what that was, for the log."""
    match event.happening:
        case Ignored(why):
            return f"ignored: {why}"
        case Paid() as paid:
            return _apply_paid(connection, method, paid, now)
        case NotPaid() as ended:
            return _apply_not_paid(connection, method, ended, now)
        case Refunded() as refunded:
            return _apply_refunded(connection, method, refunded, now)


def _find(connection: Connection, method: str, purchase_id: str, reference: str) -> Purchase | None:
    found = find_by_reference(connection, method, reference)
    if found is None and purchase_id:
        found = find_purchase(connection, purchase_id)
    return found if found is not None and found.method == method else None


def _apply_paid(connection: Connection, method: str, paid: Paid, now: datetime) -> str:
    purchase = _find(connection, method, paid.purchase_id, paid.reference)
    if purchase is None:
        return "ignored: no purchase of ours"
    if purchase.status in _DONE:
        return "ignored: known already"
    known = {"reference": paid.reference, "payment_id": paid.payment_id}
    agreed = purchase.reference in {"", paid.reference}
    amount = paid.amount_cents * NUSD_PER_CENT
    if not agreed or amount != purchase.amount_nusd or paid.currency.lower() != _CURRENCY:
        _log.error(
            "purchase_needs_review",
            purchase=purchase.id,
            agreed_nusd=purchase.amount_nusd,
            paid_cents=paid.amount_cents,
            currency=paid.currency,
            reference=paid.reference,
        )
        known["reference"] = ""
        set_status(connection, purchase, PurchaseStatus.REVIEW, now=now, **known)
        return "review: something else was paid than what was agreed on"
    set_status(connection, purchase, PurchaseStatus.PAID, now=now, **known)
    purchase = find_purchase(connection, purchase.id)
    assert purchase is not None
    head = Head(connection, to_us(now))
    _give(connection, head, purchase, now)
    if purchase.refunded_nusd:  # its refund was told before its payment
        _follow_refund(connection, head, purchase, purchase.refunded_nusd, now)
    head.save()
    return "paid"


def _apply_not_paid(connection: Connection, method: str, ended: NotPaid, now: datetime) -> str:
    purchase = _find(connection, method, ended.purchase_id, ended.reference)
    if purchase is None or purchase.status is not PurchaseStatus.PENDING:
        return "ignored: no open purchase of ours"
    set_status(connection, purchase, ended.status, now=now)
    return ended.status.value


def _apply_refunded(connection: Connection, method: str, refund: Refunded, now: datetime) -> str:
    purchase = find_by_payment(connection, method, refund.payment_id)
    if purchase is None:
        purchase = _find(connection, method, refund.purchase_id, "")
    if purchase is None or refund.currency.lower() != _CURRENCY:
        return "ignored: no purchase of ours"
    refunded = min(refund.refunded_cents * NUSD_PER_CENT, purchase.amount_nusd)
    if refunded <= purchase.refunded_nusd:
        return "ignored: known already"
    if purchase.status not in _DONE:  # no credit was given yet: remember it for then
        set_refunded(
            connection,
            purchase.id,
            refunded_nusd=refunded,
            taken_back_nusd=purchase.taken_back_nusd,
        )
        return "remembered"
    head = Head(connection, to_us(now))
    _follow_refund(connection, head, purchase, refunded, now)
    head.save()
    return "refunded"


def _give(connection: Connection, head: Head, purchase: Purchase, now: datetime) -> None:
    cause = Cause(purchase.source, purchase.made_by, purchase.note or purchase.reference)
    grant = new_grant(
        purchase.team_id,
        GrantKind.PURCHASED,
        purchase.amount_nusd,
        cause=cause,
        now_us=to_us(now),
    )
    give_grant(connection, head, grant)


def _follow_refund(
    connection: Connection, head: Head, purchase: Purchase, refunded_nusd: int, now: datetime
) -> None:
    """Have the ledger take back what it does not know to be refunded yet."""
    part = refunded_nusd - purchase.taken_back_nusd
    grant = find_grant(connection, purchase.source)
    assert grant is not None, "a paid purchase has a grant"
    if part > 0:
        rows = bulk.run(connection, _BALANCE, (grant.id,))
        left = int(rows[0][0]) if rows else grant.amount_nusd  # given by this very transaction
        off = min(left, part)
        sides: list[Entry] = [(grant.id, -off), (owed(purchase.team_id), off - part), (CASH, part)]
        head.append(
            TransactionKind.PAYBACK,
            f"payback:{purchase.source}:{refunded_nusd}",
            purchase.team_id,
            [side for side in sides if side[1]],
            content=f'{{"purchase":"{purchase.id}","refunded_nusd":"{refunded_nusd}"}}',
        )
    set_refunded(
        connection, purchase.id, refunded_nusd=refunded_nusd, taken_back_nusd=refunded_nusd
    )
    if refunded_nusd == purchase.amount_nusd:
        set_status(connection, purchase, PurchaseStatus.REFUNDED, now=now)
