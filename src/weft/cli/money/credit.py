"""`weft credit`: what teams have and owe; give credit, take payments, correct, refund."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
import typer
from sqlalchemy import Connection

from weft.cli.output import JsonOption, echo_json, moment, read_expiry
from weft.cli.store import ConfigOption, DataOption, opened, operator, tell
from weft.cli.table import Column, table
from weft.identity.teams import find_team_by_id, get_team
from weft.identity.types import Team, TeamId
from weft.kit.clock import from_us, to_us
from weft.kit.errors import InvalidRequest
from weft.kit.ids import new_id
from weft.kit.money import format_usd, parse_usd
from weft.ledger.accounts import Grant, GrantKind
from weft.ledger.grants import (
    Cause,
    GrantLeft,
    TeamBalance,
    adjust,
    balance_of,
    give_grant,
    list_grants,
    new_grant,
    record_payment,
    refund,
    team_of_charge,
)
from weft.ledger.posting import Head

app = typer.Typer(no_args_is_help=True)
T = TypeVar("T")

TeamArgument = Annotated[str, typer.Argument(metavar="TEAM", help="The team.", show_default=False)]
UsdArgument = Annotated[
    str, typer.Argument(metavar="USD", help="Dollars, such as 12.50.", show_default=False)
]
NoteOption = Annotated[str, typer.Option("--note", help="Why; kept for good.")]
SourceOption = Annotated[
    str, typer.Option(help="What it comes from, such as an invoice; never counts twice.")
]


class CreditLine(msgspec.Struct, frozen=True):
    """A grant as `--json` tells it; money as nano-dollars."""

    id: str
    kind: GrantKind
    source: str
    amount_nusd: str
    left_nusd: str
    expired: bool
    created_at: datetime
    expires_at: datetime | None
    note: str
    made_by: str


@app.command()
def grant(  # noqa: PLR0913 - a flag each
    team: TeamArgument,
    usd: UsdArgument,
    *,
    kind: Annotated[GrantKind, typer.Option(help="Where it comes from.")] = GrantKind.PROMOTIONAL,
    expires: Annotated[
        str, typer.Option(help="When it ends: 2026-12-31 (00:00 UTC), or 30d from now.")
    ] = "",
    note: NoteOption = "",
    source: SourceOption = "",
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Give a team credit."""
    amount, now = _nusd(usd), datetime.now(UTC)
    expires_at_us = to_us(read_expiry(expires, now)) if expires else None

    def give(connection: Connection, head: Head) -> Grant:
        found = get_team(connection, team)
        wanted = new_grant(
            found.id,
            kind,
            amount,
            cause=_cause(source, note),
            now_us=head.posted_at_us,
            expires_at_us=expires_at_us,
        )
        done = give_grant(connection, head, wanted)
        detail = {"kind": done.kind.value, "amount_nusd": str(done.amount_nusd), "note": note}
        tell(connection, "credit.grant", team, found, **detail)
        return done

    given = _post(data, config, give)
    if as_json:
        echo_json(_line(GrantLeft(given, given.amount_nusd, expired=False)))
    else:
        until = f" until {moment(from_us(given.expires_at_us))} UTC" if given.expires_at_us else ""
        typer.echo(f"{team} has {format_usd(given.amount_nusd)} USD of {given.kind} credit{until}.")


