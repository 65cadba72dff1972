"""How money, counts and prices are written on invoices. Pure, exact, and the same in HTML and PDF."""

from collections.abc import Iterable
from datetime import date

from weft.billing.invoices.types import Invoice
from weft.kit.money import format_usd

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
KINDS = {
    "plan": "Included in the plan",
    "promotional": "Promotional",
    "adjustment": "Adjustment",
    "refund": "Refund of requests",
    "purchased": "Purchased",
}
"""Kinds of credit in words."""


def usd(nusd: int, decimals: int = 2) -> str:
    """Exact dollars with at least `decimals` decimals, `1,234.50`; nothing is `0`."""
    if not nusd:
        return "0"
    whole, _, fraction = format_usd(abs(nusd)).partition(".")
    sign = "−" if nusd < 0 else ""  # noqa: RUF001 - a minus sign, not a hyphen
    digits = fraction.ljust(decimals, "0")
    return f"{sign}{int(whole):,}.{digits}" if digits else f"{sign}{int(whole):,}"


def decimals_of(amounts: Iterable[int]) -> int:
    """As many decimals as the longest of `amounts` needs, so that a column lines up; at least two."""
    return max((len(format_usd(amount).partition(".")[2]) for amount in amounts), default=2) or 2


def line_decimals(invoice: Invoice) -> int:
    """Of the columns of amounts of an invoice."""
    amounts = [line.cost_nusd for line in invoice.lines]
    for credit in invoice.credits:
        amounts += [credit.opening_nusd, credit.added_nusd, credit.burnt_nusd]
        amounts += [credit.ended_nusd, credit.closing_nusd]
    amounts += [invoice.overage_nusd, invoice.brought_forward_nusd, invoice.owed_nusd]
    amounts += [line.amount_nusd for line in (*invoice.movements, *invoice.purchases)]
    return max(decimals_of(amounts), 2)


def cents(amount: int) -> str:
    """Whole cents as dollars: `12,345.67`."""
    return f"{amount // 100:,}.{amount % 100:02}"


def price(nusd_per_mtok: int | None) -> str:
    """A price per million tokens."""
    return "?" if nusd_per_mtok is None else usd(nusd_per_mtok)


def count(number: int) -> str:
    """A whole number with separators."""
    return f"{number:,}"


def month_words(month: str) -> str:
    """`2026-11` as `November 2026`."""
    return f"{MONTHS[int(month[5:7]) - 1]} {month[:4]}"


def day_words(day: str) -> str:
    """`2026-11-01` as `1 November 2026`."""
    on = date.fromisoformat(day)
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}"


def title(invoice: Invoice) -> str:
    """What the page is called."""
    if invoice.is_draft:
        return f"Draft invoice, {invoice.team}, {month_words(invoice.month)}"
    return f"Invoice {invoice.number}"


ROUNDING = (
    "Prices are dollars per million tokens. Each request is rounded up once, to a billionth of a dollar, and lines are"
    " the sums of their requests. Only what is to be paid is rounded to cents, down; the rest is carried forward."
)


def proof_words(invoice: Invoice) -> str:
    """How to check the figures."""
    where = invoice.statement_url or f"`weft statement {invoice.team} {invoice.month}`"
    return (
        f"Every figure can be recomputed from the signed statement of this month: {where}. It ends at transaction"
        f" {invoice.last_seq:,} of the ledger, hash {invoice.last_hash[:16]}."
    )
