"""Alerts from charge to receiver: a real ledger, a real mail server, a real web server, real processes."""

import base64
import hashlib
import hmac
import json
import subprocess
import sys
from pathlib import Path

from billing.alerts.conftest import SEAL, MakeAlerts
from billing.ledgers import USD, Books
from billing.receivers import (
    HookServer,
    MailServer,
    Post,
)
from weft.billing.alerts.hook import TeamHook, sign
from weft.billing.alerts.outbox import FIRST_RETRY_S
from weft.billing.alerts.rules import AlertRule, WebhookSeal, set_rule
from weft.billing.alerts.store import count_messages, list_alerts, list_deliveries
from weft.billing.alerts.types import AlertKind, Channel, Said
from weft.billing.alerts.watch import Alerts
from weft.billing.spend import tally
from weft.identity.types import Team
from weft.kit.db import Database
from weft.upstream.guard import Guard

SECRET = "s" * 32


async def test_alert_when_credit_runs_low_then_admins_are_told_once(
    make_alerts: MakeAlerts, mails: MailServer, team: Team, books: Books
) -> None:
    alerts = make_alerts(
        smtp_host="127.0.0.1", smtp_port=mails.port, alert_emails="finance@example.com"
    )
    books.give(team.id, 100 * USD)
    books.charge(team.id, 81 * USD)
    for _ in range(3):
        await alerts.pass_once()
    wanted = ["ada@example.com", "bea@example.com", "finance@example.com"]
    assert sorted(mails.receivers) == wanted
    mail = mails.mails[0]
    assert mail["subject"] == "red has used 80% of its credit"
    assert mail["from"] == "weft@example.com"
    text = mail.get_content()
    for words in (
        "Used this month:   $81.00",
        "Credit this month: $100.00",
        "The month ends:    2026-12-01 00:00 UTC",
        "put on the monthly invoice",
        "What to do:",
        "https://weft.example.com/billing/red",
    ):
        assert words in text
    assert len({one["message-id"] for one in mails.mails}) == 3
    books.charge(team.id, 19 * USD)
    await alerts.pass_once()
    assert len(mails.mails) == 6
    assert mails.mails[-1]["subject"] == "red has used 100% of its credit"
    with books.database.read() as connection:
        kinds = [(one.crossing.kind, one.crossing.threshold) for one in list_alerts(connection)]
    assert sorted(kinds) == [(AlertKind.CREDITS, percent) for percent in (50, 80, 100)]


async def test_alert_when_overage_passes_steps_then_only_the_highest_is_told(
    make_alerts: MakeAlerts, hooks: HookServer, team: Team, books: Books
) -> None:
    alerts = make_alerts(
        alert_webhook_url=f"{hooks.url}/alerts",
        alert_webhook_secret=SECRET,
        alert_webhook_private=True,
    )
    books.charge(team.id, 460 * USD)
    await alerts.pass_once()
    (post,) = hooks.posts
    assert post.path == "/alerts"
    body = json.loads(post.body)
    assert body == {
        "type": "billing.alert",
        "id": body["id"],
        "team": {"id": team.id, "name": "red"},
        "plan": "Pro",
        "kind": "overage",
        "threshold_percent": None,
        "threshold_nusd": str(450 * USD),
        "window": "2026-11",
        "current_nusd": str(460 * USD),
        "max_nusd": str(450 * USD),
        "resets_at": "2026-12-01T00:00:00Z",
        "made_at": "2026-11-01T12:00:00Z",
        "summary": "red has gone $450.00 beyond its credit this month",
        "remedy": body["remedy"],
        "url": "https://weft.example.com/billing/red",
    }


async def test_webhook_when_posted_then_signed_as_the_receiver_can_check(
    make_alerts: MakeAlerts, hooks: HookServer, team: Team, books: Books
) -> None:
    key = b"k" * 32
    alerts = make_alerts(
        alert_webhook_url=hooks.url,
        alert_webhook_secret="whsec_" + base64.b64encode(key).decode(),
        alert_webhook_private=True,
    )
    hooks.statuses = [500, 302]
    books.charge(team.id, 200 * USD)
    await alerts.pass_once()
    assert len(hooks.posts) == 1
    await alerts.pass_once()
    assert len(hooks.posts) == 1, "not before its time"
    books.clock.advance(FIRST_RETRY_S)
    await alerts.pass_once()
    books.clock.advance(2 * FIRST_RETRY_S)
    await alerts.pass_once()
    await alerts.pass_once()
    assert [post.path for post in hooks.posts] == ["/"] * 3, "redirects are not followed"
    assert len({post.headers["webhook-id"] for post in hooks.posts}) == 1
    for post in hooks.posts:
        stamp = post.headers["webhook-timestamp"]
        signed = f"{post.headers['webhook-id']}.{stamp}.".encode() + post.body
        wanted = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
        assert post.headers["webhook-signature"] == f"v1,{wanted}"


