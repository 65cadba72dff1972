"""Credit, payments, adjustments and refunds on both databases."""

from collections.abc import Callable
from typing import TypeVar

import pytest
from sqlalchemy import Connection, text

from weft.kit.db import Database
from weft.kit.errors import InvalidRequest, NotFound
from weft.ledger.accounts import CASH, EXPIRED, GIVEN, REVENUE, GrantKind, TransactionKind, owed
from weft.ledger.grants import (
    MAX_AMOUNT_NUSD,
    Cause,
    TeamBalance,
    adjust,
    balance_of,
    expire_grants,
    give_grant,
    list_grants,
    new_grant,
    record_payment,
    refund,
)
from weft.ledger.posting import Head

TEAM = "team_t"
NOW_US = 1_767_225_600_000_000
HOUR_US = 3_600_000_000
T = TypeVar("T")


def post(database: Database, work: Callable[[Connection, Head], T], now_us: int = NOW_US) -> T:
    with database.write() as connection:
        head = Head(connection, now_us)
        done = work(connection, head)
        head.save()
    return done


def give(
    database: Database,
    amount: int,
    *,
    kind: GrantKind = GrantKind.PROMOTIONAL,
    source: str = "",
    expires: int | None = None,
) -> str:
    cause = Cause(source or f"test:{kind}:{amount}", "ada", "welcome")
    grant = new_grant(TEAM, kind, amount, cause=cause, now_us=NOW_US, expires_at_us=expires)
    return post(database, lambda c, h: give_grant(c, h, grant)).id


def charge(database: Database, request: str, *parts: tuple[str, int]) -> None:
    amount = -sum(part for _, part in parts)
    entries = [*parts, (REVENUE, amount)]
    post(
        database,
        lambda _, h: h.append(TransactionKind.CHARGE, request, TEAM, entries, content_hash="x"),
    )


def balances(database: Database) -> dict[str, int]:
    with database.read() as connection:
        rows = connection.execute(text("SELECT account_id, balance_nusd FROM ledger_balance"))
        found = {str(account): int(amount) for account, amount in rows}
        sums = connection.execute(
            text("SELECT account_id, SUM(amount_nusd) FROM ledger_entry GROUP BY account_id")
        )
        assert {str(account): int(amount) for account, amount in sums} == found
    assert sum(found.values()) == 0
    return {account: amount for account, amount in found.items() if amount}


def team_balance(database: Database, now_us: int = NOW_US) -> TeamBalance:
    with database.read() as connection:
        return balance_of(connection, TEAM, now_us)


@pytest.mark.parametrize("kind", GrantKind)
def test_give_when_of_a_kind_then_it_comes_from_where_that_kind_comes_from(
    database: Database, kind: GrantKind
) -> None:
    grant_id = give(database, 500, kind=kind)
    origin = CASH if kind is GrantKind.PURCHASED else GIVEN
    assert balances(database) == {grant_id: 500, origin: -500}


def test_give_when_the_source_was_there_before_then_the_first_grant_and_no_second(
    database: Database,
) -> None:
    first = give(database, 500, source="stripe:1")
    assert give(database, 900, source="stripe:1") == first
    assert team_balance(database) == TeamBalance(500, 0, 0)


def test_list_when_asked_then_in_burn_order_with_what_is_left(database: Database) -> None:
    bought = give(database, 5, kind=GrantKind.PURCHASED)
    late = give(database, 7, expires=NOW_US + 2 * HOUR_US)
    soon = give(database, 6, expires=NOW_US + HOUR_US)
    charge(database, "req_1", (soon, -2))
    with database.read() as connection:
        found = list_grants(connection, TEAM, NOW_US + HOUR_US)
    assert [(each.grant.id, each.left_nusd, each.expired) for each in found] == [
        (soon, 4, True),
        (late, 7, False),
        (bought, 5, False),
    ]
    assert team_balance(database, NOW_US + HOUR_US).credit_nusd == 12


def test_expire_when_past_its_expiry_then_the_rest_runs_out_once(database: Database) -> None:
    gone = give(database, 6, expires=NOW_US + HOUR_US)
    kept = give(database, 7, expires=NOW_US + HOUR_US + 1)
    spent = give(database, 8, expires=NOW_US + HOUR_US)
    charge(database, "req_1", (spent, -8), (gone, -1))
    assert post(database, expire_grants, NOW_US + HOUR_US - 1) == 0
    assert post(database, expire_grants, NOW_US + HOUR_US) == 1
    assert post(database, expire_grants, NOW_US + HOUR_US) == 0
    assert balances(database) == {kept: 7, EXPIRED: 5, GIVEN: -21, REVENUE: 9}
    with database.read() as connection:
        key = connection.execute(
            text("SELECT idempotency_key FROM ledger_transaction WHERE kind = 'expiry'")
        ).scalar_one()
    assert key == f"expiry:{gone}"


def test_expire_when_a_hold_from_before_is_open_then_it_waits(database: Database) -> None:
    give(database, 6, expires=NOW_US + HOUR_US)
    add_hold(database, "req_old", started_at_us=NOW_US + HOUR_US - 1, amount=4)
    assert post(database, expire_grants, NOW_US + HOUR_US) == 0
    assert team_balance(database).reserved_nusd == 4
    drop_hold(database, "req_old")
    add_hold(database, "req_new", started_at_us=NOW_US + HOUR_US, amount=1)
    add_hold(database, "req_theirs", started_at_us=NOW_US, amount=1, team="team_other")
    assert post(database, expire_grants, NOW_US + HOUR_US) == 1