@app.command("ls")
def list_(
    team: TeamArgument,
    *,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Show what a team has and owes, its credit in the order in which it burns."""
    now_us = to_us(datetime.now(UTC))
    with opened(data, config) as database, database.read() as connection:
        found = get_team(connection, team)
        grants = list_grants(connection, found.id, now_us)
        balance = balance_of(connection, found.id, now_us)
    if as_json:
        echo_json(
            {
                "team": found.name,
                "credit_nusd": str(balance.credit_nusd),
                "reserved_nusd": str(balance.reserved_nusd),
                "owed_nusd": str(balance.owed_nusd),
                "grants": [_line(each) for each in grants],
            }
        )
    else:
        typer.echo(_report(found, balance, grants))


app.command("list", hidden=True)(list_)


@app.command()
def pay(
    team: TeamArgument,
    usd: UsdArgument,
    *,
    note: NoteOption = "",
    source: SourceOption = "",
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Record that a team paid of what it owes."""
    amount = _nusd(usd)

    def paid(connection: Connection, head: Head) -> None:
        found = get_team(connection, team)
        record_payment(connection, head, found.id, amount, cause=_cause(source, note))
        tell(connection, "credit.pay", team, found, amount_nusd=str(amount), note=note)

    _post(data, config, paid)
    typer.echo(f"{team} paid {format_usd(amount)} USD.")


@app.command("adjust")
def adjust_(
    team: TeamArgument,
    usd: UsdArgument,
    *,
    note: Annotated[str, typer.Option("--note", help="Why; kept for good.", show_default=False)],
    more: Annotated[bool, typer.Option("--more", help="The team owes more, not less.")] = False,
    source: SourceOption = "",
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Correct what a team owes: by so much less, or with --more by so much more."""
    amount = -_nusd(usd) if more else _nusd(usd)

    def mend(connection: Connection, head: Head) -> None:
        found = get_team(connection, team)
        adjust(connection, head, found.id, amount, cause=_cause(source, note))
        tell(connection, "credit.adjust", team, found, amount_nusd=str(amount), note=note)

    _post(data, config, mend)
    typer.echo(f"{team} owes {format_usd(abs(amount))} USD {'more' if more else 'less'}.")


@app.command("refund")
def refund_(
    request_id: Annotated[
        str, typer.Argument(metavar="REQUEST_ID", help="Whose charge.", show_default=False)
    ],
    *,
    reason: Annotated[str, typer.Option(help="Why; kept for good.", show_default=False)],
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Give back the charge of one request: off what is still owed of it, the rest as credit."""
    cause = Cause("", operator().name, reason)

    def back(connection: Connection, head: Head) -> Grant | None:
        done = refund(connection, head, request_id, cause=cause)
        charged = TeamId(team_of_charge(connection, request_id) or "")
        team = find_team_by_id(connection, charged)
        tell(connection, "credit.refund", request_id, team, reason=reason)
        return done

    given = _post(data, config, back)
    if given is None:
        typer.echo(f"The charge of {request_id} went off what its team owes.")
    else:
        typer.echo(f"Gave back {format_usd(given.amount_nusd)} USD of {request_id} as credit.")


def _post(data: Path | None, config: Path | None, work: Callable[[Connection, Head], T]) -> T:
    with opened(data, config) as database, database.write() as connection:
        head = Head(connection, to_us(datetime.now(UTC)))
        done = work(connection, head)
        head.save()
    return done


def _nusd(usd: str) -> int:
    try:
        return parse_usd(usd)
    except ValueError as error:
        raise InvalidRequest(str(error), param="usd") from error


def _cause(source: str, note: str) -> Cause:
    return Cause(source or f"by hand:{new_id('src')}", operator().name, note)


def _report(team: Team, balance: TeamBalance, grants: list[GrantLeft]) -> str:
    reserved = (
        f", {format_usd(balance.reserved_nusd)} USD of it reserved" if balance.reserved_nusd else ""
    )
    first = (
        f"{team.name} has {format_usd(balance.credit_nusd)} USD of credit{reserved},"
        f" and owes {format_usd(balance.owed_nusd)} USD."
    )
    if not grants:
        return first
    columns = (
        Column("credit"),
        Column("given", right=True),
        Column("left", right=True),
        Column("ends (UTC)"),
        Column("source", shrinks=True),
        Column("by", shrinks=True),
        Column("note", shrinks=True),
    )
    rows = [
        (
            each.grant.kind.value,
            format_usd(each.grant.amount_nusd),
            "ended" if each.expired else format_usd(each.left_nusd),
            moment(None if each.grant.expires_at_us is None else from_us(each.grant.expires_at_us)),
            each.grant.source,
            each.grant.made_by,
            each.grant.note,
        )
        for each in grants
    ]
    return f"{first}\n\n{table(columns, rows)}"


def _line(each: GrantLeft) -> CreditLine:
    given = each.grant
    return CreditLine(
        id=given.id,
        kind=given.kind,
        source=given.source,
        amount_nusd=str(given.amount_nusd),
        left_nusd=str(each.left_nusd),
        expired=each.expired,
        created_at=from_us(given.created_at_us),
        expires_at=None if given.expires_at_us is None else from_us(given.expires_at_us),
        note=given.note,
        made_by=given.made_by,
    )
