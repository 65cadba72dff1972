"""Accounts and grants: the nouns of double entry, and the order in which credit burns. Pure.

Every transaction is a list of entries, `(account id, nano-dollars)`, whose amounts sum to zero; positive is towards the
account. Account ids say what they are, so nobody has to look one up:

* `grant_<uuid>` is what is left of one grant of credit; it belongs to a team and never goes below zero;
* `<team id>/owed` is what a team used beyond its credit: minus the sum of its unpaid overage;
* `house/revenue` is what was earned, `house/cash` what was paid in (minus), `house/given` what was given away (minus),
  `house/expired` what ran out unused.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from weft.kit.money import NanoUsd

REVENUE = "house/revenue"
CASH = "house/cash"
GIVEN = "house/given"
EXPIRED = "house/expired"

Entry = tuple[str, int]
"""An account's id and the nano-dollars that go to it."""


class TransactionKind(StrEnum):
    """Why money moved."""

    GRANT = "grant"
    """`house/given` or, for what was bought, `house/cash` -> the grant."""
    CHARGE = "charge"
    """Grants in their burn order, then `owed` -> `house/revenue`. Its idempotency key is the request's id."""
    EXPIRY = "expiry"
    """What was left of a grant -> `house/expired`."""
    PAYMENT = "payment"
    """`house/cash` -> `owed`: an invoice was paid."""
    ADJUSTMENT = "adjustment"
    """`house/given` -> `owed`, or back: an admin corrected what is owed, with a reason."""
    PAYBACK = "payback"
    """What is left of a purchased grant, then `owed` -> `house/cash`: money of a purchase was paid back."""
    PRICE = "price"
    """Moves nothing: a dated price went into the price book, so that the chain says since when it was known."""


class GrantKind(StrEnum):
    """Where credit comes from."""

    PLAN = "plan"
    PURCHASED = "purchased"
    PROMOTIONAL = "promotional"
    ADJUSTMENT = "adjustment"
    REFUND = "refund"


PRIORITIES: dict[GrantKind, int] = {
    GrantKind.PLAN: 10,
    GrantKind.PROMOTIONAL: 20,
    GrantKind.ADJUSTMENT: 30,
    GrantKind.REFUND: 40,
    GrantKind.PURCHASED: 50,
}
"""Lower burns first: what was given, and ends with the month, before what was paid for."""


@dataclass(frozen=True, slots=True)
class Grant:
    """Credit that a team was given or bought. Immutable: what is left of it is the balance of its account."""

    id: str
    """`grant_<uuid>`; also the id of its account."""
    team_id: str
    kind: GrantKind
    source: str
    """Unique, so that the same cause never grants twice: `plan:<team id>:2026-11:free`, `stripe:<session id>`, ..."""
    amount_nusd: NanoUsd
    priority: int
    created_at_us: int
    expires_at_us: int | None
    """From this moment on it cannot be burnt; None: never expires."""
    note: str
    made_by: str
    """A user's name, `plan`, or the payment provider's."""


def owed(team_id: str) -> str:
    """The account of a team's overage."""
    return f"{team_id}/owed"


def burn_key(grant: Grant) -> tuple[int, float, int, str]:
    """What grants burn in the order of: priority, earlier expiry, earlier creation; then the id, to be definite."""
    expiry = float("inf") if grant.expires_at_us is None else grant.expires_at_us
    return grant.priority, expiry, grant.created_at_us, grant.id


def is_valid(grant: Grant, moment_us: int) -> bool:
    """Whether `grant` may burn for a request that was admitted at `moment_us`."""
    return grant.expires_at_us is None or moment_us < grant.expires_at_us


def burn(
    amount_nusd: int, grants: Iterable[tuple[Grant, int]], moment_us: int
) -> tuple[list[Entry], int]:
    """Take `amount_nusd` from `grants`, each with what is left of it, in burn order.

    Returns the entries (negative) of the grants that pay, and what no grant could pay.
    """
    entries: list[Entry] = []
    rest = amount_nusd
    for grant, left in sorted(grants, key=lambda pair: burn_key(pair[0])):
        if rest <= 0:
            break
        if left <= 0 or not is_valid(grant, moment_us):
            continue
        part = min(left, rest)
        entries.append((grant.id, -part))
        rest -= part
    return entries, rest
