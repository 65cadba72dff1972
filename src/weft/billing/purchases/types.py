"""The nouns of purchases. A purchase is what was agreed on; the credit itself is a grant in the ledger."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from weft.kit.errors import InvalidRequest
from weft.kit.money import NanoUsd, parse_usd

NUSD_PER_CENT = 10_000_000
MIN_USD = 5
MAX_USD = 100_000
MAX_TEXT = 200
MANUAL = "manual"
"""The method of a purchase that an admin recorded; every other one is named for its payment provider."""


class PurchaseStatus(StrEnum):
    """How far a purchase has come."""

    PENDING = "pending"
    """Not paid yet, as far as we were told."""
    PAID = "paid"
    """The credit was given. Part of it may have been paid back since: see `refunded_nusd`."""
    REFUNDED = "refunded"
    """All of it was paid back, and the credit taken back with it."""
    FAILED = "failed"
    EXPIRED = "expired"
    REVIEW = "review"
    """Something else was paid than what was agreed on: no credit was given, and somebody has to look."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """One purchase of credit by a team."""

    id: str
    team_id: str
    amount_nusd: NanoUsd
    status: PurchaseStatus
    method: str
    """`manual`, or the payment provider."""
    reference: str
    """What the other side calls it: an invoice's number, the id of a checkout session. Unique within a method."""
    payment_id: str
    """The provider's name for the movement of money, once there is one."""
    refunded_nusd: NanoUsd
    """How much the provider says was paid back, all in all."""
    taken_back_nusd: NanoUsd
    """How much of that the ledger knows."""
    note: str
    made_by: str
    created_at: datetime
    settled_at: datetime | None

    @property
    def source(self) -> str:
        """The source of its grant: what keeps the same purchase from giving credit twice."""
        if self.method == MANUAL:
            return f"purchase:{self.id}"
        return f"{self.method}:{self.reference}"


def read_amount(text: str, least_usd: str = f"{MIN_USD}") -> NanoUsd:
    """An amount that can be bought or paid back: whole cents, within bounds.

    Raises:
        InvalidRequest: it is none.
    """
    bounds = f"between {least_usd} and {MAX_USD:,} dollars, in whole cents"
    try:
        amount = parse_usd(text)
    except ValueError as error:
        raise InvalidRequest(f"{error}; write an amount {bounds}", param="usd") from error
    if amount % NUSD_PER_CENT or not parse_usd(least_usd) <= amount <= parse_usd(f"{MAX_USD}"):
        raise InvalidRequest(
            f"{text[:40]} USD are out of bounds; write an amount {bounds}", param="usd"
        )
    return amount


def cents_of(amount_nusd: int) -> int:
    """An amount of whole cents, as payment providers count."""
    cents, rest = divmod(amount_nusd, NUSD_PER_CENT)
    assert not rest, "purchases are whole cents"
    return cents
