"""`weft audit`: who changed what, as admins of the server or of a team; commands included."""

from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer
from sqlalchemy import Connection

from weft.cli.output import JsonOption, echo_json, moment, read_expiry
from weft.cli.store import ConfigOption, DataOption, opened
from weft.cli.table import Column, table
from weft.identity.audit.store import PAGE_LIMIT, list_entries
from weft.identity.audit.types import Detail, Entry, Value, Wanted
from weft.identity.teams import get_team, team_names
from weft.kit.errors import InvalidRequest
from weft.kit.money import format_usd

MOST = 10_000
_MONEY = "_nusd"

app = typer.Typer(no_args_is_help=True)


class AuditLine(msgspec.Struct, frozen=True):
    """An entry as `--json` tells it."""

    id: str
    at: datetime
    by: str
    action: str
    subject: str
    team: str | None
    detail: dict[str, Value]


@app.command("ls")
def list_(  # noqa: PLR0913 - a flag each
    *,
    by: Annotated[str, typer.Option(help="Only by this user; a part of the name will do.")] = "",
    action: Annotated[str, typer.Option(help="Only this: member, or member.remove.")] = "",
    team: Annotated[
        str | None, typer.Option(help="Only what concerns this team.", show_default=False)
    ] = None,
    since: Annotated[str, typer.Option(help="From 2026-11-30 (00:00 UTC), or 30d ago.")] = "",
    until: Annotated[str, typer.Option(help="Before such a moment.")] = "",
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=MOST)] = 50,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """List what was changed, the newest first."""
    now = datetime.now(UTC)
    with opened(data, config) as database, database.read() as connection:
        wanted = Wanted(
            by=by,
            action=action,
            team_ids=frozenset({get_team(connection, team).id}) if team else None,
            since=_moment(since, now),
            until=_moment(until, now),
        )
        entries = _entries(connection, wanted, limit)
        names = team_names(connection, {one.team_id for one in entries if one.team_id})
    lines = [_line(one, names) for one in entries]
    if as_json:
        echo_json(lines)
    elif not lines:
        typer.echo("Nothing was changed, as far as these filters reach.")
    else:
        columns = (
            Column("when (UTC)"),
            Column("who", shrinks=True),
            Column("what"),
            Column("of", shrinks=True),
            Column("detail", shrinks=True),
        )
        rows = [
            (moment(one.at), one.by, one.action, one.subject, said(one.detail)) for one in lines
        ]
        typer.echo(table(columns, rows))


app.command("list", hidden=True)(list_)


def said(detail: Detail) -> str:
    """What was changed, in one line. Pure."""
    return ", ".join(
        f"{name.removesuffix(_MONEY).replace('_', ' ')} {_shown(name, value)}"
        for name, value in detail.items()
        if value not in (None, "", False)
    )


def _shown(name: str, value: Value) -> str:
    if name.endswith(_MONEY) and isinstance(value, str) and value.lstrip("-").isdecimal():
        return f"${format_usd(int(value))}"
    if value is True:
        return "yes"
    return " ".join(value) if isinstance(value, list) else str(value)


def _entries(connection: Connection, wanted: Wanted, limit: int) -> list[Entry]:
    found: list[Entry] = []
    cursor: str | None = ""
    while cursor is not None and len(found) < limit:
        page = list_entries(
            connection, wanted, limit=min(limit - len(found), PAGE_LIMIT), cursor=cursor
        )
        found += page.entries
        cursor = page.next_cursor
    return found


def _moment(text: str, now: datetime) -> datetime | None:
    """The beginning of a day, or a span of time before now."""
    if not text:
        return None
    try:
        at = read_expiry(text, now)
    except InvalidRequest as error:
        raise InvalidRequest(f"{text[:40]!r} is no moment; write 2026-11-30, or 30d") from error
    return at if "-" in text else now - (at - now)


def _line(entry: Entry, teams: dict[str, str]) -> AuditLine:
    return AuditLine(
        id=entry.id,
        at=entry.at,
        by=entry.by,
        action=entry.action,
        subject=entry.subject,
        team=None if entry.team_id is None else teams.get(entry.team_id, entry.team_id),
        detail=dict(entry.detail),
    )
