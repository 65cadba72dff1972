"""An invoice as one HTML page: nothing is loaded from elsewhere, everything that people wrote is escaped."""

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from weft.billing.invoices import figures
from weft.billing.invoices.types import Invoice

_pages = Environment(
    loader=PackageLoader("weft.billing.invoices", "."),
    autoescape=select_autoescape(default=True, default_for_string=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


def render_html(invoice: Invoice) -> bytes:
    """The page, the same bytes for the same invoice."""
    page = _pages.get_template("invoice.html").render(
        invoice=invoice,
        title=figures.title(invoice),
        decimals=figures.line_decimals(invoice),
        kinds=figures.KINDS,
        rounding=figures.ROUNDING,
        proof=figures.proof_words(invoice),
        usd=figures.usd,
        cents=figures.cents,
        price=figures.price,
        count=figures.count,
        month_words=figures.month_words,
        day_words=figures.day_words,
    )
    return page.encode()