def add_hold(
    database: Database, request: str, *, started_at_us: int, amount: int, team: str = TEAM
) -> None:
    with database.write() as connection:
        connection.execute(
            text(
                "INSERT INTO ledger_hold (id, owner, team_id, project_id, user_id, key_id, model_id, stream,"
                " amount_nusd, tokens, started_at_us)"
                " VALUES (:id, 'o', :team, 'p', 'u', 'k', 'm', :stream, :amount, 1, :at)"
            ),
            {"id": request, "team": team, "stream": False, "amount": amount, "at": started_at_us},
        )


def drop_hold(database: Database, request: str) -> None:
    with database.write() as connection:
        connection.execute(text("DELETE FROM ledger_hold WHERE id = :id"), {"id": request})


def pay(database: Database, amount: int, source: str = "invoice:1") -> int:
    cause = Cause(source, "ada")
    return post(database, lambda c, h: record_payment(c, h, TEAM, amount, cause=cause))


def test_payment_when_something_is_owed_then_it_goes_off_it_once(database: Database) -> None:
    charge(database, "req_1", (owed(TEAM), -100))
    assert pay(database, 60) == pay(database, 60) == 2
    assert team_balance(database) == TeamBalance(0, 0, 40)
    assert balances(database) == {owed(TEAM): -40, REVENUE: 100, CASH: -60}


def test_payment_when_more_than_is_owed_then_it_is_refused_with_the_way_out(
    database: Database,
) -> None:
    charge(database, "req_1", (owed(TEAM), -100))
    with pytest.raises(InvalidRequest, match=r"more than the 0\.0000001 USD") as refused:
        pay(database, 101)
    assert "credit" in str(refused.value.metadata["remedy"])
    assert team_balance(database).owed_nusd == 100


def test_adjust_when_up_or_down_then_the_reason_is_kept(database: Database) -> None:
    charge(database, "req_1", (owed(TEAM), -100))
    less, more = Cause("ticket:1", "ada", "an outage"), Cause("ticket:2", "ada", "a typo")
    post(database, lambda c, h: adjust(c, h, TEAM, 30, cause=less))
    post(database, lambda c, h: adjust(c, h, TEAM, -5, cause=more))
    assert balances(database) == {owed(TEAM): -75, REVENUE: 100, GIVEN: -25}
    with database.read() as connection:
        kept = connection.execute(
            text("SELECT content FROM ledger_transaction WHERE idempotency_key = :key"),
            {"key": "adjustment:ticket:1"},
        ).scalar_one()
    assert kept == '{"source":"ticket:1","made_by":"ada","note":"an outage"}'


def give_back(database: Database, request: str) -> str | None:
    cause = Cause("", "ada", "a broken answer")
    credit = post(database, lambda c, h: refund(c, h, request, cause=cause))
    return credit.id if credit else None


def test_refund_when_paid_by_credit_then_it_is_credit_again_once(database: Database) -> None:
    grant_id = give(database, 50)
    charge(database, "req_1", (grant_id, -50), (owed(TEAM), -20))
    pay(database, 15)
    credit = give_back(database, "req_1")
    assert credit is not None
    assert give_back(database, "req_1") == credit
    assert balances(database) == {credit: 65, GIVEN: -120, CASH: -15, REVENUE: 70}
    assert team_balance(database) == TeamBalance(65, 0, 0)


def test_refund_when_all_of_it_is_owed_then_no_credit_and_only_once(database: Database) -> None:
    charge(database, "req_1", (owed(TEAM), -20))
    charge(database, "req_2", (owed(TEAM), -20))
    assert give_back(database, "req_1") is None
    assert give_back(database, "req_1") is None
    assert team_balance(database) == TeamBalance(0, 0, 20)


@pytest.mark.parametrize("request_id", ["req_none", "grant:test"])
def test_refund_when_nothing_was_charged_then_not_found(
    database: Database, request_id: str
) -> None:
    give(database, 5, source="test")
    with pytest.raises(NotFound):
        give_back(database, request_id)


@pytest.mark.parametrize("amount", [0, -1, MAX_AMOUNT_NUSD + 1])
def test_amount_when_out_of_bounds_then_refused(amount: int) -> None:
    with pytest.raises(InvalidRequest, match="no amount to post"):
        new_grant(TEAM, GrantKind.PLAN, amount, cause=Cause("s", "ada"), now_us=1)


@pytest.mark.parametrize(
    "cause", [Cause("", "a"), Cause("s" * 501, "a"), Cause("s", "a\0"), Cause("s", "a", "n" * 501)]
)
def test_cause_when_a_text_is_no_such_text_then_refused(cause: Cause) -> None:
    with pytest.raises(InvalidRequest):
        new_grant(TEAM, GrantKind.PLAN, 1, cause=cause, now_us=1)


def test_grant_when_it_would_have_expired_then_refused() -> None:
    with pytest.raises(InvalidRequest, match="expired already"):
        new_grant(TEAM, GrantKind.PLAN, 1, cause=Cause("s", "a"), now_us=5, expires_at_us=5)
