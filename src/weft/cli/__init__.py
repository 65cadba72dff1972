"""The command line: one command a file. Owns words, flags and exit codes; decides nothing that a server decides.

Only the module of the command that was asked for is imported, so that `weft --help` answers at once. An operating error
ends a command with one line that says what to mend, and exit code 1; a wrong use of a command ends with exit code 2.
"""

import importlib
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import typer

from weft import __version__
from weft.cli.stdout import give_up, is_closed
from weft.kit.errors import CannotStart, WeftError

_SERVER = "The server"
_PEOPLE = "People and keys"
_MONEY = "Money"


@dataclass(frozen=True, slots=True)
class Command:
    """One command: a module with a function of the command's name, or with a Typer `app` of sub-commands."""

    name: str
    module: str
    help: str
    panel: str


COMMANDS = (
    Command("serve", "weft.cli.serve", "Start the server.", _SERVER),
    Command("gateway", "weft.cli.serve", "Start one more gateway on the same database.", _SERVER),
    Command("doctor", "weft.cli.doctor", "Check this machine and say how to mend it.", _SERVER),
    Command("config", "weft.cli.config", "Show every setting and where it came from.", _SERVER),
    Command("country", "weft.cli.limits.country", "Try the rules about countries.", _SERVER),
    Command("migrate", "weft.cli.data.migrate", "Bring the database up to date.", _SERVER),
    Command("backup", "weft.cli.data.backup", "Write the database into one file.", _SERVER),
    Command("restore", "weft.cli.data.restore", "Put a backup back.", _SERVER),
    Command("copy", "weft.cli.data.copy", "Copy all to another database.", _SERVER),
    Command("models", "weft.cli.engines.group", "Pull, add, load and watch models.", _SERVER),
    Command(
        "traces", "weft.cli.data.trace_store", "See how much is kept of traces; keep less.", _SERVER
    ),
    Command("eval", "weft.cli.evals.group", "Run and compare evaluations.", _SERVER),
    Command(
        "leaderboard", "weft.cli.evals.leaderboard", "Show what models came to, ranked.", _SERVER
    ),
    Command("usage", "weft.cli.usage", "Show what was used and what it cost.", _SERVER),
    Command("version", "weft.cli.version", "Show the version.", _SERVER),
    Command("key", "weft.cli.keys", "Make, list and revoke API keys.", _PEOPLE),
    Command("user", "weft.cli.users", "Manage users.", _PEOPLE),
    Command("team", "weft.cli.teams", "Manage teams and their members.", _PEOPLE),
    Command("project", "weft.cli.projects", "Manage projects.", _PEOPLE),
    Command("audit", "weft.cli.data.audit", "Show who changed what.", _PEOPLE),
    Command("why", "weft.cli.limits.why", "Say why a request was refused.", _MONEY),
    Command("limit", "weft.cli.limits.limit", "Set and show limits.", _MONEY),
    Command("plan", "weft.cli.limits.plan", "Show, give and change plans.", _MONEY),
    Command("credit", "weft.cli.money.credit", "Give credit, take payments, refund.", _MONEY),
    Command(
        "price", "weft.cli.money.price", "Show the price book, and check a price file.", _MONEY
    ),
    Command("statement", "weft.cli.money.statement", "Show a team's month, signed.", _MONEY),
    Command("purchase", "weft.cli.money.purchase", "Record and list bought credit.", _MONEY),
    Command("invoice", "weft.cli.money.invoice", "Issue, write and list invoices.", _MONEY),
    Command("alert", "weft.cli.money.alert", "List alerts, and try the channels.", _MONEY),
    Command("receipt", "weft.cli.money.receipt", "Write one request's signed receipt.", _MONEY),
    Command("verify", "weft.cli.money.verify", "Check a receipt or a statement.", _MONEY),
    Command("ledger", "weft.cli.money.ledger", "Check the ledger, row by row.", _MONEY),
)


def build(words: Sequence[str] | None = None) -> typer.Typer:
    """The command line; of all commands, or with `words` only of the one that these ask for, the others being names."""
    app = typer.Typer(
        name="weft",
        help="Serverless inference that you host yourself.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich" if sys.stdout.isatty() else None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_top)
    asked = None if words is None else next((w for w in words if not w.startswith("-")), "")
    for command in COMMANDS:
        if asked is None or asked == command.name:
            _add(app, command)
        else:
            app.command(command.name, help=command.help, rich_help_panel=command.panel)(_name_only)
    return app


def main() -> None:
    """The entry point `weft`."""
    if is_closed():
        _complain(CannotStart("standard output is closed", remedy="lead it somewhere: > FILE"))
        sys.exit(1)
    try:
        build(sys.argv[1:])(prog_name="weft")
    except WeftError as error:
        _complain(error)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    except BrokenPipeError:
        give_up()  # whoever read the output has seen enough
        sys.exit(1)


def _add(app: typer.Typer, command: Command) -> None:
    module = importlib.import_module(command.module)
    if hasattr(module, "app"):
        app.add_typer(
            module.app, name=command.name, help=command.help, rich_help_panel=command.panel
        )
    else:
        function = getattr(module, command.name)
        app.command(command.name, rich_help_panel=command.panel)(function)


def _name_only() -> None:
    """Stands for a command in the list of commands."""


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"weft {__version__}")
        raise typer.Exit


def _top(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_show_version, help="Show the version."),
    ] = False,
) -> None:
    del version  # its callback has answered


def _complain(error: WeftError) -> None:
    first, *others = error.message.splitlines() or [""]
    lines = [f"weft: {first}", *(f"      {line}" for line in others)]
    remedy = error.metadata.get("remedy")
    if remedy is not None and remedy != error.remedy:  # a family's is for those who see no message
        lines.append(f"      {remedy}")
    print("\n".join(lines), file=sys.stderr)  # noqa: T201 - a command's last words
