"""Alerts by mail: late but not lost, encrypted, and to no server that cannot prove who it is."""

import ssl
from pathlib import Path

import pytest

from billing.alerts.conftest import MakeAlerts
from billing.ledgers import USD, Books
from billing.receivers import (
    PASSWORD,
    USERNAME,
    mail_server,
)
from weft.billing.alerts.outbox import FIRST_RETRY_S, GIVE_UP_S
from weft.billing.alerts.store import count_messages, list_alerts, list_deliveries
from weft.identity.types import Team

CERTS = Path(__file__).parents[2] / "upstream" / "certs"


async def test_mail_when_the_server_is_down_then_late_and_not_lost(
    make_alerts: MakeAlerts, team: Team, books: Books
) -> None:
    with mail_server() as gone:
        port = gone.port
    alerts = make_alerts(smtp_host="127.0.0.1", smtp_port=port)
    books.charge(team.id, 200 * USD)
    await alerts.pass_once()
    with books.database.read() as connection:
        (alert,) = list_alerts(connection)
        assert count_messages(connection, [alert.id]) == {alert.id: (0, 2, 0)}
    with mail_server() as back:
        alerts = make_alerts(smtp_host="127.0.0.1", smtp_port=back.port)
        back.answers = ["451 try later"]
        books.clock.advance(FIRST_RETRY_S)
        await alerts.pass_once()
        books.clock.advance(2 * FIRST_RETRY_S)
        await alerts.pass_once()
    assert sorted(back.receivers) == ["ada@example.com", "bea@example.com"]
    assert {mail["subject"] for mail in back.mails} == {
        "red has gone $200.00 beyond its credit this month"
    }


async def test_mail_when_it_fails_for_a_day_then_given_up(
    make_alerts: MakeAlerts, team: Team, books: Books
) -> None:
    with mail_server() as gone:
        port = gone.port
    alerts = make_alerts(smtp_host="127.0.0.1", smtp_port=port)
    books.charge(team.id, 200 * USD)
    passes = 0
    while passes < 100:
        await alerts.pass_once()
        with books.database.read() as connection:
            (alert,) = list_alerts(connection)
            if count_messages(connection, [alert.id]) == {alert.id: (0, 0, 2)}:
                break
        books.clock.advance(900)
        passes += 1
    assert (GIVE_UP_S - 3600) / 900 <= passes <= GIVE_UP_S / 900


@pytest.mark.filterwarnings(
    "ignore:Requiring AUTH"
)  # the server does not see that it is within TLS
@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_mail_when_encrypted_and_with_login_then_arrives(
    make_alerts: MakeAlerts,
    team: Team,
    books: Books,
    monkeypatch: pytest.MonkeyPatch,
    security: str,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTS / "authority.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTS / "server.pem")
    which = {"starttls": context} if security == "starttls" else {"tls": context}
    books.charge(team.id, 200 * USD)
    with mail_server(**which, login=True) as mails:
        place: dict[str, object] = {"smtp_host": "localhost", "smtp_port": mails.port}
        login: dict[str, object] = {"smtp_username": USERNAME, "smtp_password": PASSWORD}
        wrong = make_alerts(**place, **login | {"smtp_password": "?"}, smtp_security=security)
        await wrong.pass_once()
        assert mails.mails == []
        with books.database.read() as connection:
            errors = {one.error for one in list_deliveries(connection, 10)}
        assert errors
        assert all("SMTPAuthenticationError: (535" in error for error in errors), errors
        alerts = make_alerts(**place, **login, smtp_security=security)
        books.clock.advance(FIRST_RETRY_S)
        await alerts.pass_once()
    assert set(mails.logins) == {USERNAME}
    assert len(mails.mails) == 2


async def test_mail_when_the_certificate_is_unknown_then_nothing_is_said(
    make_alerts: MakeAlerts, team: Team, books: Books
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTS / "server.pem")
    books.charge(team.id, 200 * USD)
    with mail_server(starttls=context, login=True) as mails:
        alerts = make_alerts(
            smtp_host="localhost",
            smtp_port=mails.port,
            smtp_security="starttls",
            smtp_username=USERNAME,
            smtp_password=PASSWORD,
        )
        await alerts.pass_once()
    assert (mails.mails, mails.logins) == ([], [])
