"""Checkout and webhook as Stripe's own library, a stand-in for Stripe's API and callers see them."""

import asyncio
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from billing.conftest import Headers, MakeClient
from billing.ledgers import USD, Books
from billing.stripe_stand_in import (
    SECRET_KEY,
    StripeStandIn,
    charge,
    event,
    session,
    signed,
)
from identity.house import HandClock, House
from weft.billing.purchases.routes import MAX_EVENT_BYTES, router
from weft.billing.purchases.store import find_purchase, list_purchases
from weft.billing.purchases.stripe_checkout import StripeCheckout
from weft.billing.purchases.types import Purchase, PurchaseStatus
from weft.identity.principal import Gate
from weft.identity.routes import signed_in
from weft.identity.types import Role, Team, User
from weft.kit.db import Database
from weft.kit.settings import Settings
from weft.ledger.proof.verify import verify

# Stripe's library hands its form to httpx by a name that httpx would like to be another.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

PAID = "checkout.session.completed"
PATH = "/api/billing/webhooks/stripe"


@pytest.fixture
async def client(
    database: Database, gate: Gate, clock: HandClock, settings: Settings, make_client: MakeClient
) -> AsyncIterator[httpx.AsyncClient]:
    provider = StripeCheckout(settings)
    yield make_client(router(database, signed_in(gate), provider, clock))
    await provider.close()


@pytest.fixture
def team(house: House) -> Team:
    return house.team("red", "one")


@pytest.fixture
def admin(house: House, team: Team) -> User:
    return house.user("ada", team, role=Role.ADMIN)


@pytest.fixture
async def purchase(
    client: httpx.AsyncClient, admin: User, key_of: Callable[[User], Headers], database: Database
) -> Purchase:
    """25 dollars for the team, about to be paid."""
    answer = await client.post(
        "/api/billing/checkout", json={"team": "red", "usd": "25"}, headers=key_of(admin)
    )
    assert answer.status_code == 201, answer.text
    return read(database, answer.json()["purchase_id"])


def read(database: Database, purchase_id: str) -> Purchase:
    with database.read() as connection:
        found = find_purchase(connection, purchase_id)
    assert found is not None
    return found


async def post(client: httpx.AsyncClient, body: str, age_s: int = 0) -> httpx.Response:
    return await client.post(PATH, content=body, headers=signed(body, age_s=age_s))


async def test_checkout_when_asked_by_a_team_admin_then_stripe_is_told_what_to_take(
    purchase: Purchase, stripe_api: StripeStandIn
) -> None:
    (sent,) = stripe_api.sent
    assert sent.path == "/v1/checkout/sessions"
    assert sent.headers["authorization"] == f"Bearer {SECRET_KEY}"
    assert sent.headers["idempotency-key"] == purchase.id
    back = f"https://weft.example.com/billing/red?purchase={purchase.id}"
    assert sent.form == {
        "mode": "payment",
        "client_reference_id": purchase.id,
        "line_items[0][quantity]": "1",
        "line_items[0][price_data][currency]": "usd",
        "line_items[0][price_data][unit_amount]": "2500",
        "line_items[0][price_data][product_data][name]": "Inference credit for red",
        "metadata[weft_purchase]": purchase.id,
        "payment_intent_data[metadata][weft_purchase]": purchase.id,
        "adaptive_pricing[enabled]": "false",
        "success_url": f"{back}&checkout=done",
        "cancel_url": f"{back}&checkout=cancelled",
    }
    assert purchase.status is PurchaseStatus.PENDING
    assert (purchase.reference, purchase.made_by) == ("cs_test_1", "ada")


@pytest.mark.parametrize(
    "usd", ["4.99", "100000.01", "25.001", "0", "-5", "1e3", "many", "", "5.000000001"]
)
async def test_checkout_when_the_amount_cannot_be_bought_then_nothing_is_sent(
    client: httpx.AsyncClient,
    admin: User,
    key_of: Callable[[User], Headers],
    stripe_api: StripeStandIn,
    usd: str,
) -> None:
    wanted = {"team": "red", "usd": usd}
    answer = await client.post("/api/billing/checkout", json=wanted, headers=key_of(admin))
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "usd"
    assert stripe_api.sent == []


