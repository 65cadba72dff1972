"""`weft statement`: a team's signed statement of one month."""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from weft.cli.store import ConfigOption, DataOption, opened
from weft.cli.table import Column, table
from weft.identity.teams import get_team
from weft.kit.db import Database, let_it_take_long
from weft.kit.errors import CannotStart
from weft.kit.money import format_usd
from weft.kit.settings import load_settings
from weft.ledger.proof.keys import Signer
from weft.ledger.proof.statement import Statement, find_month

_KINDS = {
    "grant": "credit given or bought",
    "expiry": "credit that ran out",
    "payment": "paid",
    "adjustment": "corrected",
    "payback": "taken back with refunds of purchases",
}


def statement(
    team: Annotated[str, typer.Argument(metavar="TEAM", help="Whose.", show_default=False)],
    month: Annotated[
        str, typer.Argument(metavar="MONTH", help="Such as 2026-11.", show_default=False)
    ],
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="All of it, signed: lines of JSON.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write all of it, signed, to this file.")
    ] = None,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Show what a team was charged in a month; --json or --out give the signed statement with every charge."""
    folder = load_settings({"data_dir": data, "config": config}).settings.data_dir
    now = datetime.now(UTC)
    with opened(data, config) as database:
        with database.read() as connection:
            found = get_team(connection, team)
            written = Statement(found.id, found.name, find_month(connection, month, now))
        parts = _parts(database, written, Signer(database, folder), now)
        if out is not None:
            _save(out, parts)
            typer.echo(f"Wrote {out}. Check it with: weft verify {out} --public-key KEY")
        elif as_json:
            _copy(parts, sys.stdout.buffer)
        else:
            typer.echo(_report(written, *_ends(parts)))


def _parts(
    database: Database, written: Statement, signer: Signer, now: datetime
) -> Iterator[bytes]:
    with database.read() as connection:
        let_it_take_long(connection)
        yield written.begin(connection)
        while part := written.more(connection):
            yield part
    key = signer.key(now)
    with database.read() as connection:
        yield written.end(connection, key)


def _save(out: Path, parts: Iterator[bytes]) -> None:
    try:
        with out.open("wb") as file:
            _copy(parts, file)
    except OSError as error:
        raise CannotStart(f"{out}: cannot be written: {error.strerror}") from error


def _copy(parts: Iterator[bytes], file: BinaryIO) -> None:
    file.writelines(parts)
    file.flush()


def _ends(parts: Iterator[bytes]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The first line and the totals."""
    first, last = b"", b""
    for part in parts:
        first, last = first or part, part
    return json.loads(first.splitlines()[0]), json.loads(last.splitlines()[-2])


def _report(written: Statement, header: dict[str, Any], totals: dict[str, Any]) -> str:
    month = written.month
    so_far = "" if month.complete else " so far"
    lines = [
        (
            f"{header['team']}, {month.name}{so_far}: {totals['charges']:,} charges,"
            f" {_usd(totals['charged_nusd'])} USD."
        ),
    ]
    lines += [
        f"  {what}: {_usd(totals[f'{kind}_nusd'])} USD"
        for kind, what in _KINDS.items()
        if totals[f"{kind}_nusd"] != "0"
    ]
    for name in ("by_model", "by_project", "by_key"):
        if totals[name]:
            lines += ["", _table(name.removeprefix("by_"), totals[name])]
    return "\n".join(lines)


def _table(title: str, groups: list[dict[str, Any]]) -> str:
    columns = (
        Column(title, shrinks=True),
        *(Column(name, right=True) for name in ("requests", "input", "cached", "output", "USD")),
    )
    rows = [
        (
            group["name"],
            f"{group['requests']:,}",
            f"{group['input_tokens']:,}",
            f"{group['cached_input_tokens']:,}",
            f"{group['output_tokens']:,}",
            _usd(group["cost_nusd"]),
        )
        for group in groups
    ]
    return table(columns, rows)


def _usd(nusd: str) -> str:
    return format_usd(int(nusd))
