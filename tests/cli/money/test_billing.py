"""`weft purchase`, `weft invoice` and `weft alert` on a real database, a real mail server and a real web server."""

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from billing.ledgers import USD, Books
from billing.receivers import hook_server, mail_server
from cli.said import Weft
from identity.house import HandClock
from weft.app.storage import open_database, server_secret
from weft.billing.alerts.look import percents
from weft.billing.alerts.rules import WebhookSeal, default_rule, find_rule
from weft.billing.alerts.store import write_alerts
from weft.billing.alerts.types import AlertKind
from weft.identity.bootstrap import FirstStart
from weft.identity.teams import get_team
from weft.kit.settings import Settings

SELLER = {"WEFT_INVOICE_SELLER": "Weft Hosting"}


@pytest.fixture
def used(tmp_path: Path, started: FirstStart) -> str:
    """The first team, which used 3 dollars in October; returns its id."""
    database = open_database(tmp_path)
    with database.read() as connection:
        team_id = get_team(connection, started.team).id
    books = Books(database, HandClock(datetime(2026, 10, 5, tzinfo=UTC)))
    books.charge(team_id, 3 * USD)
    with database.write() as connection:
        crossings = list(
            percents(AlertKind.CREDITS, "2026-10", default_rule(()), 8 * USD, 10 * USD, 1)
        )
        write_alerts(connection, team_id, crossings, targets=(), now_us=books.now_us())
    database.close()
    return team_id


def test_purchase_when_recorded_then_there_is_credit_once(weft: Weft, started: FirstStart) -> None:
    words = ("purchase", "record", started.team, "500", "--reference", "INV-7", "--note", "PO 12")
    said = weft(*words)
    assert (said.code, said.err) == (0, "")
    assert "bought 500 USD" in said.out
    assert "Known already" in weft(*words).out
    (line,) = weft("purchase", "ls", "--json").json
    assert (line["amount_nusd"], line["status"], line["method"]) == (
        str(500 * USD),
        "paid",
        "manual",
    )
    assert (line["reference"], line["note"]) == ("INV-7", "PO 12")
    assert line["made_by"].endswith("(command line)")
    assert "500" in weft("credit", "ls", started.team).out


def test_purchase_when_the_reference_is_another_ones_then_refused(
    weft: Weft, started: FirstStart
) -> None:
    weft("purchase", "record", started.team, "500", "--reference", "INV-7")
    said = weft("purchase", "record", started.team, "600", "--reference", "INV-7")
    assert said.code == 1
    assert "another purchase" in said.err


def test_purchase_when_refunded_then_the_credit_goes(weft: Weft, started: FirstStart) -> None:
    weft("purchase", "record", started.team, "500")
    (line,) = weft("purchase", "ls", "--json").json
    assert weft("purchase", "refund", line["id"], "1.50").code == 0
    assert weft("purchase", "refund", line["id"], "500.01").code == 1
    assert "1.5 paid back" in weft("purchase", "ls").out
    assert "498.5" in weft("credit", "ls", started.team).out
    assert weft("purchase", "refund", line["id"], "500").code == 0
    assert "refunded" in weft("purchase", "ls", started.team).out
    assert weft("ledger", "verify").code == 0
    assert weft("purchase", "refund", "buy_none", "5").code == 1


def test_purchase_when_there_is_none_then_says_so(weft: Weft, started: FirstStart) -> None:
    assert started.team
    assert weft("purchase", "ls").out == "Nothing was bought yet.\n"
    assert weft("invoice", "ls").out.startswith("No invoice was issued yet")
    assert weft("alert", "ls").out == "No threshold was reached yet.\n"


def test_invoice_when_shown_then_issued_once_and_written_in_every_form(
    weft: Weft, started: FirstStart, used: str, tmp_path: Path
) -> None:
    assert used
    assert weft("invoice", "buyer", started.team, r"Red Ltd\n1 Hill Street").code == 0
    paper = tmp_path / "invoice.pdf"
    words = ("invoice", "show", started.team, "2026-10")
    said = weft(*words, "--format", "pdf", "--out", str(paper), env=SELLER)
    assert said.code == 0, said.err
    assert "3.00 USD to be paid" in said.out
    assert paper.read_bytes().startswith(b"%PDF")
    html = weft(*words).out
    assert "1 Hill Street" in html
    assert "Weft Hosting" in html
    rows = list(csv.DictReader(io.StringIO(weft(*words, "--format", "csv").out)))
    assert [row["amount_usd"] for row in rows if row["section"] == "to_be_paid"] == ["3"]
    (line,) = weft("invoice", "ls", "--json").json
    assert line["due_nusd"] == str(3 * USD)
    assert line["number"] in weft("invoice", "ls", started.team).out


