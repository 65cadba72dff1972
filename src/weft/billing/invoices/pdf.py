"""An invoice as PDF, by reportlab: A4, the same bytes for the same invoice (`invariant`: no date, no random id).

The fonts are those that every reader has, so nothing is embedded; they have the letters of Western European languages,
and any other one becomes a question mark here. The HTML page shows all scripts.
"""

import io
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import (
    Flowable,
    HRFlowable,
    LongTable,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

from weft.billing.invoices import figures
from weft.billing.invoices.figures import cents, count, price, usd
from weft.billing.invoices.types import Invoice

_INK, _SOFT, _LINE = (
    colors.HexColor("#16181d"),
    colors.HexColor("#5b6472"),
    colors.HexColor("#d9dee5"),
)
_FAINT, _MARK, _WARN = (
    colors.HexColor("#f4f6f8"),
    colors.HexColor("#0b5d66"),
    colors.HexColor("#8a4b00"),
)
_WIDTH = A4[0] - 32 * mm - 12  # a frame keeps six points free on each side
_BODY = ParagraphStyle("body", fontName="Helvetica", fontSize=9, leading=12.5, textColor=_INK)
_CELL = ParagraphStyle("cell", _BODY, fontSize=7.8, leading=10)
_RIGHT = ParagraphStyle("right", _CELL, alignment=TA_RIGHT)
_HEAD = ParagraphStyle("head", _CELL, fontName="Helvetica-Bold", textColor=_SOFT)
_HEAD_RIGHT = ParagraphStyle("head_right", _HEAD, alignment=TA_RIGHT)
_BOLD = ParagraphStyle("bold", _CELL, fontName="Helvetica-Bold")
_BOLD_RIGHT = ParagraphStyle("bold_right", _BOLD, alignment=TA_RIGHT)
_SMALL = ParagraphStyle("small", _BODY, fontSize=7.5, leading=10, textColor=_SOFT)
_KEPT = ParagraphStyle("kept", _SMALL, keepWithNext=1)
_TITLE = ParagraphStyle("title", _BODY, fontName="Helvetica-Bold", fontSize=20, leading=24)
_H2 = ParagraphStyle(
    "h2",
    _BODY,
    fontName="Helvetica-Bold",
    fontSize=11,
    leading=14,
    spaceBefore=14,
    spaceAfter=4,
    keepWithNext=1,
)
_DUE = ParagraphStyle("due", _BODY, fontName="Helvetica-Bold", fontSize=16, leading=20)
_DUE_RIGHT = ParagraphStyle("due_right", _DUE, alignment=TA_RIGHT)
_DRAFT = ParagraphStyle("draft", _BODY, fontName="Helvetica-Bold", textColor=_WARN)
_Rows = list[list[Flowable]]


def render_pdf(invoice: Invoice) -> bytes:
    """The pages."""
    out = io.BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=16 * mm,
        rightMargin=16 * mm,
        topMargin=16 * mm,
        bottomMargin=18 * mm,
        title=_plain(figures.title(invoice)),
        author=_plain(invoice.seller.partition("\n")[0]),
        creator="Weft",
        lang="en",
        invariant=1,
    )

    def foot(canvas: Any, page: Any) -> None:
        canvas.saveState()
        canvas.setFont("Helvetica", 7.5)
        canvas.setFillColor(_SOFT)
        canvas.drawString(16 * mm, 10 * mm, _plain(figures.title(invoice)))
        canvas.drawRightString(A4[0] - 16 * mm, 10 * mm, f"Page {page.page}")
        canvas.restoreState()

    document.build(_parts(invoice), onFirstPage=foot, onLaterPages=foot)
    return out.getvalue()


def _parts(invoice: Invoice) -> list[Flowable]:
    decimals = figures.line_decimals(invoice)
    parts: list[Flowable] = [*_top(invoice), _text("What was used", _H2)]
    if invoice.lines:
        parts.append(_usage(invoice, decimals))
    else:
        parts.append(_text("Nothing was used in this month.", _BODY))
    parts += _paid(invoice, decimals)
    if invoice.credits:
        parts += [_text("Credit in this month", _H2), _credits(invoice, decimals)]
    if invoice.purchases:
        parts += [_text("Credit bought", _H2), _text("Paid already; for your records.", _KEPT)]
        parts.append(
            _sums(
                [
                    (f"{line.what}, {line.day}", line.reference, usd(line.amount_nusd, decimals))
                    for line in invoice.purchases
                ]
            )
        )
    if invoice.note:
        parts += [Spacer(1, 12), _text(invoice.note, _BODY)]
    parts += [Spacer(1, 14), HRFlowable(width="100%", color=_LINE, thickness=0.6, spaceAfter=4)]
    return [*parts, _text(figures.ROUNDING, _SMALL), _text(figures.proof_words(invoice), _SMALL)]


