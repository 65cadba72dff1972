"""Commands tell the audit log what they change, and `weft audit ls` shows it. A new command without a row fails."""

import contextlib
import os
import pwd
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperGroup

from cli.said import Weft
from weft.app.storage import open_database
from weft.cli import build
from weft.demo import GGUF_PATH
from weft.identity.audit.store import PAGE_LIMIT, list_entries
from weft.identity.audit.types import Entry, Wanted
from weft.identity.bootstrap import FirstStart
from weft.kit.db import Database

_SECRET = re.compile(
    r"\bweft_\w{35}\b|\bwhsec_\S+|(?:[a-z2-9]{5}-){3}[a-z2-9]{5}|(?<=/login/|/reset/)\S+|(?<=/invite/)\S+"
)
_BY = f"{pwd.getpwuid(os.getuid()).pw_name} (command line)"

CHANGES: dict[str, tuple[str, str]] = {
    "team create acme": ("team.create", "acme"),
    "team create blue --admin admin": ("team.create", "blue"),
    "user create bob --email bob@example.com": ("user.create", "bob"),
    "team add acme bob --role viewer": ("member.set", "bob"),
    "team invite acme --email eve@example.com": ("invitation.create", "eve@example.com"),
    "project create acme/web": ("project.create", "acme/web"),
    "project trace acme/web full": ("project.trace", "acme/web"),
    "traces retention acme/web 30": ("project.retention", "acme/web"),
    "traces search on acme/web": ("project.search", "acme/web"),
    "traces search off acme/web": ("project.search", "acme/web"),
    "key create --user bob --name ci --team acme": ("key.create", "ci"),
    "key revoke ci": ("key.revoke", "ci"),
    "limit set team acme --spend 5/day": ("limit.set", "acme"),
    "limit rm {limit}": ("limit.end", "acme"),
    "plan set acme pro --reason r": ("team.plan", "acme"),
    "plan edit free --weight 7 --reason r": ("plan.change", "free"),
    "credit grant acme 5": ("credit.grant", "acme"),
    "credit adjust acme 2 --more --note n": ("credit.adjust", "acme"),
    "credit pay acme 1": ("credit.pay", "acme"),
    "purchase record acme 50 --reference r1": ("purchase.record", "acme"),
    "purchase refund {purchase} 10": ("purchase.refund", "acme"),
    "invoice buyer acme Acme": ("invoice.buyer", "acme"),
    "alert rule set acme --webhook https://hooks.example.com/t": ("alert.set", "acme"),
    "user login-link bob": ("user.login_link", "bob"),
    "user reset-link bob": ("user.reset_link", "bob"),
    "user passwd bob --generate": ("user.password", "bob"),
    "user disable bob": ("user.disable", "bob"),
    "user enable bob": ("user.enable", "bob"),
    "team remove acme bob": ("member.remove", "bob"),
    "project rm acme/web --yes": ("project.remove", "acme/web"),
    "team rm acme --yes": ("team.remove", "acme"),
    f"models add {GGUF_PATH} --id acme/tiny": ("model.add", "acme/tiny"),
    "backup {folder}/a.backup": ("", ""),
    "restore {folder}/a.backup --force": ("data.restore", "a.backup"),
}
"""What is run, one after the other, and the action and subject of the entry that it leaves."""

ELSEWHERE = {
    "credit refund": "cli/money/test_credit.py",
    "invoice issue": "cli/money/test_billing.py",
    "invoice show": "cli/money/test_billing.py: it may issue",
    "models pull": "cli/engines/test_pull.py",
    "models rm": "cli/engines/test_pull.py",
    "models load": "app/matrix: the running server does it",
    "models unload": "app/matrix: the running server does it",
    "models pin": "app/matrix: the running server does it",
    "models unpin": "app/matrix: the running server does it",
    "models probe": "app/matrix: the running server does it",
    "eval run": "app/matrix: the running server does it",
    "eval resume": "app/matrix: the running server does it",
    "eval stop": "app/matrix: the running server does it",
}
"""Commands that change something, and where else it is shown that the audit log is told."""

