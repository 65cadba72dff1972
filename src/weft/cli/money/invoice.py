"""`weft invoice`: monthly invoices. A month that is over is issued when its invoice is first asked for."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from weft.billing.invoices.figures import cents
from weft.billing.invoices.issue import Invoices
from weft.billing.invoices.routes import Format, invoice_line, render
from weft.billing.invoices.store import list_invoices, set_buyer
from weft.billing.invoices.types import Invoice
from weft.billing.terms import TermsBook
from weft.cli.money.purchase import TeamArgument
from weft.cli.output import JsonOption, echo_json
from weft.cli.store import ConfigOption, DataOption, open_database, opened, operator, tell
from weft.cli.table import Column, table
from weft.identity.names import NoSuchThing
from weft.identity.teams import get_team, team_names
from weft.identity.types import Team, TeamId, TeamKind
from weft.kit.db import Database
from weft.kit.errors import CannotStart, InvalidRequest
from weft.kit.money import format_usd
from weft.kit.settings import load_settings
from weft.limits.plans.load import load_plans

MAX_ADDRESS = 1000

app = typer.Typer(no_args_is_help=True)

MonthArgument = Annotated[
    str, typer.Argument(metavar="MONTH", help="Such as 2026-11.", show_default=False)
]


@app.command()
def show(
    team: TeamArgument,
    month: MonthArgument,
    *,
    format_: Annotated[Format, typer.Option("--format", help="How it is written.")] = Format.HTML,
    out: Annotated[Path | None, typer.Option("--out", help="Write it to this file.")] = None,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Write the invoice of a month; a draft while the month is open."""
    with _opened(data, config) as (database, invoices):
        with database.read() as connection:
            found = get_team(connection, team)
        invoice = invoices.get(found, month, by=operator(), now=datetime.now(UTC))
    body = render(invoice, format_)
    if out is None:
        sys.stdout.buffer.write(body)
        sys.stdout.buffer.flush()
        return
    try:
        out.write_bytes(body)
    except OSError as error:
        raise CannotStart(
            f"{out} cannot be written: {error.strerror}", remedy="name another file"
        ) from error
    typer.echo(f"Wrote {out}: {_said(invoice)}")


@app.command()
def issue(month: MonthArgument, *, data: DataOption = None, config: ConfigOption = None) -> None:
    """Issue the invoices of all teams for a month that is over; those that were issued stay."""
    now = datetime.now(UTC)
    with _opened(data, config) as (database, invoices):
        ids = invoices.active_teams(month)
        with database.read() as connection:
            names = team_names(connection, set(ids))
        count = 0
        for team_id in ids:
            team = Team(TeamId(team_id), names.get(team_id, team_id), TeamKind.TEAM, now)
            try:
                invoice = invoices.get(team, month, by=operator(), now=now)
            except NoSuchThing:
                continue  # quiet in that month
            if invoice.is_draft:
                raise InvalidRequest(
                    f"{month} is not over", remedy="see a draft: weft invoice show"
                )
            typer.echo(f"{team.name}: {_said(invoice)}")
            count += 1
    if not count:
        typer.echo(f"No team used, bought or owed anything in {month}.")


@app.command("ls")
def list_(
    team: Annotated[
        str | None, typer.Argument(help="Only this team's.", show_default=False)
    ] = None,
    *,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """List the invoices that were issued, the newest first."""
    with opened(data, config) as database, database.read() as connection:
        found = list_invoices(connection, None if team is None else get_team(connection, team).id)
        names = team_names(connection, {one.team_id for one in found})
    lines = [invoice_line(one, names.get(one.team_id, one.team_id)) for one in found]
    if as_json:
        echo_json([line.model_dump() for line in lines])
    elif not lines:
        typer.echo("No invoice was issued yet: weft invoice issue MONTH")
    else:
        columns = (
            Column("number"),
            Column("team", shrinks=True),
            Column("month"),
            Column("issued"),
            Column("used USD", right=True),
            Column("to be paid USD", right=True),
        )
        rows = [
            (
                line.number,
                line.team,
                line.month,
                f"{line.issued_at:%Y-%m-%d}",
                format_usd(int(line.cost_nusd)),
                cents(int(line.due_nusd) // 10_000_000),
            )
            for line in lines
        ]
        typer.echo(table(columns, rows))


app.command("list", hidden=True)(list_)


@app.command()
def buyer(
    team: TeamArgument,
    address: Annotated[
        str,
        typer.Argument(
            metavar="TEXT", help=r"Name, address, tax number; \n begins a line.", show_default=False
        ),
    ],
    *,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Say to whom a team's invoices are addressed from now on."""
    text = address.replace("\\n", "\n").strip()
    if not text or len(text) > MAX_ADDRESS or not text.replace("\n", "").isprintable():
        raise InvalidRequest(f"an address has up to {MAX_ADDRESS} printable characters")
    now = datetime.now(UTC)
    with opened(data, config) as database, database.write() as connection:
        found = get_team(connection, team)
        set_buyer(connection, found.id, text, set_by=operator().name, now=now)
        tell(connection, "invoice.buyer", team, found, address=text)
    typer.echo(f"Invoices of {team} are addressed to {text.splitlines()[0]} from now on.")


@contextmanager
def _opened(data: Path | None, config: Path | None) -> Generator[tuple[Database, Invoices]]:
    settings = load_settings({"data_dir": data, "config": config}).settings
    terms = TermsBook(load_plans(settings.data_dir), settings.default_plan)
    database = open_database(settings)
    try:
        yield database, Invoices(database, settings, terms)
    finally:
        database.close()


def _said(invoice: Invoice) -> str:
    what = f"invoice {invoice.number}" if invoice.number else "a draft"
    return f"{what}, {cents(invoice.due_cents)} USD to be paid"