def _top(invoice: Invoice) -> list[Flowable]:
    draft = invoice.is_draft
    issued = f"{invoice.issued_at:%Y-%m-%d %H:%M} UTC"
    facts = [
        ("Number", invoice.number or "none: a draft"),
        ("As of" if draft else "Issued", issued if draft else figures.day_words(issued[:10])),
        ("Period", f"{invoice.first_day} to {invoice.last_day} (UTC)"),
        ("Team", invoice.team),
        ("Plan", invoice.plan),
    ]
    table = Table(
        [[_text(name, _HEAD), _text(value, _RIGHT)] for name, value in facts],
        colWidths=[22 * mm, 58 * mm],
        style=[("TOPPADDING", (0, 0), (-1, -1), 0.5), ("BOTTOMPADDING", (0, 0), (-1, -1), 0.5)],
    )
    title: list[Flowable] = [
        _text("Draft invoice" if draft else "Invoice", _TITLE),
        _text(f"Inference, {figures.month_words(invoice.month)}", _BODY),
    ]
    top = Table([[title, table]], colWidths=[_WIDTH - 80 * mm, 80 * mm], style=_PLAIN)
    parties = Table(
        [
            [_text("From", _HEAD), _text("To", _HEAD)],
            [
                _text(invoice.seller or "not set yet (invoice_seller)", _BODY),
                _text(invoice.buyer, _BODY),
            ],
        ],
        colWidths=[_WIDTH / 2] * 2,
        style=_PLAIN,
    )
    due = Table(
        [
            [
                _text("Owed so far" if draft else "To be paid", _BODY),
                _text(f"{cents(invoice.due_cents)} USD", _DUE_RIGHT),
            ]
        ],
        colWidths=[_WIDTH / 2] * 2,
        style=TableStyle(
            [
                ("BACKGROUND", (0, 0), (-1, -1), _FAINT),
                ("BOX", (0, 0), (-1, -1), 0.6, _LINE),
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                ("TOPPADDING", (0, 0), (-1, -1), 8),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 9),
                ("LEFTPADDING", (0, 0), (-1, -1), 10),
                ("RIGHTPADDING", (0, 0), (-1, -1), 10),
            ]
        ),
    )
    parts: list[Flowable] = [
        top,
        HRFlowable(width="100%", color=_MARK, thickness=2, spaceBefore=6, spaceAfter=8),
    ]
    if draft:
        said = "This month is not over. The figures are those so far; nothing is to be paid on this draft."
        parts += [_text(said, _DRAFT), Spacer(1, 6)]
    return [*parts, parties, Spacer(1, 10), due]


def _usage(invoice: Invoice, decimals: int) -> Flowable:
    heads = ("Requests", "Input tokens", "Cached input", "Output tokens", "USD")
    rows: _Rows = [
        [_text("Project and model", _HEAD), *(_text(head, _HEAD_RIGHT) for head in heads)]
    ]
    for line in invoice.lines:
        under = [line.model, *([f"prices from {line.price_from}"] if line.price_from else [])]
        rows.append(
            [
                _two(line.project, "\n".join(under), _CELL),
                _text(count(line.requests), _RIGHT),
                _two(count(line.input_tokens), f"at {price(line.input_nusd_per_mtok)}", _RIGHT),
                _two(
                    count(line.cached_input_tokens),
                    f"at {price(line.cached_input_nusd_per_mtok)}",
                    _RIGHT,
                ),
                _two(count(line.output_tokens), f"at {price(line.output_nusd_per_mtok)}", _RIGHT),
                _text(usd(line.cost_nusd, decimals), _RIGHT),
            ]
        )
    sums = [
        sum(line.requests for line in invoice.lines),
        sum(line.input_tokens for line in invoice.lines),
        sum(line.cached_input_tokens for line in invoice.lines),
        sum(line.output_tokens for line in invoice.lines),
    ]
    number = len(invoice.lines)
    rows.append(
        [
            _text(f"Total of {number} {'line' if number == 1 else 'lines'}", _BOLD),
            *(_text(count(each), _BOLD_RIGHT) for each in sums),
            _text(usd(invoice.cost_nusd, decimals), _BOLD_RIGHT),
        ]
    )
    widths = [20 * mm, 27 * mm, 25 * mm, 25 * mm, 30 * mm]
    return LongTable(
        rows, colWidths=[_WIDTH - sum(widths), *widths], repeatRows=1, style=_RULED_TOTAL
    )