@pytest.mark.parametrize(("role", "status"), [(Role.MEMBER, 403), (Role.VIEWER, 403), (None, 404)])
async def test_checkout_when_asked_by_somebody_else_then_refused(
    client: httpx.AsyncClient,
    house: House,
    team: Team,
    key_of: Callable[[User], Headers],
    role: Role | None,
    status: int,
) -> None:
    bob = house.user("bob", *([team] if role else []), role=role or Role.MEMBER)
    wanted = {"team": "red", "usd": "25"}
    answer = await client.post("/api/billing/checkout", json=wanted, headers=key_of(bob))
    assert answer.status_code == status
    anonymous = await client.post("/api/billing/checkout", json=wanted)
    assert anonymous.status_code == 401


async def test_checkout_when_for_a_personal_entity_then_refused(
    client: httpx.AsyncClient, admin: User, key_of: Callable[[User], Headers]
) -> None:
    wanted = {"team": "ada", "usd": "25"}
    answer = await client.post("/api/billing/checkout", json=wanted, headers=key_of(admin))
    assert answer.status_code == 400
    assert "personal entity" in answer.json()["error"]["message"]


async def test_checkout_when_stripe_fails_once_then_the_same_is_sent_again(
    client: httpx.AsyncClient,
    admin: User,
    key_of: Callable[[User], Headers],
    stripe_api: StripeStandIn,
) -> None:
    stripe_api.failures = [500]
    wanted = {"team": "red", "usd": "25"}
    answer = await client.post("/api/billing/checkout", json=wanted, headers=key_of(admin))
    assert answer.status_code == 201
    first, second = stripe_api.sent
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    assert first.form == second.form


async def test_checkout_when_stripe_refuses_then_502_and_the_purchase_failed(
    client: httpx.AsyncClient,
    admin: User,
    key_of: Callable[[User], Headers],
    stripe_api: StripeStandIn,
    database: Database,
) -> None:
    stripe_api.failures = [402]
    wanted = {"team": "red", "usd": "25"}
    answer = await client.post("/api/billing/checkout", json=wanted, headers=key_of(admin))
    assert answer.status_code == 502
    assert answer.json()["error"]["code"] == "payment_provider_failed"
    with database.read() as connection:
        assert [one.status for one in list_purchases(connection)] == [PurchaseStatus.FAILED]


async def test_webhook_when_paid_then_the_credit_is_there_once(
    client: httpx.AsyncClient, purchase: Purchase, database: Database, books: Books
) -> None:
    body = event(PAID, session(purchase.id))
    answers = await asyncio.gather(*(post(client, body) for _ in range(5)))
    assert [answer.status_code for answer in answers] == [200] * 5
    outcomes = sorted(answer.json()["outcome"] for answer in answers)
    assert outcomes == ["ignored: known already"] * 4 + ["paid"]
    found = read(database, purchase.id)
    assert (found.status, found.payment_id) == (PurchaseStatus.PAID, "pi_1")
    assert books.balance(purchase.team_id).credit_nusd == 25 * USD
    assert books.transactions("grant") == 1
    assert books.sum_of_entries() == 0


async def test_webhook_when_the_signature_is_wrong_old_or_missing_then_400_and_no_credit(
    client: httpx.AsyncClient, purchase: Purchase, books: Books
) -> None:
    body = event(PAID, session(purchase.id))
    other = await client.post(PATH, content=body, headers=signed(body, secret="whsec_other"))
    old = await post(client, body, age_s=301)
    changed = await client.post(PATH, content=body + " ", headers=signed(body))
    missing = await client.post(PATH, content=body)
    not_text = await client.post(PATH, content=b"\xff{}", headers=signed("{}"))
    for answer in (other, old, changed, missing, not_text):
        assert answer.status_code == 400
    for answer in (other, old, changed, missing):
        assert answer.json()["error"]["code"] == "invalid_signature"
    assert books.balance(purchase.team_id).credit_nusd == 0


