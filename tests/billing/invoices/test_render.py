"""Invoices as HTML, PDF and CSV: complete, escaped, and the same bytes every time."""

import base64
import csv
import io
import re
import zlib
from collections.abc import Callable
from html.parser import HTMLParser

import msgspec
import pytest

from identity.house import HandClock
from weft.billing.invoices.csv import COLUMNS, render_csv
from weft.billing.invoices.figures import cents, usd
from weft.billing.invoices.html import render_html
from weft.billing.invoices.issue import Invoices
from weft.billing.invoices.pdf import render_pdf
from weft.billing.invoices.types import Invoice, MoneyLine
from weft.identity.audit.types import Actor
from weft.identity.types import Team

ADA = Actor("ada")
EVIL = '<script>alert(1)</script> & "Søn" =SUM(A1) 株式会社'


@pytest.fixture
def invoice(month: int, invoices: Invoices, team: Team, clock: HandClock) -> Invoice:
    del month
    return invoices.get(team, "2026-11", by=ADA, now=clock.now())


class Page(HTMLParser):
    """The text of a page, and the tags that it has."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words: list[str] = []
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def pdf_text(data: bytes) -> str:
    """The texts of a PDF's pages, by its own operators."""
    found: list[str] = []
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", data, re.DOTALL):
        plain = zlib.decompress(_ascii85(stream))
        for text in re.findall(rb"\(((?:\\.|[^\\)])*)\) Tj", plain):
            escaped = re.sub(rb"\\([0-7]{3})", lambda m: bytes([int(m[1], 8)]), text)
            found.append(re.sub(rb"\\(.)", rb"\1", escaped).decode("cp1252"))
    return " ".join(found)


def _ascii85(stream: bytes) -> bytes:
    return base64.a85decode(stream.strip().removesuffix(b"~>"))


def test_html_when_rendered_then_says_every_figure(invoice: Invoice) -> None:
    page = Page(render_html(invoice))
    for words in (
        "Invoice",
        "2026-000001",
        "Weft Hosting GmbH",
        "November 2026",
        "meta-llama/Llama-3.3-70B-Instruct",
        "prices from 2026-11-15",
        "at 0.325000001",
        "Credit: included in the plan",
        "Payment received, 2026-11-16",
        "Transfer of 16 Nov",
        f"{cents(invoice.due_cents)} USD",
        usd(invoice.cost_nusd),
        "https://weft.example.com/api/statements/red/2026-11",
        "IBAN",
    ):
        assert words in page.text
    assert "not over" not in page.text
    assert set(page.tags).isdisjoint({"script", "img", "link", "iframe"})


def test_pdf_when_rendered_then_says_the_same(invoice: Invoice) -> None:
    text = pdf_text(render_pdf(invoice))
    for words in (
        "Invoice",
        "2026-000001",
        "Weft Hosting GmbH",
        "at 0.325000001",
        f"{cents(invoice.due_cents)} USD",
        usd(invoice.cost_nusd),
        "Page 1",
    ):
        assert words in text


@pytest.mark.parametrize("render", [render_html, render_pdf, render_csv])
def test_render_when_done_twice_then_the_same_bytes(
    invoice: Invoice, render: Callable[[Invoice], bytes]
) -> None:
    again = msgspec.json.decode(msgspec.json.encode(invoice), type=Invoice)
    assert render(invoice) == render(again)


def test_html_when_people_wrote_markup_then_it_is_text(invoice: Invoice) -> None:
    lines = (MoneyLine("2026-11-02", "Payment received", EVIL, -1),)
    evil = msgspec.structs.replace(invoice, seller=EVIL, buyer=EVIL, note=EVIL, movements=lines)
    page = Page(render_html(evil))
    assert "script" not in page.tags
    assert page.text.count("株式会社") == 4
    assert render_pdf(evil).startswith(b"%PDF")
    assert "alert(1)" in pdf_text(render_pdf(evil))


def test_draft_when_rendered_then_says_so(invoice: Invoice) -> None:
    draft = msgspec.structs.replace(invoice, number="")
    assert "This month is not over" in Page(render_html(draft)).text
    assert "not over" in pdf_text(render_pdf(draft))
    assert "draft" in render_csv(draft).decode()


def test_csv_when_read_then_the_lines_sum_to_the_total(invoice: Invoice) -> None:
    rows = list(csv.DictReader(io.StringIO(render_csv(invoice).decode(), newline="")))
    assert tuple(rows[0]) == COLUMNS

    def total(section: str) -> int:
        return sum(int(row["amount_nusd"]) for row in rows if row["section"] == section)

    assert total("usage") == total("total") == total("paid_by") == invoice.cost_nusd
    owed = total("brought_forward") + invoice.overage_nusd + total("owed_change")
    assert owed == total("owed") == total("to_be_paid") + total("carried_forward")


def test_csv_when_a_text_could_be_a_formula_then_it_is_none(invoice: Invoice) -> None:
    lines = (MoneyLine("2026-11-02", "=1+1", "x", -1),)
    rows = render_csv(msgspec.structs.replace(invoice, movements=lines)).decode()
    assert ",'=1+1: x," in rows


def test_pdf_when_there_are_many_lines_then_the_head_is_repeated(invoice: Invoice) -> None:
    many = msgspec.structs.replace(invoice, lines=invoice.lines * 60)
    text = pdf_text(render_pdf(many))
    pages = len(re.findall(r"Page \d+", text))
    assert pages > 3
    assert text.count("Project and model") >= pages - 2
