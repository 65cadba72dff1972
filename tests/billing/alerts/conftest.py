"""Alerts, and whoever is told of them."""

from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from billing.receivers import (
    HookServer,
    MailServer,
    hook_server,
    mail_server,
)
from identity.house import HandClock, House
from weft.billing.alerts.rules import WebhookSeal
from weft.billing.alerts.watch import Alerts
from weft.billing.terms import TermsBook
from weft.identity.people import NewUser, create_user, disable_user
from weft.identity.teams import set_member
from weft.identity.types import Role, Team
from weft.kit.db import Database
from weft.kit.settings import Settings
from weft.limits.plans.load import load_plans

MakeAlerts = Callable[..., Alerts]
SEAL = WebhookSeal(b"s" * 32)
"""Of the server that the tests are about."""


@pytest.fixture
def mails() -> Iterator[MailServer]:
    with mail_server() as here:
        yield here


@pytest.fixture
def hooks() -> Iterator[HookServer]:
    with hook_server() as here:
        yield here


@pytest.fixture
async def make_alerts(database: Database, clock: HandClock) -> AsyncIterator[MakeAlerts]:
    made: list[Alerts] = []

    def make(**changes: object) -> Alerts:
        given: dict[str, object] = {
            "smtp_from": "weft@example.com",
            "smtp_security": "none",
            "smtp_timeout_s": 5,
            "public_url": "https://weft.example.com",
            **changes,
        }
        settings = Settings.model_validate(given)
        made.append(Alerts(database, settings, TermsBook(load_plans(), "pro"), clock, SEAL))
        return made[-1]

    yield make
    for alerts in made:
        await alerts.close()


@pytest.fixture
def team(house: House, database: Database, clock: HandClock) -> Team:
    """A team with two admins that can be written to, one who left, and one without an address."""
    team = house.team("red", "one")
    with database.write() as connection:
        for name, email, role in (
            ("ada", "ada@example.com", Role.ADMIN),
            ("bea", "bea@example.com", Role.ADMIN),
            ("cyd", "cyd@example.com", Role.MEMBER),
            ("dee", "dee@example.com", Role.ADMIN),
            ("eve", "", Role.ADMIN),
        ):
            user = create_user(connection, NewUser(name, email), clock.now())
            set_member(connection, team, user.id, role=role, now=clock.now())
            if name == "dee":
                disable_user(connection, user.id, clock.now())
    return team
