"""`weft ledger`: is every row as it was written, and which keys are bills signed with."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from weft.cli.output import JsonOption, YesOption, confirm, echo_json, moment
from weft.cli.store import ConfigOption, DataOption, opened
from weft.cli.table import Column, table
from weft.kit.clock import from_us, to_us
from weft.kit.db import Database, let_it_take_long
from weft.kit.settings import load_settings
from weft.ledger.posting import Head
from weft.ledger.proof.against import check_against
from weft.ledger.proof.caches import rebuild_caches
from weft.ledger.proof.finding import Finding
from weft.ledger.proof.keys import Signer, key_set, list_keys
from weft.ledger.proof.verify import MAX_FINDINGS, Progress, Verdict, verify

app = typer.Typer(no_args_is_help=True)


@app.command("verify")
def verify_(
    *,
    rebuild: Annotated[
        bool,
        typer.Option("--rebuild", help="Mend balances, spend and roll-ups, if the chain is sound."),
    ] = False,
    against: Annotated[
        list[Path] | None,
        typer.Option(help="A receipt or statement given out earlier; may be repeated."),
    ] = None,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Walk the whole chain and name the first row that was changed, removed or inserted; exit code 1 if one was."""
    with opened(data, config) as database:
        verdict, proven = _look(database, against or [])
        mended = rebuild and verdict.chain_is_sound and bool(verdict.findings)
        if mended:
            _rebuild(database)
            verdict, proven = _look(database, against or [])
    findings = [*proven, *verdict.findings]
    if as_json:
        head = {"seq": verdict.head.seq, "hash": verdict.head.hash}
        echo_json(
            {
                "sound": not findings,
                "transactions": verdict.transactions,
                "head": head,
                "rebuilt": mended,
                "findings": findings,
            }
        )
    else:
        typer.echo(_report(verdict, findings, mended=mended))
    if findings:
        raise typer.Exit(1)


@app.command()
def keys(
    *,
    rotate: Annotated[
        bool, typer.Option("--rotate", help="Make a new key; what the old one signed stays good.")
    ] = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Show the public keys of receipts and statements; --json writes the key set that `weft verify` reads."""
    folder = load_settings({"data_dir": data, "config": config}).settings.data_dir
    now = datetime.now(UTC)
    with opened(data, config) as database:
        signer = Signer(database, folder)
        signer.key(now)
        if rotate:
            confirm("Replace the signing key? Nothing more can be signed with it.", yes=yes)
            signer.rotate(now)
        with database.read() as connection:
            found = list_keys(connection)
    if as_json:
        echo_json(key_set(found))
        return
    columns = (Column("key"), Column("made (UTC)"), Column("retired (UTC)"))
    rows = [
        (
            key.id,
            moment(from_us(key.made_at_us)),
            moment(None if key.retired_at_us is None else from_us(key.retired_at_us), "in use"),
        )
        for key in found
    ]
    typer.echo(table(columns, rows))


def _look(database: Database, against: list[Path]) -> tuple[Verdict, list[Finding]]:
    with database.read() as connection, _progress() as progress:
        let_it_take_long(connection)
        proven = [finding for path in against for finding in check_against(connection, path)]
        return verify(connection, progress), proven[:MAX_FINDINGS]


@contextmanager
def _progress() -> Generator[Progress | None]:
    """A bar for people who watch; none in a script."""
    if not sys.stderr.isatty():
        yield None
        return
    with typer.progressbar(length=1, label="Verifying", file=sys.stderr) as bar:

        def show(done: int, of: int) -> None:
            bar.length = max(done, of, 1)
            bar.update(done - bar.pos)

        yield show


def _rebuild(database: Database) -> None:
    with database.write() as connection:
        let_it_take_long(connection)
        head = Head(connection, to_us(datetime.now(UTC)))
        rebuild_caches(connection)
        head.save()  # every server's view of the balances is out of date now


def _report(verdict: Verdict, findings: list[Finding], *, mended: bool) -> str:
    lines = ["Balances, spend and roll-ups were rebuilt."] if mended else []
    if not findings:
        lines.append(
            f"Sound: {verdict.transactions:,} transactions, each as it was written."
            f" The last one has the hash {verdict.head.hash}."
        )
        return "\n".join(lines)
    lines.append(f"NOT sound: {verdict.transactions:,} transactions were looked at.")
    lines += [f"  {finding}" for finding in findings]
    if verdict.chain_is_sound and not mended:
        lines.append("The chain itself is sound: `weft ledger verify --rebuild` mends the rest.")
    elif len(verdict.findings) >= MAX_FINDINGS:
        lines.append(f"There may be more; the first {MAX_FINDINGS} are shown.")
    return "\n".join(lines)
