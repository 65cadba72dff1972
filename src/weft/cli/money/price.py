"""`weft price`: the price book, and whether a file of prices would pass into it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from weft.catalog.load import load_catalog
from weft.catalog.types import ModelCard
from weft.cli.output import JsonOption, echo_json
from weft.cli.store import ConfigOption, DataOption, opened
from weft.cli.table import Column, table
from weft.kit.clock import from_us
from weft.kit.money import format_usd
from weft.kit.settings import load_settings
from weft.ledger.prices.book import new_prices
from weft.ledger.prices.store import BookPrice, list_prices

app = typer.Typer(no_args_is_help=True)


class PriceLine(msgspec.Struct, frozen=True):
    """A price of the book as `--json` tells it; money in nano-dollars per million tokens."""

    version: str
    model: str
    effective_at: datetime
    input_nusd_per_mtok: str
    cached_input_nusd_per_mtok: str
    output_nusd_per_mtok: str
    source: str
    recorded_at: datetime
    override_by: str
    override_reason: str


@app.command("ls")
def list_(
    model: Annotated[
        str | None, typer.Argument(help="Only this model, by id.", show_default=False)
    ] = None,
    *,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """List every price that was ever in force, in dollars per million tokens, and where it came from."""
    with opened(data, config) as database, database.read() as connection:
        prices = list_prices(connection, model)
    if as_json:
        echo_json([_line(price) for price in prices])
    elif not prices:
        typer.echo(f"There is no price in the book{f' for {model}' if model else ''} yet.")
    else:
        typer.echo(_table(prices))


app.command("list", hidden=True)(list_)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="A model's TOML file.", show_default=False)],
    *,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Say whether a server that finds this file in its catalog would start, and which prices would be new."""
    settings = load_settings({"data_dir": data, "config": config}).settings
    folder = settings.catalog_dir
    catalog = load_catalog(folder if folder.is_dir() else None, candidate=file)
    card = next(card for card in catalog.cards if card.path == file)
    with opened(data, config) as database, database.read() as connection:
        new = new_prices([card], list_prices(connection), datetime.now(UTC))
    if as_json:
        echo_json([_line(price) for price in new])
    else:
        typer.echo(_verdict(card, new))


def _verdict(card: ModelCard, new: list[BookPrice]) -> str:
    if not new:
        return f"{card.path} is in order; all its prices are in the book already."
    return f"{card.path} is in order; new in the book would be:\n\n{_table(new)}"


def _table(prices: list[BookPrice]) -> str:
    columns = (
        Column("price", shrinks=True),
        Column("input", right=True),
        Column("cached", right=True),
        Column("output", right=True),
        Column("source", shrinks=True),
        Column("stood by"),
    )
    rows = [
        (
            price.version,
            format_usd(price.input_nusd_per_mtok),
            format_usd(price.cached_input_nusd_per_mtok),
            format_usd(price.output_nusd_per_mtok),
            price.source,
            price.override_by,
        )
        for price in prices
    ]
    return table(columns, rows)


def _line(price: BookPrice) -> PriceLine:
    return PriceLine(
        version=price.version,
        model=price.model_id,
        effective_at=from_us(price.effective_at_us),
        input_nusd_per_mtok=str(price.input_nusd_per_mtok),
        cached_input_nusd_per_mtok=str(price.cached_input_nusd_per_mtok),
        output_nusd_per_mtok=str(price.output_nusd_per_mtok),
        source=price.source,
        recorded_at=from_us(price.recorded_at_us),
        override_by=price.override_by,
        override_reason=price.override_reason,
    )
