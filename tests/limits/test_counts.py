"""How far limits are used, from the ledger's tables, on both databases."""

import pytest

from limits.setting import USD, Office
from weft.kit.clock import to_us
from weft.ledger.accounts import GrantKind
from weft.ledger.grants import Cause, give_grant, new_grant
from weft.ledger.posting import Head
from weft.limits.counts import window_end_us
from weft.limits.standing import Standing
from weft.limits.types import LimitKind, LimitScope, Period


def standing(office: Office, model: str | None = "m/a") -> Standing:
    subjects = office.everybody()
    with office.database.read() as connection:
        return office.standings.of(connection, subjects, model, now_us=office.now_us)


def used(office: Office, model: str | None = "m/a") -> list[tuple[str, str, int, int]]:
    return [
        (count.limit.kind, count.limit.scope, count.current, count.limit.max)
        for count in standing(office, model).counts
    ]


def give(office: Office, amount: int, source: str = "s", **more: int) -> None:
    with office.database.write() as connection:
        head = Head(connection, office.now_us)
        cause = Cause(source, "root")
        grant = new_grant(
            office.team.id,
            GrantKind.PLAN if source.startswith("plan:") else GrantKind.PROMOTIONAL,
            amount,
            cause=cause,
            now_us=office.now_us,
            expires_at_us=more.get("expires_at_us"),
        )
        give_grant(connection, head, grant)
        head.save()


def test_counts_when_nothing_happened_then_are_zero(office: Office) -> None:
    assert used(office) == [
        ("concurrency", "user", 0, 2000),
        ("concurrency", "project", 0, 6000),
        ("requests", "user", 0, 600),
        ("tokens", "user", 0, 2_000_000),
        ("spend", "team", 0, 100 * USD),
    ]


def test_concurrency_when_requests_are_open_then_counts_them_by_model_too(office: Office) -> None:
    office.set(LimitScope.PROJECT_MODEL, LimitKind.CONCURRENCY, 9, model="m/a")
    office.set(LimitScope.PROJECT_MODEL, LimitKind.CONCURRENCY, 8, model="m/b")
    office.in_flight("req_1")
    office.in_flight("req_2")
    office.in_flight("req_3", model="m/b")
    assert used(office)[:3] == [
        ("concurrency", "user", 3, 2000),
        ("concurrency", "project_model", 2, 9),
        ("concurrency", "project", 3, 6000),
    ]
    models = [
        (count.limit.model_id, count.current)
        for count in standing(office, None).counts
        if count.limit.model_id
    ]
    assert models == [("m/a", 2), ("m/b", 1)]


def test_rates_when_counted_then_only_this_minute_matters(office: Office) -> None:
    office.counted(office.ada.id, 5, 700)
    office.counted(office.ada.id, 50, 7000, minutes_ago=1)
    assert used(office)[2:4] == [
        ("requests", "user", 5, 600),
        ("tokens", "user", 700, 2_000_000),
    ]


@pytest.mark.parametrize(
    ("period", "spent"), [(Period.DAY, 1), (Period.MONTH, 11), (Period.YEAR, 111)]
)
def test_spend_when_charged_on_days_then_windows_sum_them(
    office: Office, period: Period, spent: int
) -> None:
    office.house.clock.advance(14 * 86_400)  # 2026-11-15
    office.give("internal", "ours")
    office.set(LimitScope.PROJECT, LimitKind.SPEND, 1000, period=period)
    for amount, days_ago in ((1, 0), (10, 14), (100, 15), (1000, 400)):
        office.spent(office.project.id, amount, days_ago=days_ago)
    (count,) = standing(office).counts
    assert (count.current, count.reserved, count.left) == (spent, 0, 1000 - spent)


@pytest.mark.parametrize(
    "scope", [LimitScope.KEY, LimitScope.USER, LimitScope.PROJECT, LimitScope.TEAM]
)
def test_spend_when_holds_are_open_then_they_are_reserved(
    office: Office, scope: LimitScope
) -> None:
    office.set(scope, LimitKind.SPEND, 20, period=Period.DAY)
    office.spent(office.subject(scope).id, 5)
    office.in_flight("req_1", amount=7)
    office.in_flight("req_2", amount=9)
    (count,) = [one for one in standing(office).counts if one.limit.period is Period.DAY]
    assert (count.current, count.reserved, count.left) == (21, 16, 0)


def test_credit_when_the_plans_was_not_given_yet_then_it_counts_all_the_same(
    office: Office,
) -> None:
    give(office, 2 * USD)
    office.in_flight("req_1", amount=USD)
    credit = standing(office).credit
    assert (credit.left_nusd, credit.reserved_nusd) == (6 * USD, USD)
    assert credit.included_nusd == 5 * USD


def test_credit_when_the_plans_was_given_then_it_counts_once(office: Office) -> None:
    give(office, 5 * USD, source=f"plan:{office.team.id}:2026-11:free")
    credit = standing(office).credit
    assert (credit.left_nusd, credit.owed_nusd) == (5 * USD, 0)


def test_credit_when_it_expired_then_is_gone(office: Office) -> None:
    office.give("internal", "ours")
    give(office, USD, expires_at_us=office.now_us + 1_000_000)
    assert standing(office).credit.left_nusd == USD
    office.house.clock.advance(1)
    credit = standing(office).credit
    assert (credit.left_nusd, credit.included_nusd, credit.resets_at_us) == (0, 0, None)


def test_windows_when_they_turn_then_at_the_calendars_utc(office: Office) -> None:
    now = office.now.replace(month=12, day=31, hour=23, minute=59, second=59)
    midnight = to_us(now.replace(year=2027, month=1, day=1, hour=0, minute=0, second=0))
    turns = [window_end_us(period, to_us(now)) for period in Period]
    assert turns == [midnight] * 4
    assert window_end_us(None, to_us(now)) is None
    assert standing(office).credit.resets_at_us == to_us(office.now.replace(month=12, hour=0))
