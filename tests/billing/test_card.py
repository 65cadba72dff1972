"""The billing card and the routes of invoices: anonymous, member, stranger, admin, and what they see."""

from collections.abc import Callable

import httpx
import pytest

from billing.conftest import Headers, MakeClient
from billing.ledgers import USD, Books
from identity.house import HandClock, House
from weft.billing import card
from weft.billing.alerts.look import percents
from weft.billing.alerts.store import write_alerts
from weft.billing.alerts.types import AlertKind
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
from weft.limits.plans.load import load_plans

PATHS = ["/api/billing/red", "/api/invoices?team=red", "/api/invoices/red/2026-11"]


@pytest.fixture
def client(
    database: Database, gate: Gate, clock: HandClock, make_client: MakeClient
) -> httpx.AsyncClient:
    terms = TermsBook(load_plans(), "pro")
    invoices = Invoices(database, Settings(invoice_seller="Weft Hosting"), terms)
    who = signed_in(gate)
    return make_client(
        card.router(database, who, terms, clock, can_buy=True),
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
    assert "weft team add red bob --role admin" in answer.json()["error"]["metadata"]["remedy"]


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
        crossings = list(percents(AlertKind.CREDITS, "2026-11", 24 * USD, 30 * USD, 1))
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
    assert [one["threshold_percent"] for one in told["alerts"]] == [80, 50]


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
