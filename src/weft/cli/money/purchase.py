"""`weft purchase`: credit that was bought: recorded when it was paid outside of Weft, listed however it was paid."""

from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer
from sqlalchemy import Connection

from weft.billing.purchases.settle import new_purchase, record_purchase, take_back_purchase
from weft.billing.purchases.store import list_purchases
from weft.billing.purchases.types import MANUAL, Purchase, PurchaseStatus, read_amount
from weft.cli.output import JsonOption, echo_json, moment
from weft.cli.store import ConfigOption, DataOption, opened, operator, tell
from weft.cli.table import Column, table
from weft.identity.teams import find_team_by_id, get_team, team_names
from weft.identity.types import TeamId
from weft.kit.money import format_usd

app = typer.Typer(no_args_is_help=True)

TeamArgument = Annotated[str, typer.Argument(metavar="TEAM", help="The team.", show_default=False)]


class PurchaseLine(msgspec.Struct, frozen=True):
    """A purchase as `--json` tells it; money as nano-dollars."""

    id: str
    team: str
    amount_nusd: str
    status: PurchaseStatus
    method: str
    reference: str
    refunded_nusd: str
    note: str
    made_by: str
    created_at: datetime
    settled_at: datetime | None


@app.command()
def record(
    team: TeamArgument,
    usd: Annotated[
        str, typer.Argument(metavar="USD", help="Dollars, such as 500.", show_default=False)
    ],
    *,
    reference: Annotated[
        str, typer.Option(help="Its invoice or transfer; the same one never counts twice.")
    ] = "",
    note: Annotated[str, typer.Option(help="Why; kept for good.")] = "",
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Record that a team paid for credit outside of Weft, and give the credit."""
    amount, now = read_amount(usd), datetime.now(UTC)
    with opened(data, config) as database, database.write() as connection:
        found = get_team(connection, team)
        wanted = new_purchase(
            found,
            amount,
            method=MANUAL,
            made_by=operator().name,
            now=now,
            reference=reference,
            note=note,
        )
        made = record_purchase(connection, wanted, now)
        detail = {"purchase": made.id, "amount_nusd": str(amount), "note": note}
        tell(connection, "purchase.record", team, found, reference=reference, **detail)
        line = _line(made, team)
    if as_json:
        echo_json(line)
    elif made.id == wanted.id:
        typer.echo(f"{team} bought {format_usd(amount)} USD of credit: {made.id}")
    else:
        typer.echo(f"Known already, nothing was changed: {made.id}")


@app.command()
def refund(
    purchase: Annotated[str, typer.Argument(metavar="ID", help="As `weft purchase ls` shows it.")],
    usd: Annotated[
        str, typer.Argument(metavar="USD", help="All that was paid back of it by now, in dollars.")
    ],
    *,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Record that money of a purchase was paid back: takes back what is left of its credit, and the rest is owed.

    Refunds made at Stripe arrive by themselves.
    """
    amount, now = read_amount(usd, "0.01"), datetime.now(UTC)
    with opened(data, config) as database, database.write() as connection:
        found = take_back_purchase(connection, purchase, amount, now)
        name = _names(connection, [found]).get(found.team_id, found.team_id)
        of_team = find_team_by_id(connection, TeamId(found.team_id))
        detail = {"purchase": purchase, "amount_nusd": str(amount)}
        tell(connection, "purchase.refund", name, of_team, **detail)
        line = _line(found, name)
    if as_json:
        echo_json(line)
    else:
        typer.echo(f"{format_usd(amount)} USD of {purchase} are paid back.")


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
    """List purchases, the newest first."""
    with opened(data, config) as database, database.read() as connection:
        team_id = None if team is None else get_team(connection, team).id
        found = list_purchases(connection, team_id)
        names = _names(connection, found)
    lines = [_line(one, names.get(one.team_id, one.team_id)) for one in found]
    if as_json:
        echo_json(lines)
    elif not lines:
        typer.echo("Nothing was bought yet.")
    else:
        columns = (
            Column("purchase"),
            Column("team", shrinks=True),
            Column("USD", right=True),
            Column("status"),
            Column("reference", shrinks=True),
            Column("made (UTC)"),
        )
        typer.echo(table(columns, [_cells(line) for line in lines]))


app.command("list", hidden=True)(list_)


def _names(connection: Connection, purchases: list[Purchase]) -> dict[str, str]:
    return team_names(connection, {one.team_id for one in purchases})


def _line(one: Purchase, team: str) -> PurchaseLine:
    return PurchaseLine(
        id=one.id,
        team=team,
        amount_nusd=str(one.amount_nusd),
        status=one.status,
        method=one.method,
        reference=one.reference,
        refunded_nusd=str(one.refunded_nusd),
        note=one.note,
        made_by=one.made_by,
        created_at=one.created_at,
        settled_at=one.settled_at,
    )


def _cells(line: PurchaseLine) -> tuple[str, ...]:
    status = line.status.value
    if line.refunded_nusd != "0" and line.status is not PurchaseStatus.REFUNDED:
        status += f", {format_usd(int(line.refunded_nusd))} paid back"
    return (
        line.id,
        line.team,
        format_usd(int(line.amount_nusd)),
        status,
        line.reference,
        moment(line.created_at),
    )
