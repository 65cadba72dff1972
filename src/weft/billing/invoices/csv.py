"""An invoice as CSV (RFC 4180), one row for each line: exact dollars, and nano-dollars for programs.

The amounts of the section `usage` sum to the total; those of `paid_by` do so too.
"""

import csv
import io
from collections.abc import Iterator

from weft.billing.invoices.types import Invoice
from weft.kit.money import format_usd

COLUMNS = (
    "section",
    "project",
    "model",
    "price_version",
    "price_from",
    "requests",
    "input_tokens",
    "cached_input_tokens",
    "output_tokens",
    "input_usd_per_mtok",
    "cached_input_usd_per_mtok",
    "output_usd_per_mtok",
    "rounding_nusd",
    "day",
    "text",
    "amount_usd",
    "amount_nusd",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_PLACES = {name: at for at, name in enumerate(COLUMNS)}
_Cells = dict[str, str | int | None]


def render_csv(invoice: Invoice) -> bytes:
    """The rows, the same bytes for the same invoice."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for cells in _rows(invoice):
        row: list[str | int] = [""] * len(COLUMNS)
        for name, value in cells.items():
            row[_PLACES[name]] = "" if value is None else value
        writer.writerow(row)
    return out.getvalue().encode()


def _rows(invoice: Invoice) -> Iterator[_Cells]:
    state = "draft" if invoice.is_draft else invoice.number
    yield {"section": "invoice", "day": invoice.issued_at.date().isoformat(), "text": state}
    for line in invoice.lines:
        yield {
            "section": "usage",
            "project": line.project,
            "model": line.model,
            "price_version": line.price_version,
            "price_from": line.price_from,
            "requests": line.requests,
            "input_tokens": line.input_tokens,
            "cached_input_tokens": line.cached_input_tokens,
            "output_tokens": line.output_tokens,
            "input_usd_per_mtok": _price(line.input_nusd_per_mtok),
            "cached_input_usd_per_mtok": _price(line.cached_input_nusd_per_mtok),
            "output_usd_per_mtok": _price(line.output_nusd_per_mtok),
            "rounding_nusd": line.rounding_nusd,
            **_amount(line.cost_nusd),
        }
    yield {"section": "total", **_amount(invoice.cost_nusd)}
    for credit in invoice.credits:
        if credit.burnt_nusd:
            yield {"section": "paid_by", "text": credit.kind, **_amount(credit.burnt_nusd)}
    yield {"section": "paid_by", "text": "overage", **_amount(invoice.overage_nusd)}
    yield {"section": "brought_forward", **_amount(invoice.brought_forward_nusd)}
    for section, lines in (("owed_change", invoice.movements), ("purchase", invoice.purchases)):
        for money in lines:
            text = _plain(f"{money.what}: {money.reference}")
            yield {
                "section": section,
                "day": money.day,
                "text": text,
                **_amount(money.amount_nusd),
            }
    yield {"section": "owed", **_amount(invoice.owed_nusd)}
    yield {"section": "carried_forward", **_amount(invoice.carried_nusd)}
    yield {"section": "to_be_paid", **_amount(invoice.due_cents * 10_000_000)}


def _amount(nusd: int) -> _Cells:
    return {"amount_usd": format_usd(nusd), "amount_nusd": nusd}


def _price(nusd_per_mtok: int | None) -> str | None:
    return None if nusd_per_mtok is None else format_usd(nusd_per_mtok)


def _plain(text: str) -> str:
    """Text that a spreadsheet takes for text."""
    return f"'{text}" if text.startswith(_FORMULA) else text