async def test_webhook_when_it_leads_to_a_private_address_then_not_posted(
    make_alerts: MakeAlerts, hooks: HookServer, team: Team, books: Books
) -> None:
    alerts = make_alerts(alert_webhook_url=hooks.url.replace("127.0.0.1", "localhost"))
    books.charge(team.id, 200 * USD)
    await alerts.pass_once()
    assert hooks.posts == []
    with books.database.read() as connection:
        (alert,) = list_alerts(connection)
        assert count_messages(connection, [alert.id]) == {alert.id: (0, 1, 0)}


def set_hook(books: Books, team: Team, url: str, **secret: str) -> None:
    """The team's rule: mail to one address at 90 percent and 5 dollars, and posts to `url`."""
    rule = AlertRule((90,), (5,), False, ("finance@example.com",), url, **secret)
    with books.database.write() as connection:
        set_rule(connection, team.id, rule, set_by="ada", now=books.clock.now())


async def reach_anywhere(alerts: Alerts, books: Books) -> None:
    """Have the teams' webhooks lead to this machine, too."""
    await alerts.senders[Channel.TEAM_WEBHOOK].close()
    alerts.senders[Channel.TEAM_WEBHOOK] = TeamHook(books.database, SEAL, Guard(is_open=True))


def is_signed(post: Post) -> bool:
    stamp, id_ = int(post.headers["webhook-timestamp"]), post.headers["webhook-id"]
    return post.headers["webhook-signature"] == sign(SECRET.encode(), id_, stamp, post.body)


async def test_team_rule_when_set_then_its_thresholds_and_receivers_are_told(
    make_alerts: MakeAlerts, mails: MailServer, hooks: HookServer, team: Team, books: Books
) -> None:
    alerts = make_alerts(smtp_host="127.0.0.1", smtp_port=mails.port)
    url = f"{hooks.url}/red"
    set_hook(books, team, url, webhook_sealed=SEAL.close(team.id, url, SECRET))
    books.give(team.id, 100 * USD)
    books.charge(team.id, 85 * USD)
    await alerts.pass_once()
    assert mails.receivers == []
    books.charge(team.id, 6 * USD)
    await alerts.pass_once()
    assert mails.receivers == ["finance@example.com"]
    assert mails.mails[0]["subject"] == "red has used 90% of its credit"
    assert hooks.posts == [], "it is at no public address"

    await reach_anywhere(alerts, books)
    books.clock.advance(FIRST_RETRY_S)
    await alerts.pass_once()
    (post,) = hooks.posts
    assert post.path == "/red"
    assert is_signed(post)

    books.charge(team.id, 15 * USD)
    while tally(books.database):
        pass
    assert alerts.look() == 1
    elsewhere = f"{hooks.url}/blue"
    set_hook(books, team, elsewhere, webhook_sealed=SEAL.close(team.id, elsewhere, SECRET))
    await alerts.pass_once()
    assert len(hooks.posts) == 1, "what was meant for one receiver goes to no other"


async def test_team_webhook_when_its_secret_was_kept_in_the_clear_then_it_signs_still(
    make_alerts: MakeAlerts, hooks: HookServer, team: Team, books: Books
) -> None:
    alerts = make_alerts()
    await reach_anywhere(alerts, books)
    set_hook(books, team, hooks.url, webhook_secret=SECRET)
    books.charge(team.id, 6 * USD)
    await alerts.pass_once()
    assert [is_signed(post) for post in hooks.posts] == [True]


