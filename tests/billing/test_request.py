"""All that is kept of one request: who may see it, and how its cost is worked out."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
import pytest

from billing.conftest import Headers, MakeClient
from billing.ledgers import USD, Books
from identity.house import HandClock, House
from weft.billing import request
from weft.billing.request import cost_info
from weft.identity.principal import Gate
from weft.identity.routes import signed_in
from weft.identity.types import Role, Team, User
from weft.kit.clock import to_us
from weft.kit.db import Database
from weft.kit.money import NanoUsdPerMtok
from weft.ledger.accounts import GrantKind
from weft.ledger.grants import Cause, refund
from weft.ledger.posting import Head
from weft.ledger.prices.store import BookPrice, insert_prices
from weft.ledger.pricing import note_cap
from weft.ledger.types import Outcome, Tokens, UsageRecord
from weft.ledger.usage.store import find_usage, insert_usage
from weft.limits.plans.load import load_plans
from weft.limits.standing import Standings

DAY_ONE_US = to_us(datetime(2026, 1, 1, tzinfo=UTC))
PRICE = BookPrice(
    version="weft/tiny@2026-01-01",
    model_id="weft/tiny",
    effective_at_us=DAY_ONE_US,
    input_nusd_per_mtok=NanoUsdPerMtok(10_000_000),
    output_nusd_per_mtok=NanoUsdPerMtok(20_000_000),
    cached_input_nusd_per_mtok=NanoUsdPerMtok(2_500_000),
    source="the vendor's page",
    recorded_at_us=DAY_ONE_US,
    override_by="",
    override_reason="",
)


@pytest.fixture
def kept() -> set[tuple[str, str]]:
    """Projects and ids of calls that the trace store is to have."""
    return set()


@pytest.fixture
def client(
    database: Database,
    gate: Gate,
    clock: HandClock,
    make_client: MakeClient,
    kept: set[tuple[str, str]],
) -> httpx.AsyncClient:
    async def find_call(project_id: str, call_id: str) -> bool:
        return (project_id, call_id) in kept

    standings = Standings(load_plans(), "internal")
    return make_client(request.router(database, signed_in(gate), standings, clock, find_call))


@pytest.fixture
def team(house: House) -> Team:
    return house.team("red", "one")


@pytest.fixture
def admin(house: House, team: Team) -> User:
    return house.user("ada", team, role=Role.ADMIN)


async def ask(client: httpx.AsyncClient, id_: str, headers: Headers) -> dict[str, Any]:
    answer = await client.get(f"/api/requests/{id_}", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def read(database: Database, request_id: str) -> UsageRecord:
    with database.read() as connection:
        record = find_usage(connection, request_id)
    assert record is not None
    return record


async def test_request_when_it_was_paid_from_credit_and_owed_then_each_entry_says_so(
    client: httpx.AsyncClient,
    house: House,
    books: Books,
    team: Team,
    admin: User,
    key_of: Callable[[User], Headers],
    kept: set[tuple[str, str]],
) -> None:
    project = house.project(team, "bot")
    with books.database.write() as connection:
        head = Head(connection, books.now_us())
        insert_prices(connection, head, [PRICE])
        head.save()
    books.give(team.id, 600, kind=GrantKind.PLAN)
    id_ = books.charge(team.id, 1_100, project_id=project.id)
    kept.add((project.id, id_))
    told = await ask(client, id_, key_of(admin))
    # 60 x 10,000,000 + 40 x 2,500,000 + 20 x 20,000,000 millionths are 1,100 nano-dollars.
    assert told["cost"]["steps"] == [
        {"what": "input", "tokens": 60, "nusd_per_mtok": "10000000", "product": "600000000"},
        {"what": "cached_input", "tokens": 40, "nusd_per_mtok": "2500000", "product": "100000000"},
        {"what": "output", "tokens": 20, "nusd_per_mtok": "20000000", "product": "400000000"},
    ]
    assert (told["cost"]["rounded_nusd"], told["cost"]["charged_nusd"]) == ("1100", "1100")
    assert told["price"]["source"] == "the vendor's page"
    entries = {entry["kind"]: entry["amount_nusd"] for entry in told["ledger"]["entries"]}
    assert entries == {"plan": "-600", "owed": "-500", "revenue": "1100"}
    assert (told["usage"]["team"], told["usage"]["project"]) == ("red", "red/bot")
    assert told["trace"] == {"team": "red", "project": "bot", "call_id": id_, "kept": True}
    assert told["why"]["answer"].startswith("It was not refused")
    assert told["refunded"] is False


async def test_request_when_it_was_given_back_then_says_so(
    client: httpx.AsyncClient,
    books: Books,
    team: Team,
    admin: User,
    key_of: Callable[[User], Headers],
) -> None:
    ids = [books.charge(team.id, 2 * USD)]
    books.give(team.id, 9 * USD)
    ids.append(books.charge(team.id, USD))
    for id_ in ids:
        with books.database.write() as connection:
            head = Head(connection, books.now_us())
            refund(connection, head, id_, cause=Cause("", "root", "by mistake"))
            head.save()
        assert (await ask(client, id_, key_of(admin)))["refunded"] is True


async def test_request_when_it_was_refused_then_its_own_caller_sees_why(
    client: httpx.AsyncClient,
    house: House,
    books: Books,
    team: Team,
    key_of: Callable[[User], Headers],
) -> None:
    bob = house.user("bob", team)
    paid = read(books.database, books.charge(team.id, 5))
    metadata = {"message": "too many", "limit": "requests", "scope": "user", "scope_id": bob.id}
    refused = msgspec.structs.replace(
        paid,
        id="req_no",
        user_id=bob.id,
        outcome=Outcome.REFUSED,
        status=429,
        error_code="rate_limit_exceeded",
        tokens=Tokens(),
        price_version="",
        cost_nusd=0,
        refusal=json.dumps({**metadata, "period": "minute", "remedy": "wait"}),
    )
    with books.database.write() as connection:
        insert_usage(connection, [refused])
    told = await ask(client, "req_no", key_of(bob))
    assert (told["price"], told["cost"], told["ledger"]) == (None, None, None)
    assert told["why"]["message"] == "too many"
    assert told["why"]["metadata"]["remedy"] == "wait"
    assert told["why"]["now"] is not None
    assert told["trace"]["kept"] is False


async def test_request_when_it_is_somebody_elses_then_there_is_none(
    client: httpx.AsyncClient,
    house: House,
    books: Books,
    team: Team,
    key_of: Callable[[User], Headers],
) -> None:
    id_ = books.charge(team.id, 5)
    assert (await client.get(f"/api/requests/{id_}")).status_code == 401
    others = house.team("blue", "two")
    for who in (house.user("bob", team), house.user("eve", others, role=Role.ADMIN)):
        answer = await client.get(f"/api/requests/{id_}", headers=key_of(who))
        assert answer.status_code == 404
        assert "that you may see" in answer.json()["error"]["message"]


def test_cost_when_the_hold_paid_for_less_then_is_capped(books: Books, team: Team) -> None:
    record = read(books.database, books.charge(team.id, 900))
    capped = msgspec.structs.replace(record, refusal=note_cap("", 1_100))
    told = cost_info(capped, PRICE)
    assert (told.rounded_nusd, told.charged_nusd, told.capped) == ("1100", "900", True)


def test_cost_when_it_is_not_whole_then_is_rounded_up_once(books: Books, team: Team) -> None:
    record = read(
        books.database, books.charge(team.id, 1, tokens=Tokens(input=1, cached_input=1, output=0))
    )
    told = cost_info(record, msgspec.structs.replace(PRICE, cached_input_nusd_per_mtok=1))
    assert (told.sum, told.rounded_nusd, told.capped) == ("1", "1", False)