async def test_webhook_when_the_session_is_unpaid_then_the_credit_comes_with_the_money(
    client: httpx.AsyncClient, purchase: Purchase, books: Books
) -> None:
    unpaid = event(PAID, session(purchase.id, payment_status="unpaid"))
    assert (await post(client, unpaid)).json() == {"outcome": "ignored: not paid yet (unpaid)"}
    assert books.balance(purchase.team_id).credit_nusd == 0
    later = event("checkout.session.async_payment_succeeded", session(purchase.id), "evt_2")
    assert (await post(client, later)).json() == {"outcome": "paid"}
    assert books.balance(purchase.team_id).credit_nusd == 25 * USD
    assert (await post(client, unpaid)).status_code == 200  # late, and out of order
    assert books.balance(purchase.team_id).credit_nusd == 25 * USD


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("checkout.session.expired", PurchaseStatus.EXPIRED),
        ("checkout.session.async_payment_failed", PurchaseStatus.FAILED),
    ],
)
async def test_webhook_when_nothing_was_paid_then_the_purchase_ends_unless_it_was_paid(
    client: httpx.AsyncClient,
    purchase: Purchase,
    database: Database,
    books: Books,
    kind: str,
    status: PurchaseStatus,
) -> None:
    ended = event(kind, session(purchase.id, payment_status="unpaid"))
    assert (await post(client, ended)).status_code == 200
    assert read(database, purchase.id).status is status
    await post(client, event(PAID, session(purchase.id)))  # money decides
    assert read(database, purchase.id).status is PurchaseStatus.PAID
    await post(client, ended)
    assert read(database, purchase.id).status is PurchaseStatus.PAID
    assert books.balance(purchase.team_id).credit_nusd == 25 * USD


@pytest.mark.parametrize(
    "change",
    [{"amount_total": 2499}, {"amount_total": 250_000}, {"currency": "eur"}, {"id": "cs_other"}],
)
async def test_webhook_when_something_else_was_paid_then_no_credit_and_somebody_must_look(
    client: httpx.AsyncClient,
    purchase: Purchase,
    database: Database,
    books: Books,
    change: dict[str, object],
) -> None:
    answer = await post(client, event(PAID, session(purchase.id, **change)))
    assert answer.status_code == 200
    assert answer.json()["outcome"].startswith("review")
    assert read(database, purchase.id).status is PurchaseStatus.REVIEW
    assert books.balance(purchase.team_id).credit_nusd == 0


@pytest.mark.parametrize(
    "body",
    [
        event(PAID, session("buy_unknown", id="cs_unknown")),
        event("charge.refunded", charge("buy_unknown", 2500, payment_intent="pi_unknown")),
        event("customer.created", {"id": "cus_1", "amount_total": "odd"}),
    ],
)
async def test_webhook_when_the_event_is_not_ours_then_200_and_nothing_happens(
    client: httpx.AsyncClient, purchase: Purchase, books: Books, body: str
) -> None:
    answer = await post(client, body)
    assert answer.status_code == 200
    assert answer.json()["outcome"].startswith("ignored")
    assert books.transactions("grant") == 0


@pytest.mark.parametrize("body", ['{"id": 1}', "[]", event(PAID, {"id": "cs_1", "currency": 5})])
async def test_webhook_when_the_event_has_another_shape_then_400(
    client: httpx.AsyncClient, purchase: Purchase, body: str
) -> None:
    assert (await post(client, body)).status_code == 400


async def test_webhook_when_too_large_then_413(client: httpx.AsyncClient) -> None:
    answer = await client.post(PATH, content=b"x" * (MAX_EVENT_BYTES + 1))
    assert answer.status_code == 413