CHANGES_NOTHING = frozenset(
    {
        *("alert ls", "audit ls", "config", "country check", "credit ls", "doctor", "invoice ls"),
        "eval compare",
        *("leaderboard ls", "leaderboard show", "eval ls"),
        *("key ls", "ledger keys", "ledger verify", "limit ls", "limit show", "models bench"),
        *("models ls", "models ps", "models show", "plan ls", "plan show", "price check"),
        *("price ls", "project ls", "purchase ls", "receipt", "statement", "team ls"),
        *("traces search status", "traces status", "usage", "user ls", "verify", "version", "why"),
        "alert rule show",
        "alert test",  # sends a message, and keeps nothing
        "serve",  # what a start records of prices, it tells by itself
        "gateway",
        "migrate",  # the tables of a newer Weft: nothing that anybody decided
        "backup",  # a file beside the database
        "copy",  # another database, which nobody serves from yet
    }
)


def commands() -> Iterator[str]:
    """Every command that `weft --help` leads to."""

    waiting: list[tuple[object, str]] = [(typer.main.get_command(build()), "")]
    while waiting:
        command, words = waiting.pop()
        if isinstance(command, TyperGroup):
            waiting += [
                (one, f"{words} {name}".strip())
                for name, one in command.commands.items()
                if not one.hidden
            ]
        else:
            yield words


def test_commands_when_listed_then_each_is_known_to_change_something_or_nothing() -> None:
    found = set(commands())
    run = {name for name in found if any(line.startswith(f"{name} ") for line in CHANGES)}
    assert run | set(ELSEWHERE) | CHANGES_NOTHING == found
    assert not run & set(ELSEWHERE)
    assert not set(ELSEWHERE) & CHANGES_NOTHING


@pytest.mark.usefixtures("started")
def test_commands_when_they_change_something_then_the_audit_log_tells(
    weft: Weft, tmp_path: Path
) -> None:
    names = {"folder": str(tmp_path)}
    secrets: list[str] = []
    told: list[Entry] = []
    with contextlib.closing(open_database(tmp_path)) as database:
        before = len(_entries(database))
        for words, (action, subject) in CHANGES.items():
            more = ["--json"] if words.startswith("limit set") else []
            said = weft(*words.format(**names).split(), *more)
            assert said.code == 0, f"{words}: {said.err}"
            if words.startswith("limit set"):
                names["limit"] = said.json[0]["id"]
            if words.startswith("purchase record"):
                names["purchase"] = said.out.split()[-1]
            secrets += _SECRET.findall(said.out)
            told = _entries(database)
            new = told[: len(told) - before]
            before = len(told)
            found = [(one.subject.partition(" ")[0], one.by) for one in new if one.action == action]
            assert found == ([(subject, _BY)] if action else []), words
    assert len(secrets) == 7  # two passwords, a key, three links, and a webhook's
    assert not any(secret in repr(told) for secret in secrets)


def _entries(database: Database) -> list[Entry]:
    with database.read() as connection:
        return list_entries(connection, Wanted(), limit=PAGE_LIMIT).entries


def test_ls_when_filtered_then_only_that_is_listed(weft: Weft, started: FirstStart) -> None:
    weft("team", "create", "acme")
    weft("team", "add", "acme", started.username, "--role", "viewer")
    weft("credit", "grant", "acme", "2.50")
    everything = weft("audit", "ls").out
    assert "credit.grant" in everything
    assert "amount $2.5" in everything
    assert weft("audit", "ls", "--action", "member", "--json").json[0]["action"] == "member.set"
    (only,) = weft("audit", "ls", "--team", "acme", "--limit", "1", "--json").json
    assert only["action"] == "credit.grant"
    assert len(weft("audit", "ls", "--by", "COMMAND", "--since", "1h", "--json").json) == 3
    assert weft("audit", "ls", "--until", "1h").out.startswith("Nothing was changed")
    assert weft("audit", "ls", "--since", "soon").code == 1
