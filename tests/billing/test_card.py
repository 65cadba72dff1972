"""The billing card and the routes of invoices: anonymous, member, stranger, admin, and what they see."""

from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pytest

from billing.conftest import Headers, MakeClient
from billing.ledgers import USD, Books
from identity.house import HandClock, House
from weft.billing import card
from weft.billing.alerts.look import percents
from weft.billing.alerts.rules import default_rule
from weft.billing.alerts.store import write_alerts
from weft.billing.alerts.types import AlertKind
from weft.billing.card import CapInfo, Shop, upcoming_of
from weft.billing.invoices import routes as invoice_routes
from weft.billing.invoices.issue import Invoices
from weft.billing.spend import tally
from weft.billing.terms import TermsBook
from weft.identity.principal import Gate
from weft.identity.routes import signed_in
from weft.identity.types import Role, Team, User
from weft.kit.clock import to_us
from weft.kit.db import Database
from weft.kit.settings import Settings
from weft.ledger.accounts import GrantKind
from weft.ledger.grants import TeamBalance
from weft.ledger.usage.forecast import Forecast
from weft.ledger.usage.report import UsageRow
from weft.limits.plans.load import load_plans
from weft.limits.types import Period

SHOP = Shop(can_buy=True, has_email=True, more_emails=1, overage_steps_usd=(200, 450))
PATHS = ["/api/billing/red", "/api/invoices?team=red", "/api/invoices/red/2026-11"]


@pytest.fixture
def client(
    database: Database, gate: Gate, clock: HandClock, make_client: MakeClient
) -> httpx.AsyncClient:
    terms = TermsBook(load_plans(), "pro")
    invoices = Invoices(database, Settings(invoice_seller="Weft Hosting"), terms)
    who = signed_in(gate)
    return make_client(
        card.router(database, who, terms, clock, SHOP),
        invoice_routes.router(database, who, invoices, clock),
    )


@pytest.fixture
def team(house: House) -> Team:
    return house.team("red", "one")


@pytest.fixture
def admin(house: House, team: Team) -> User:
    return house.user("ada", team, role=Role.ADMIN)


@pytest.mark.parametrize("path", PATHS)
async def test_route_when_asked_by_somebody_else_then_refused(
    client: httpx.AsyncClient,
    house: House,
    team: Team,
    key_of: Callable[[User], Headers],
    path: str,
) -> None:
    assert (await client.get(path)).status_code == 401
    stranger = house.user("eve")
    assert (await client.get(path, headers=key_of(stranger))).status_code == 404
    member = house.user("bob", team, role=Role.MEMBER)
    answer = await client.get(path, headers=key_of(member))
    assert answer.status_code == 403
    assert "weft team add red USER --role admin" in answer.json()["error"]["metadata"]["remedy"]


async def test_card_when_asked_then_tells_credit_caps_and_what_is_owed(
    client: httpx.AsyncClient,
    books: Books,
    team: Team,
    admin: User,
    key_of: Callable[[User], Headers],
) -> None:
    end_us = to_us(books.clock.now()) + 1_000_000_000
    books.give(team.id, 10 * USD, kind=GrantKind.PURCHASED)
    books.give(team.id, 20 * USD, kind=GrantKind.PLAN, expires_at_us=end_us)
    books.charge(team.id, 24 * USD)
    books.clock.advance(60)
    while tally(books.database):
        pass
    with books.database.write() as connection:
        crossings = list(
            percents(AlertKind.CREDITS, "2026-11", default_rule(()), 24 * USD, 30 * USD, 1)
        )
        write_alerts(connection, team.id, crossings, targets=(), now_us=books.now_us())
    told = (await client.get("/api/billing/red", headers=key_of(admin))).json()
    assert (told["team"], told["plan"]["name"], told["can_buy"]) == ("red", "pro", True)
    assert (told["credit_nusd"], told["owed_nusd"]) == (str(6 * USD), "0")
    assert [(one["kind"], one["left_nusd"]) for one in told["credits"]] == [
        ("purchased", str(6 * USD))
    ]
    assert told["caps"] == [
        {
            "period": "month",
            "window": "2026-11",
            "max_nusd": str(6000 * USD),
            "spent_nusd": str(24 * USD),
            "resets_at": "2026-12-01T00:00:00Z",
            "set_by": "plan pro",
        }
    ]
    month = told["month"]
    assert (month["month"], month["spent_nusd"], month["overage_nusd"]) == (
        "2026-11",
        str(24 * USD),
        "0",
    )
    assert int(month["forecast_nusd"]) > 24 * USD
    assert month["forecast_low_nusd"] is None, "one day tells nothing of how days differ"
    assert [one["threshold_percent"] for one in told["alerts"]] == [80, 50]
    assert (told["alerts"][0]["sent"], told["alerts"][0]["pending"]) == (0, 0)
    assert told["alert_setup"] == {
        "percents": [50, 80, 100],
        "overage_steps_nusd": [str(200 * USD), str(450 * USD)],
        "emails": [],
        "more_emails": 1,
        "has_email": True,
        "has_webhook": False,
        "has_team_webhook": False,
    }
    more = int(month["forecast_nusd"]) - 24 * USD
    assert told["upcoming"] == {
        "owed_nusd": "0",
        "expected_nusd": str(more - 6 * USD),
        "low_nusd": None,
        "high_nusd": None,
        "due_at": "2026-12-01T00:00:00Z",
    }