async def test_team_webhook_when_its_secret_cannot_be_read_then_told_and_others_get_theirs(
    make_alerts: MakeAlerts, mails: MailServer, hooks: HookServer, team: Team, books: Books
) -> None:
    alerts = make_alerts(smtp_host="127.0.0.1", smtp_port=mails.port)
    await reach_anywhere(alerts, books)
    before = WebhookSeal(b"another secret of the server" * 2)
    set_hook(books, team, hooks.url, webhook_sealed=before.close(team.id, hooks.url, SECRET))
    books.charge(team.id, 6 * USD)
    await alerts.pass_once()
    assert hooks.posts == []
    assert mails.receivers == ["finance@example.com"]
    with books.database.read() as connection:
        errors = {one.message.channel: one.error for one in list_deliveries(connection, 10)}
    assert "set the webhook again" in errors[Channel.TEAM_WEBHOOK]
    assert errors[Channel.EMAIL] == ""


async def test_alert_when_nothing_is_set_up_then_it_is_kept_for_the_card(
    make_alerts: MakeAlerts, team: Team, books: Books
) -> None:
    alerts = make_alerts()
    books.charge(team.id, 200 * USD)
    await alerts.pass_once()
    assert set(alerts.senders) == {Channel.TEAM_WEBHOOK}
    with books.database.read() as connection:
        assert [one.crossing.kind for one in list_alerts(connection, team.id)] == [
            AlertKind.OVERAGE
        ]


async def test_alert_when_the_team_is_unknown_or_quiet_then_nobody_is_told(
    make_alerts: MakeAlerts, mails: MailServer, team: Team, books: Books
) -> None:
    alerts = make_alerts(smtp_host="127.0.0.1", smtp_port=mails.port)
    books.charge("team_gone", 500 * USD)
    await alerts.pass_once()
    assert alerts.look() == 0, "what was looked at is not looked at again"
    assert Channel.EMAIL in alerts.senders
    assert mails.mails == []


PROGRAM = """
import asyncio, sys
from datetime import datetime
sys.path.insert(0, sys.argv[4])
from billing.alerts.conftest import SEAL
from identity.house import HandClock
from weft.billing.alerts.watch import Alerts
from weft.billing.spend import tally
from weft.billing.terms import TermsBook
from weft.kit.db import Database
from weft.kit.settings import Settings
from weft.limits.plans.load import load_plans
from weft.upstream.guard import Guard

async def main():
    database = Database(sys.argv[1])
    settings = Settings(smtp_host="127.0.0.1", smtp_port=int(sys.argv[2]), smtp_from="weft@example.com",
                        smtp_security="none")
    clock = HandClock(datetime.fromisoformat(sys.argv[3]))
    alerts = Alerts(database, settings, TermsBook(load_plans(), "pro"), clock, SEAL)
    print("ready", flush=True)
    sys.stdin.readline()
    await alerts.pass_once()
    database.close()

asyncio.run(main())
"""


def test_alert_when_processes_look_at_once_then_each_admin_gets_one_mail(
    mails: MailServer, team: Team, books: Books
) -> None:
    books.give(team.id, 100 * USD)
    books.charge(team.id, 81 * USD)
    tests = str(Path(__file__).parents[2])
    words = [str(books.database.place), str(mails.port), books.clock.now().isoformat(), tests]
    running = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for one in running:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in running:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    for one in running:
        one.communicate(timeout=60)
        assert one.returncode == 0
    assert sorted(mails.receivers) == ["ada@example.com", "bea@example.com"]


async def test_alert_when_another_room_gives_rise_to_it_then_it_is_told_once_with_its_link(
    make_alerts: MakeAlerts, hooks: HookServer, mails: MailServer, team: Team, database: Database
) -> None:
    alerts = make_alerts(
        alert_webhook_url=f"{hooks.url}/alerts",
        alert_webhook_private=True,
        smtp_host="127.0.0.1",
        smtp_port=mails.port,
    )
    said = Said("Monitor watch: too much", (("Monitor", "watch"),), "/red/one/weave/monitors/watch")
    for _ in range(2):
        await alerts.tell(team.id, "red/one/watch/r1/0", said)
        await alerts.pass_once()
    (post,) = hooks.posts
    body = json.loads(post.body)
    assert (body["type"], body["summary"]) == ("monitor.alert", said.subject)
    assert body["facts"] == {"Monitor": "watch"}
    assert body["url"] == "https://weft.example.com/red/one/weave/monitors/watch"
    assert sorted(mails.receivers) == ["ada@example.com", "bea@example.com"]
    assert mails.mails[0]["subject"] == said.subject
    assert body["url"] in mails.mails[0].get_content()
    with database.read() as connection:
        assert list_alerts(connection) == [], "the list is of alerts about money"