async def test_refund_when_credit_is_left_then_taken_back_and_the_rest_is_owed(
    client: httpx.AsyncClient, purchase: Purchase, database: Database, books: Books
) -> None:
    team = purchase.team_id
    await post(client, event(PAID, session(purchase.id)))
    books.charge(team, 15 * USD)
    part = event("charge.refunded", charge(purchase.id, 400), "evt_2")
    for _ in range(3):
        assert (await post(client, part)).status_code == 200
    assert books.balance(team).credit_nusd == 6 * USD
    assert books.balance(team).owed_nusd == 0
    assert read(database, purchase.id).refunded_nusd == 4 * USD
    whole = event("charge.refunded", charge(purchase.id, 2500), "evt_3")
    assert (await post(client, whole)).json() == {"outcome": "refunded"}
    assert (await post(client, part)).json() == {"outcome": "ignored: known already"}
    balance = books.balance(team)
    assert (balance.credit_nusd, balance.owed_nusd) == (0, 15 * USD)
    found = read(database, purchase.id)
    assert found.status is PurchaseStatus.REFUNDED
    assert found.taken_back_nusd == 25 * USD
    assert books.sum_of_entries() == 0


async def test_refund_when_told_before_the_payment_then_only_the_rest_becomes_credit(
    client: httpx.AsyncClient, purchase: Purchase, database: Database, books: Books
) -> None:
    early = event("charge.refunded", charge(purchase.id, 1000))
    assert (await post(client, early)).json() == {"outcome": "remembered"}
    assert (await post(client, event(PAID, session(purchase.id)))).json() == {"outcome": "paid"}
    assert books.balance(purchase.team_id).credit_nusd == 15 * USD
    assert read(database, purchase.id).taken_back_nusd == 10 * USD
    assert books.sum_of_entries() == 0
    with database.read() as connection:
        assert verify(connection).findings == ()


async def test_routes_when_no_provider_is_set_up_then_404_with_the_way_out(
    database: Database,
    gate: Gate,
    clock: HandClock,
    make_client: MakeClient,
    admin: User,
    key_of: Callable[[User], Headers],
) -> None:
    client = make_client(router(database, signed_in(gate), None, clock))
    wanted = {"team": "red", "usd": "25"}
    answer = await client.post("/api/billing/checkout", json=wanted, headers=key_of(admin))
    assert answer.status_code == 404
    assert "weft purchase record" in answer.json()["error"]["metadata"]["remedy"]
    assert (await post(client, event("x.y", {}))).status_code == 404


async def test_checkout_when_stripe_is_away_then_502_in_time(
    database: Database,
    gate: Gate,
    clock: HandClock,
    make_client: MakeClient,
    settings: Settings,
    admin: User,
    key_of: Callable[[User], Headers],
) -> None:
    away = settings.model_copy(update={"stripe_api_base": "http://127.0.0.1:9"})
    provider = StripeCheckout(away)
    client = make_client(router(database, signed_in(gate), provider, clock))
    wanted = {"team": "red", "usd": "25"}
    answer = await client.post("/api/billing/checkout", json=wanted, headers=key_of(admin))
    assert answer.status_code == 502
    await provider.close()


async def test_purchases_when_asked_by_an_admin_then_are_told_and_to_nobody_else(
    client: httpx.AsyncClient,
    purchase: Purchase,
    admin: User,
    house: House,
    team: Team,
    key_of: Callable[[User], Headers],
) -> None:
    path = "/api/billing/red/purchases"
    told = (await client.get(path, headers=key_of(admin))).json()
    assert [(one["id"], one["amount_nusd"], one["status"]) for one in told["purchases"]] == [
        (purchase.id, str(25 * USD), "pending")
    ]
    assert (await client.get(path)).status_code == 401
    assert (await client.get(path, headers=key_of(house.user("bob", team)))).status_code == 403
    assert (await client.get(path, headers=key_of(house.user("eve")))).status_code == 404