def test_invoice_when_issued_for_all_then_quiet_teams_get_none(
    weft: Weft, started: FirstStart, used: str
) -> None:
    assert used
    said = weft("invoice", "issue", "2026-10", env=SELLER)
    assert said.code == 0, said.err
    assert said.out.startswith(f"{started.team}: invoice ")
    assert weft("invoice", "issue", "2026-10").out == said.out
    (told,) = weft("audit", "ls", "--action", "invoice.issue", "--json").json
    assert (told["team"], told["detail"]["month"]) == (started.team, "2026-10")
    assert weft("invoice", "issue", "2026-09").out.startswith("No team used")
    assert weft("invoice", "issue", "October").code == 1


def test_invoice_when_it_cannot_be_written_then_one_line(
    weft: Weft, started: FirstStart, used: str, tmp_path: Path
) -> None:
    assert used
    out = tmp_path / "missing" / "invoice.html"
    said = weft("invoice", "show", started.team, "2026-10", "--out", str(out), env=SELLER)
    assert said.code == 1
    assert "cannot be written" in said.err


def test_alert_when_listed_then_says_what_was_reached(
    weft: Weft, started: FirstStart, used: str
) -> None:
    lines = weft("alert", "ls", "--json").json
    assert {line["threshold"] for line in lines} == {"50%", "80%"}
    assert {line["team"] for line in lines} == {started.team}
    assert used
    assert "80%" in weft("alert", "ls", started.team).out


def test_alert_when_tried_then_every_channel_is(weft: Weft, started: FirstStart) -> None:
    assert started
    with mail_server() as mails, hook_server() as hooks:
        env = {
            "WEFT_SMTP_HOST": "127.0.0.1",
            "WEFT_SMTP_PORT": str(mails.port),
            "WEFT_SMTP_SECURITY": "none",
            "WEFT_SMTP_FROM": "weft@example.com",
            "WEFT_ALERT_WEBHOOK_URL": hooks.url,
            "WEFT_ALERT_WEBHOOK_PRIVATE": "true",
        }
        said = weft("alert", "test", "--to", "ada@example.com", env=env)
        assert said.code == 0, said.err
        assert mails.receivers == ["ada@example.com"]
        assert len(hooks.posts) == 1
        hooks.statuses = [500]
        said = weft("alert", "test", "--to", "ada@example.com")
    assert said.code == 1
    assert "the receiver answered 500" in said.out


def test_alert_when_nothing_is_set_up_then_says_what_to_set(
    weft: Weft, started: FirstStart
) -> None:
    assert started
    said = weft("alert", "test")
    assert said.code == 1
    assert "alert_webhook_url" in said.err


def test_alert_rule_when_set_then_what_is_not_named_stays_and_the_secret_is_told_once(
    weft: Weft, started: FirstStart, tmp_path: Path
) -> None:
    words = ("alert", "rule", "set", started.team)
    shown = weft("alert", "rule", "show", started.team, "--json").json
    assert (shown["is_default"], shown["percents"]) == (True, [50, 80, 100])
    hook = "https://hooks.example.com/weft"
    said = weft(*words, "--percent", "90", "--percent", "50", "--no-admins", "--webhook", hook)
    assert said.code == 0, said.err
    assert "50%, 90%" in said.out
    secret = said.out.split()[-1]
    assert secret.startswith("whsec_")
    database = open_database(tmp_path)
    seal = WebhookSeal(server_secret(Settings(data_dir=tmp_path)))
    with database.read() as connection:
        team_id = get_team(connection, started.team).id
        rule = find_rule(connection, team_id)
    database.close()
    assert rule is not None
    assert seal.open(team_id, rule) == secret
    changed = weft(*words, "--overage-usd", "100", "--email", "a@b.c", "--json").json
    assert (changed["percents"], changed["overage_steps_usd"]) == ([50, 90], [100])
    assert (changed["tells_admins"], changed["emails"]) == (False, ["a@b.c"])
    assert (changed["webhook_url"], changed["new_secret"]) == (hook, None)
    emptied = weft(*words, "--percent", "none", "--webhook", "none", "--admins", "--json").json
    assert (emptied["percents"], emptied["webhook_url"], emptied["emails"]) == ([], "", ["a@b.c"])
    assert weft("alert", "rule", "show", started.team, "--json").json == emptied


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ((), "say what to change"),
        (("--percent", "101"), "--percent"),
        (("--percent", "many"), "--percent"),
        (("--email", "nobody"), "--email"),
        (("--webhook", "http://hooks.example.com"), "HTTPS"),
    ],
)
def test_alert_rule_when_it_will_not_do_then_refused_as_in_the_console(
    weft: Weft, started: FirstStart, flags: tuple[str, ...], words: str
) -> None:
    said = weft("alert", "rule", "set", started.team, *flags)
    assert said.code == 1
    assert words in said.err
    assert weft("alert", "rule", "show", started.team, "--json").json["is_default"] is True