def _paid(invoice: Invoice, decimals: int) -> list[Flowable]:
    burnt = [
        (f"Credit: {figures.KINDS[credit.kind].lower()}", "", usd(credit.burnt_nusd, decimals))
        for credit in invoice.credits
        if credit.burnt_nusd
    ]
    overage = usd(invoice.overage_nusd, decimals)
    rounded = (
        "Carried forward (rounded down to cents)"
        if invoice.owed_nusd >= 0
        else "Paid ahead, carried forward"
    )
    return [
        _text("How it was paid", _H2),
        _sums(
            [*burnt, ("Beyond credit (overage)", "", overage)],
            ("Total", usd(invoice.cost_nusd, decimals)),
        ),
        _text("What is to be paid", _H2),
        _sums(
            [
                ("Brought forward", "", usd(invoice.brought_forward_nusd, decimals)),
                ("Beyond credit, this month", "", overage),
                *(
                    (f"{line.what}, {line.day}", line.reference, usd(line.amount_nusd, decimals))
                    for line in invoice.movements
                ),
                ("Owed at the end of the month", "", usd(invoice.owed_nusd, decimals)),
                (rounded, "", usd(-invoice.carried_nusd, decimals)),
            ],
            (
                "Owed so far, USD" if invoice.is_draft else "To be paid, USD",
                cents(invoice.due_cents),
            ),
        ),
    ]


def _credits(invoice: Invoice, decimals: int) -> Flowable:
    heads = ("At the start", "Added", "Used", "Ended", "At the end, USD")
    rows: _Rows = [[_text("Kind", _HEAD), *(_text(head, _HEAD_RIGHT) for head in heads)]]
    for credit in invoice.credits:
        amounts = (
            credit.opening_nusd,
            credit.added_nusd,
            credit.burnt_nusd,
            credit.ended_nusd,
            credit.closing_nusd,
        )
        rows.append(
            [
                _text(figures.KINDS[credit.kind], _CELL),
                *(_text(usd(amount, decimals), _RIGHT) for amount in amounts),
            ]
        )
    width = 27.5 * mm
    return Table(rows, colWidths=[_WIDTH - 5 * width, *[width] * 5], style=_RULED)


def _sums(lines: Sequence[tuple[str, str, str]], total: tuple[str, str] | None = None) -> Flowable:
    rows: _Rows = [
        [_two(name, under, _CELL) if under else _text(name, _CELL), _text(amount, _RIGHT)]
        for name, under, amount in lines
    ]
    if total is not None:
        rows.append([_text(total[0], _BOLD), _text(total[1], _BOLD_RIGHT)])
    widths = [75 * mm, 35 * mm]
    return Table(
        rows, colWidths=widths, hAlign="RIGHT", style=_RULED if total is None else _RULED_TOTAL
    )


def _two(first: str, second: str, style: ParagraphStyle) -> Paragraph:
    """One line, and what belongs to it below, smaller."""
    return Paragraph(
        f'{_marked(first)}<br/><font color="#5b6472" size="7">{_marked(second)}</font>', style
    )


def _text(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(_marked(text), style)


def _marked(text: str) -> str:
    """Text as reportlab's markup: nothing that people wrote is markup."""
    return escape(_plain(text)).replace("\n", "<br/>")


def _plain(text: str) -> str:
    """Text in the letters that the fonts have."""
    minus = text.replace("−", "-")  # noqa: RUF001 - the fonts have no minus sign
    return minus.encode("cp1252", "replace").decode("cp1252")


_PLAIN = TableStyle(
    [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 1),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
    ]
)
_RULED = TableStyle(
    [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE),
        ("LEFTPADDING", (0, 0), (-1, -1), 2),
        ("RIGHTPADDING", (0, 0), (-1, -1), 2),
        ("TOPPADDING", (0, 0), (-1, -1), 3),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ]
)
_RULED_TOTAL = TableStyle(
    [
        ("LINEABOVE", (0, -1), (-1, -1), 1.2, _INK),
        ("LINEBELOW", (0, -1), (-1, -1), 0, colors.white),
    ],
    parent=_RULED,
)
