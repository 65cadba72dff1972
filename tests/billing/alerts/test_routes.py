"""`/api/notifications`: what is set up and never its secrets, trying each channel, and what was sent lately."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from billing.alerts.conftest import SEAL
from billing.conftest import Headers, MakeClient
from billing.ledgers import USD, Books
from billing.receivers import HookServer, MailServer
from identity.house import HandClock, House
from weft.billing.alerts import team_routes
from weft.billing.alerts.hook import TeamHook, sign
from weft.billing.alerts.routes import router
from weft.billing.alerts.rules import AlertRule, WebhookSeal, find_rule, set_rule
from weft.billing.alerts.team_routes import TESTS_A_MINUTE, TeamDesk
from weft.billing.alerts.trying import advice_on, team_advice_on
from weft.billing.alerts.types import Channel
from weft.billing.alerts.watch import Alerts
from weft.billing.schema import ALERT_RULE
from weft.billing.terms import TermsBook
from weft.identity.audit.store import list_entries
from weft.identity.audit.types import Wanted
from weft.identity.people import NewUser, create_user
from weft.identity.principal import Gate
from weft.identity.routes import signed_in
from weft.identity.teams import set_member
from weft.identity.types import Role, User
from weft.kit.db import Database
from weft.kit.settings import Settings
from weft.limits.plans.load import load_plans
from weft.upstream.guard import Guard

SECRET = "s" * 32


@pytest.fixture
def root(database: Database, clock: HandClock) -> User:
    with database.write() as connection:
        return create_user(connection, NewUser("root", is_admin=True), clock.now())


def settings_for(mails: MailServer, hooks: HookServer) -> Settings:
    return Settings.model_validate(
        {
            "smtp_host": "127.0.0.1",
            "smtp_port": mails.port,
            "smtp_from": "weft@example.com",
            "smtp_security": "none",
            "smtp_password": "hunter2hunter2",
            "alert_emails": "finance@example.com",
            "alert_webhook_url": f"{hooks.url}/services/T0/secret-path",
            "alert_webhook_secret": SECRET,
            "alert_webhook_private": True,
        }
    )


async def test_notifications_when_tried_and_sent_then_outcome_and_deliveries_are_told(  # noqa: PLR0917 - fixtures
    database: Database,
    clock: HandClock,
    house: House,
    gate: Gate,
    books: Books,
    root: User,
    mails: MailServer,
    hooks: HookServer,
    key_of: Callable[[User], Headers],
    make_client: MakeClient,
) -> None:
    settings = settings_for(mails, hooks)
    alerts = Alerts(database, settings, TermsBook(load_plans(), "pro"), clock, SEAL)
    client = make_client(router(database, signed_in(gate), alerts.senders, settings, clock))
    own = key_of(root)

    async def told() -> dict[str, Any]:
        answer = await client.get("/api/notifications", headers=own)
        assert not any(secret in answer.text for secret in (SECRET, "hunter2", "secret-path"))
        return answer.json()

    async def tried(**wanted: str) -> httpx.Response:
        return await client.post("/api/notifications/test", json=wanted, headers=own)

    shown = await told()
    assert (shown["email"]["sender"], shown["deliveries"]) == ("weft@example.com", [])
    assert shown["webhook"]["url"] == f"{hooks.url}/…"
    (mail,) = (await tried(channel="email", to="ada@example.com")).json()["outcomes"]
    assert (mail["target"], mail["sent"], mail["error"]) == ("ada@example.com", True, "")
    assert mails.receivers == ["ada@example.com"]
    assert (await tried(channel="email", to="nobody")).status_code in {400, 422}
    hooks.statuses.append(503)
    (post,) = (await tried(channel="webhook")).json()["outcomes"]
    assert (post["sent"], post["error"]) == (False, "the receiver answered 503")
    assert "look into its log" in post["remedy"]
    # What really happens: one channel takes it, the other one fails.
    hooks.statuses.append(401)
    team = house.team("red", "one")
    books.give(team.id, 100 * USD)
    books.charge(team.id, 81 * USD)
    await alerts.pass_once()
    by = {one["channel"]: one for one in (await told())["deliveries"]}
    assert (by["email"]["state"], by["webhook"]["state"]) == ("sent", "waiting")
    assert "alert_webhook_secret" in by["webhook"]["remedy"]
    assert by["webhook"]["summary"] == "red has used 80% of its credit"
    retry = f"/api/notifications/deliveries/{by['webhook']['id']}/retry"
    assert (await client.post(retry, headers=own)).status_code == 200
    await alerts.pass_once()
    assert {one["state"] for one in (await told())["deliveries"]} == {"sent"}
    assert (await client.post(retry, headers=own)).status_code == 404
    eve = key_of(house.user("eve"))
    for asked in (
        client.get("/api/notifications", headers=eve),
        client.post("/api/notifications/test", json={"channel": "email"}, headers=eve),
        client.post(retry, headers=eve),
    ):
        assert (await asked).status_code == 403
    assert (await client.get("/api/notifications")).status_code == 401
    await alerts.close()


async def test_team_rule_when_set_by_an_admin_then_kept_and_the_secret_is_told_once(
    database: Database,
    clock: HandClock,
    house: House,
    gate: Gate,
    key_of: Callable[[User], Headers],
    make_client: MakeClient,
) -> None:
    settings = Settings.model_validate({"overage_steps_usd": "300"})
    client = make_client(
        team_routes.router(TeamDesk(database, {}, settings, clock, SEAL), signed_in(gate))
    )
    team, ada, cyd = house.team("red", "one"), house.user("ada"), house.user("cyd")
    with database.write() as connection:
        set_member(connection, team, ada.id, role=Role.ADMIN, now=clock.now())
        set_member(connection, team, cyd.id, role=Role.MEMBER, now=clock.now())
    path, own = "/api/billing/red/alerts", key_of(ada)
    told = (await client.get(path, headers=own)).json()
    assert (told["is_default"], told["percents"]) == (True, [50, 80, 100])
    assert (told["overage_steps_usd"], told["webhook_url"]) == ([300], "")
    wanted = {
        "percents": [95, 70, 95],
        "overage_steps_usd": [],
        "tells_admins": False,
        "emails": ["finance@example.com"],
        "webhook_url": "https://hooks.example.com/red?token=t",
    }
    first = (await client.put(path, json=wanted, headers=own)).json()
    assert first["new_secret"].startswith("whsec_")
    again = (await client.put(path, json=wanted, headers=own)).json()
    assert again["new_secret"] is None
    moved = {**wanted, "webhook_url": "https://other.example.com"}
    assert (await client.put(path, json=moved, headers=own)).json()["new_secret"]
    told = (await client.get(path, headers=own)).json()
    assert (told["percents"], told["emails"]) == ([70, 95], ["finance@example.com"])
    assert (told["is_default"], told["new_secret"]) == (False, None)
    with database.read() as connection:
        entries = list_entries(connection, Wanted(action="alert.set"), limit=10).entries
    assert {(one.subject, one.by) for one in entries} == {("red", "ada")}
    assert "token" not in str(entries)
    for field, value in (
        ("webhook_url", "http://hooks.example.com"),
        ("webhook_url", "https://user:pass@hooks.example.com"),
        ("percents", [0]),
        ("emails", ["nobody"]),
    ):
        wrong = await client.put(path, json={**wanted, field: value}, headers=own)
        assert wrong.status_code in {400, 422}, field
    member = key_of(cyd)
    assert (await client.put(path, json=wanted, headers=member)).status_code == 403


async def test_team_webhook_when_kept_then_its_secret_is_sealed_and_a_new_one_where_unreadable(
    database: Database,
    clock: HandClock,
    house: House,
    gate: Gate,
    root: User,
    key_of: Callable[[User], Headers],
    make_client: MakeClient,
) -> None:
    def client_of(seal: WebhookSeal) -> httpx.AsyncClient:
        desk = TeamDesk(database, {}, Settings(), clock, seal)
        return make_client(team_routes.router(desk, signed_in(gate)))

    async def put(client: httpx.AsyncClient) -> str | None:
        wanted: dict[str, Any] = {"percents": [], "overage_steps_usd": [], "webhook_url": url}
        answer = await client.put("/api/billing/red/alerts", json=wanted, headers=key_of(root))
        assert answer.status_code == 200, answer.text
        return answer.json()["new_secret"]

    def kept() -> AlertRule:
        with database.read() as connection:
            text = connection.execute(select(ALERT_RULE.c.rule)).scalar_one()
            assert SECRET not in text
            assert "whsec_" not in text
            rule = find_rule(connection, team.id)
        assert rule is not None
        return rule

    team, url = house.team("red", "one"), "https://hooks.example.com/red"
    # As an earlier version kept it: it stays the same secret, and is sealed now.
    with database.write() as connection:
        rule = AlertRule((), (), webhook_url=url, webhook_secret=SECRET)
        set_rule(connection, team.id, rule, set_by="ada", now=clock.now())
    assert await put(client_of(SEAL)) is None
    assert SEAL.open(team.id, kept()) == SECRET
    assert await put(client_of(SEAL)) is None
    # Of a server with another secret: it cannot be read, so setting the same URL again makes a new one.
    other = WebhookSeal(b"o" * 32)
    fresh = await put(client_of(other))
    assert fresh is not None
    assert other.open(team.id, kept()) == fresh


async def test_team_webhook_when_tried_then_what_happened_in_words_for_the_team(
    database: Database,
    clock: HandClock,
    house: House,
    gate: Gate,
    hooks: HookServer,
    key_of: Callable[[User], Headers],
    make_client: MakeClient,
) -> None:
    team, ada, cyd = house.team("red", "one"), house.user("ada"), house.user("cyd")
    with database.write() as connection:
        set_member(connection, team, ada.id, role=Role.ADMIN, now=clock.now())
        set_member(connection, team, cyd.id, role=Role.MEMBER, now=clock.now())

    async def tried(guard: Guard, user: User = ada) -> httpx.Response:
        hook = TeamHook(database, SEAL, guard)
        desk = TeamDesk(database, {Channel.TEAM_WEBHOOK: hook}, Settings(), clock, SEAL)
        client = make_client(team_routes.router(desk, signed_in(gate)))
        answer = await client.post("/api/billing/red/alerts/test", headers=key_of(user))
        await hook.close()
        return answer

    anywhere = Guard(is_open=True)
    none = await tried(anywhere)
    assert (none.status_code, none.json()["error"]["code"]) == (400, "no_alert_webhook")
    url = f"{hooks.url}/red?token=t"
    rule = AlertRule((), (), webhook_url=url, webhook_sealed=SEAL.close(team.id, url, SECRET))
    with database.write() as connection:
        set_rule(connection, team.id, rule, set_by="ada", now=clock.now())
    sent = (await tried(anywhere)).json()
    assert (sent["sent"], sent["error"], sent["remedy"]) == (True, "", "")
    assert sent["target"] == f"{hooks.url}/…"
    (post,) = hooks.posts
    stamp, id_ = int(post.headers["webhook-timestamp"]), post.headers["webhook-id"]
    assert post.headers["webhook-signature"] == sign(SECRET.encode(), id_, stamp, post.body)
    assert b"red (a test)" in post.body
    hooks.statuses.append(404)
    missing = (await tried(anywhere)).json()
    assert (missing["sent"], missing["error"]) == (False, "the receiver answered 404")
    assert missing["remedy"] == "It has no such path: check the URL."
    closed = (await tried(Guard())).json()
    assert closed["error"] == "127.0.0.1 is at no public address"
    assert "alert_webhook" not in closed["remedy"]
    assert (await tried(anywhere, cyd)).status_code == 403
    with database.read() as connection:
        entries = list_entries(connection, Wanted(action="alert.test"), limit=10).entries
    assert [(one.subject, one.by, one.team_id) for one in entries] == [("red", "ada", team.id)] * 3
    assert "token" not in str(entries)
    for _ in range(TESTS_A_MINUTE - len(entries)):
        assert (await tried(anywhere)).status_code == 200
    often = await tried(anywhere)
    error = often.json()["error"]
    assert (often.status_code, error["code"]) == (429, "too_many_alert_tests")
    assert error["metadata"]["retry_after_s"] == 60
    clock.advance(61)
    assert (await tried(anywhere)).status_code == 200


@pytest.mark.parametrize(
    "error",
    [
        "ConnectError: All connection attempts failed",
        "ConnectError: [SSL: CERTIFICATE_VERIFY_FAILED]",
        "gaierror: [Errno -2] Name or service not known",
        "Timeout: no end after 40 seconds",
        "the receiver answered 403",
        "the receiver answered 302",
        "hooks.example.com is at no public address",
        "the signing secret of the team's webhook cannot be read: ...",
        "something else",
    ],
)
def test_advice_when_it_is_for_a_team_then_names_nothing_that_a_team_cannot_do(error: str) -> None:
    advice = team_advice_on(error)
    assert advice
    assert "alert_" not in advice
    assert "weft " not in advice


@pytest.mark.parametrize(
    ("channel", "error", "words"),
    [
        (Channel.EMAIL, "ConnectionRefusedError: [Errno 111]", "smtp_port"),
        (Channel.EMAIL, "SMTPAuthenticationError: (535, b'no')", "smtp_password"),
        (Channel.EMAIL, "SMTPNotSupportedError: STARTTLS extension not supported", "smtp_security"),
        (Channel.WEBHOOK, "hook is 10.0.0.1, which is no public address", "alert_webhook_private"),
        (Channel.WEBHOOK, "the receiver answered 302", "Redirects"),
        (Channel.WEBHOOK, "ConnectError: [SSL: CERTIFICATE_VERIFY_FAILED]", "not valid"),
        (Channel.WEBHOOK, "something else", "weft alert test"),
        (Channel.WEBHOOK, "", ""),
        (Channel.TEAM_WEBHOOK, "the receiver answered 404", "Billing page"),
    ],
)
def test_advice_when_a_message_did_not_arrive_then_it_says_what_to_do(
    channel: Channel, error: str, words: str
) -> None:
    advice = advice_on(channel, error)
    assert words in advice
    assert bool(advice) is bool(error)