def test_upcoming_when_the_cap_is_near_then_no_more_is_owed_than_fits() -> None:
    def sums(cost: int) -> UsageRow:
        return UsageRow("", cost_nusd=cost * USD)

    start = datetime(2026, 11, 1, tzinfo=UTC)
    forecast = Forecast("2026-11", start, start, start, sums(50), sums(150), sums(60), sums(900))
    cap = CapInfo(
        period=Period.MONTH,
        window="2026-11",
        max_nusd=str(200 * USD),
        spent_nusd=str(50 * USD),
        resets_at=start,
        set_by="plan pro",
    )
    day = cap.model_copy(update={"period": Period.DAY, "max_nusd": "0"})
    told = upcoming_of(TeamBalance(30 * USD, 0, 7 * USD), forecast, [cap, day])
    assert told.owed_nusd == str(7 * USD)
    assert told.low_nusd == str(7 * USD), "the credit left pays for ten dollars more"
    assert told.expected_nusd == str(77 * USD)
    assert told.high_nusd == str(127 * USD), "150 are left until the cap, 30 of them from credit"


async def test_invoice_when_the_month_is_over_then_each_format_is_a_file(
    client: httpx.AsyncClient,
    books: Books,
    team: Team,
    admin: User,
    key_of: Callable[[User], Headers],
) -> None:
    books.charge(team.id, 24 * USD)
    headers = key_of(admin)
    draft = await client.get("/api/invoices/red/2026-11", headers=headers)
    assert "not over" in draft.text
    books.clock.advance(30 * 86_400)
    headers = key_of(admin)
    for wanted, kind in (("html", "text/html"), ("pdf", "application/pdf"), ("csv", "text/csv")):
        answer = await client.get(
            "/api/invoices/red/2026-11", params={"format": wanted}, headers=headers
        )
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(kind)
        name = f'filename="invoice-red-2026-000001.{wanted}"'
        assert name in answer.headers["content-disposition"]
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    listed = (await client.get("/api/invoices?team=red", headers=headers)).json()["invoices"]
    assert [(one["number"], one["due_nusd"]) for one in listed] == [("2026-000001", str(24 * USD))]
    without = await client.get("/api/invoices", headers=headers)
    assert (without.status_code, without.json()["error"]["param"]) == (400, "team")


@pytest.mark.parametrize(
    ("month", "status"), [("2026-13", 400), ("2027-01", 400), ("2026-10", 404)]
)
async def test_invoice_when_there_is_none_of_that_month_then_says_so(
    client: httpx.AsyncClient,
    admin: User,
    key_of: Callable[[User], Headers],
    month: str,
    status: int,
) -> None:
    answer = await client.get(f"/api/invoices/red/{month}", headers=key_of(admin))
    assert answer.status_code == status
    assert answer.json()["error"]["metadata"]["remedy"]
