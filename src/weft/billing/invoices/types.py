"""What stands on an invoice. Complete: a page is made from these figures and from nothing else.

Structs, because they are kept as JSON: with their names sorted out by position and no moment of making, the same month
gives the same text. Money is nano-dollars.
"""

from datetime import datetime

import msgspec

FORMAT = "weft invoice 1"


class UsageLine(msgspec.Struct, frozen=True):
    """What one project used of one model at one price."""

    project_id: str
    project: str
    model: str
    price_version: str
    price_from: str
    """The day from which the price holds: `2026-11-01`; empty where the book does not know it."""
    input_nusd_per_mtok: int | None
    cached_input_nusd_per_mtok: int | None
    output_nusd_per_mtok: int | None
    requests: int
    input_tokens: int
    """Not cached."""
    cached_input_tokens: int
    output_tokens: int
    cost_nusd: int

    @property
    def rounding_nusd(self) -> int | None:
        """The cost less tokens times prices (rounded down): each request is rounded up to a whole nano-dollar."""
        prices = (
            self.input_nusd_per_mtok,
            self.cached_input_nusd_per_mtok,
            self.output_nusd_per_mtok,
        )
        tokens = self.input_tokens, self.cached_input_tokens, self.output_tokens
        exact = 0
        for price, count in zip(prices, tokens, strict=True):
            if price is None:
                return None
            exact += price * count
        return self.cost_nusd - exact // 1_000_000


class CreditLine(msgspec.Struct, frozen=True):
    """What credit of one kind did in the month."""

    kind: str
    opening_nusd: int
    added_nusd: int
    burnt_nusd: int
    """Paid charges of this month."""
    ended_nusd: int
    """Ran out, or was taken back with a refund."""
    closing_nusd: int


class MoneyLine(msgspec.Struct, frozen=True):
    """A movement with a day: a purchase, a payment, a correction."""

    day: str
    what: str
    reference: str
    amount_nusd: int


class Invoice(msgspec.Struct, frozen=True):
    """One month of one team."""

    format: str
    number: str
    """Empty of a draft."""
    issued_at: datetime
    """Of a draft: when it was made."""
    month: str
    first_day: str
    last_day: str
    seller: str
    buyer: str
    note: str
    team_id: str
    team: str
    plan: str
    lines: tuple[UsageLine, ...]
    cost_nusd: int
    """The sum of the lines, and of all charges in the ledger."""
    credits: tuple[CreditLine, ...]
    burnt_nusd: int
    overage_nusd: int
    """Charges that no credit paid."""
    brought_forward_nusd: int
    """Owed at the beginning of the month."""
    movements: tuple[MoneyLine, ...]
    """Of what is owed: payments and corrections, negative where less is owed."""
    owed_nusd: int
    """At the end of the month."""
    purchases: tuple[MoneyLine, ...]
    """Credit that was bought in the month, and what was paid back of it."""
    last_seq: int
    last_hash: str
    """The end of the ledger's chain as of the month's end: what a signed statement leads to."""
    statement_url: str

    @property
    def is_draft(self) -> bool:
        """Whether the month is still open."""
        return not self.number

    @property
    def due_cents(self) -> int:
        """What is to be paid: what is owed, rounded down once; nobody pays parts of a cent."""
        return max(self.owed_nusd, 0) // 10_000_000

    @property
    def carried_nusd(self) -> int:
        """What the rounding leaves for the next invoice; of a team that paid ahead: minus what it has to its credit."""
        return self.owed_nusd - self.due_cents * 10_000_000
