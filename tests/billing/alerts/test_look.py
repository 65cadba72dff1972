"""Which thresholds a team has reached, by the real ledger."""

import pytest

from billing.ledgers import USD, Books
from weft.billing.alerts.look import OLD_US, look_at, percents
from weft.billing.alerts.rules import default_rule
from weft.billing.alerts.types import AlertKind
from weft.billing.spend import month_sums, tally
from weft.billing.terms import Terms
from weft.kit.money import NanoUsd
from weft.ledger.accounts import GrantKind
from weft.limits.plans.types import CreditEnd, Plan
from weft.limits.types import Limit, LimitKind, LimitScope, Period

TEAM = "team_t"
PLAN = Plan("pro", "Pro", CreditEnd.OVERAGE, included_nusd=NanoUsd(0))
STEPS = (200, 450)
Found = tuple[AlertKind, int, str]


def cap(usd: int, period: Period) -> Limit:
    return Limit(LimitKind.SPEND, LimitScope.TEAM, TEAM, usd * USD, period)


def look(books: Books, *caps: Limit, month: str = "2026-11") -> list[Found]:
    while tally(books.database):
        pass
    with books.database.read() as connection:
        found = look_at(
            connection,
            TEAM,
            month,
            terms=Terms(PLAN, caps),
            rule=default_rule(STEPS),
            now_us=books.now_us(),
        )
    return [(one.kind, one.threshold, one.period) for one in found]


def test_credits_when_used_then_counted_from_what_the_month_had(books: Books) -> None:
    books.give(TEAM, 10 * USD)
    assert look(books) == []
    books.charge(TEAM, 5 * USD - 1)
    assert look(books) == []
    books.charge(TEAM, 1)
    assert look(books) == [(AlertKind.CREDITS, 50, "2026-11")]
    books.give(TEAM, 90 * USD, kind=GrantKind.PURCHASED)
    assert look(books) == []  # 5 of 100
    books.charge(TEAM, 94 * USD + 995_000_000)
    assert [found[1] for found in look(books)] == [50, 80, 100]  # less than a cent is left


def test_credits_when_the_month_turns_then_what_is_left_counts_anew(books: Books) -> None:
    books.give(TEAM, 10 * USD)
    books.charge(TEAM, 9 * USD)
    assert [found[1] for found in look(books)] == [50, 80]
    books.clock.advance(30 * 86_400)
    books.charge(TEAM, USD // 4)
    assert look(books, month="2026-12") == []
    books.charge(TEAM, USD // 4)
    assert look(books, month="2026-12") == [(AlertKind.CREDITS, 50, "2026-12")]


def test_caps_when_reached_then_each_in_its_own_window(books: Books) -> None:
    caps = (cap(10, Period.DAY), cap(20, Period.MONTH), cap(1000, Period.YEAR))
    books.charge(TEAM, 9 * USD)
    assert look(books, *caps) == [
        (AlertKind.CAP_DAY, 50, "2026-11-01"),
        (AlertKind.CAP_DAY, 80, "2026-11-01"),
    ]
    books.clock.advance(86_400)
    books.charge(TEAM, USD)
    assert look(books, *caps) == [(AlertKind.CAP_MONTH, 50, "2026-11")]
    books.charge(TEAM, 490 * USD)
    assert (AlertKind.CAP_YEAR, 50, "2026") in look(books, *caps)


def test_overage_when_steps_are_passed_then_each_is_found(books: Books) -> None:
    books.give(TEAM, 100 * USD)
    books.charge(TEAM, 300 * USD - 1)
    assert AlertKind.OVERAGE not in {found[0] for found in look(books)}
    books.charge(TEAM, 1)
    assert (AlertKind.OVERAGE, 200 * USD, "2026-11") in look(books)
    books.charge(TEAM, 250 * USD)
    steps = [found[1] for found in look(books) if found[0] is AlertKind.OVERAGE]
    assert steps == [200 * USD, 450 * USD]


def test_look_when_the_month_is_over_then_only_what_it_came_to(books: Books) -> None:
    books.give(TEAM, USD)
    books.charge(TEAM, 201 * USD)
    caps = (cap(201, Period.DAY), cap(201, Period.MONTH))
    books.clock.advance(30 * 86_400)
    found = {one[0] for one in look(books, *caps)}
    assert found == {AlertKind.OVERAGE, AlertKind.CAP_MONTH}
    books.clock.advance(OLD_US / 1_000_000)
    assert look(books, *caps) == []


@pytest.mark.parametrize(
    ("current", "maximum", "reached"),
    [
        (0, 100, []),
        (49, 100, []),
        (50, 100, [50]),
        (99, 100, [50, 80]),
        (100, 100, [50, 80, 100]),
        (5 * USD - 9_000_000, 5 * USD, [50, 80, 100]),
        (5 * USD - 10_000_000, 5 * USD, [50, 80]),
        (1, 0, [50, 80, 100]),
    ],
)
def test_percents_when_counted_then_exact(current: int, maximum: int, reached: list[int]) -> None:
    found = percents(AlertKind.CREDITS, "2026-11", default_rule(()), current, maximum, 1)
    assert [one.threshold for one in found] == reached


def test_tally_when_cut_into_parts_then_the_sums_are_the_same(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("weft.billing.spend.CHUNK", 2)
    books.give(TEAM, 10 * USD)
    for _ in range(5):
        books.charge(TEAM, 3 * USD)
    books.charge("team_other", NanoUsd(7))
    parts = 0
    while tally(books.database):
        parts += 1
    assert parts == 3
    assert not tally(books.database)
    with books.database.read() as connection:
        sums = month_sums(connection, TEAM, "2026-11")
        other = month_sums(connection, "team_other", "2026-11")
    assert (sums.burnt_nusd, sums.overage_nusd) == (10 * USD, 5 * USD)
    assert other.overage_nusd == 7
