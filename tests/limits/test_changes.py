"""Plans and limits change: what is kept, who may, and that every process hears of it."""

import pytest
from sqlalchemy import Connection, text

from limits.setting import OWNER, ROOT, USD, Office
from weft.identity.generation import read_generation
from weft.identity.names import NoSuchThing
from weft.identity.teams import find_team
from weft.kit.errors import InvalidRequest, NotPermitted
from weft.limits.changes import LimitTooHigh
from weft.limits.plans.load import InvalidPlan, NoSuchPlan
from weft.limits.plans.store import get_team_plan, list_changes, list_team_plans
from weft.limits.rules import COMBINATIONS, InvalidLimit, Setter
from weft.limits.store import find_limits, list_limits
from weft.limits.types import LimitKind, LimitScope, Period

VALID = [
    (kind, scope, period)
    for kind, (scopes, periods) in COMBINATIONS.items()
    for scope in scopes
    for period in periods
]


def versions(connection: Connection) -> tuple[int, int]:
    head = connection.execute(text("SELECT version FROM ledger_head")).scalar_one()
    return read_generation(connection), head


def seen(office: Office) -> tuple[int, int]:
    with office.database.read() as connection:
        return versions(connection)


def in_force(office: Office) -> list[tuple[int, str]]:
    ids = [subject.id for subject in office.everybody()]
    with office.database.read() as connection:
        return sorted((row.rule.max, row.set_by) for row in find_limits(connection, ids))


@pytest.mark.parametrize(("kind", "scope", "period"), VALID)
def test_set_limit_when_there_is_such_a_limit_then_it_is_in_force(
    office: Office, kind: LimitKind, scope: LimitScope, period: Period | None
) -> None:
    model = "m/a" if scope is LimitScope.PROJECT_MODEL else ""
    made = office.set(scope, kind, 3, period=period, model=model)
    assert in_force(office) == [(3, "root")]
    assert (made.reason, made.set_at_us) == ("asked for", office.now_us)


@pytest.mark.parametrize(
    ("kind", "scope", "period", "model", "most", "param"),
    [
        (LimitKind.CREDITS, LimitScope.TEAM, None, "", 1, "kind"),
        (LimitKind.CONCURRENCY, LimitScope.TEAM, None, "", 1, "scope"),
        (LimitKind.CONCURRENCY, LimitScope.KEY, None, "", 1, "scope"),
        (LimitKind.REQUESTS, LimitScope.TEAM, Period.MINUTE, "", 1, "scope"),
        (LimitKind.REQUESTS, LimitScope.USER, Period.DAY, "", 1, "period"),
        (LimitKind.REQUESTS, LimitScope.USER, None, "", 1, "period"),
        (LimitKind.SPEND, LimitScope.TEAM, Period.MINUTE, "", 1, "period"),
        (LimitKind.SPEND, LimitScope.PROJECT, Period.DAY, "m/a", 1, "model"),
        (LimitKind.CONCURRENCY, LimitScope.PROJECT, None, "m/a", 1, "model"),
        (LimitKind.CONCURRENCY, LimitScope.PROJECT_MODEL, None, "", 1, "model"),
        (LimitKind.CONCURRENCY, LimitScope.PROJECT_MODEL, None, "m" * 257, 1, "model"),
        (LimitKind.CONCURRENCY, LimitScope.USER, None, "", -1, "max"),
        (LimitKind.SPEND, LimitScope.TEAM, Period.DAY, "", 10**18 + 1, "max"),
    ],
)
def test_set_limit_when_there_is_no_such_limit_then_names_what_is_wrong(
    office: Office,
    kind: LimitKind,
    scope: LimitScope,
    period: Period | None,
    model: str,
    most: int,
    param: str,
) -> None:
    before = seen(office)
    with pytest.raises(InvalidLimit) as caught:
        office.set(scope, kind, most, period=period, model=model)
    assert caught.value.param == param
    assert (in_force(office), seen(office)) == ([], before)


def test_set_limit_when_there_was_one_then_it_ends_and_its_row_stays(office: Office) -> None:
    spend = (LimitScope.PROJECT, LimitKind.SPEND)
    first = office.set(*spend, 5 * USD, period=Period.DAY)
    office.house.clock.advance(60)
    second = office.set(*spend, 6 * USD, period=Period.DAY)
    with office.database.read() as connection:
        newest, oldest = list_limits(connection, [office.project.id], history=True)
    assert (newest, oldest.id, oldest.rule) == (second, first.id, first.rule)
    assert (oldest.ended_at_us, oldest.ended_by) == (office.now_us, "root")
    assert oldest.end_reason == "replaced"
    assert in_force(office) == [(6 * USD, "root")]


def test_set_limit_when_windows_differ_then_both_hold(office: Office) -> None:
    for period in (Period.DAY, Period.MONTH, Period.YEAR):
        office.set(LimitScope.PROJECT, LimitKind.SPEND, USD, period=period)
    assert len(in_force(office)) == 3


def test_change_when_made_then_generation_and_version_are_new(office: Office) -> None:
    made = office.set(LimitScope.USER, LimitKind.CONCURRENCY, 1)
    stamps = [seen(office)]
    office.end(made.id)
    stamps.append(seen(office))
    office.give("pro")
    stamps.append(seen(office))
    office.change("pro", '{"weight": 2}')
    stamps.append(seen(office))
    assert len({generation for generation, _ in stamps}) == 4
    assert len({version for _, version in stamps}) == 4


def test_cap_when_raised_above_the_plans_then_a_reason_is_needed_and_kept(office: Office) -> None:
    spend = (LimitScope.TEAM, LimitKind.SPEND)
    with pytest.raises(InvalidLimit, match="above the plan's needs a reason"):
        office.set(*spend, 101 * USD, period=Period.MONTH, reason=" ")
    office.set(*spend, 99 * USD, period=Period.MONTH, reason="")
    made = office.set(*spend, 101 * USD, period=Period.MONTH, reason="launch week")
    assert made.reason == "launch week"


def test_user_when_raised_above_the_plan_of_their_team_then_a_reason_is_needed(
    office: Office,
) -> None:
    with pytest.raises(InvalidLimit, match="reason"):
        office.set(LimitScope.USER, LimitKind.CONCURRENCY, 2001, reason="")


@pytest.mark.parametrize("reason", ["x" * 501, "two\nlines"])
def test_reason_when_it_is_no_short_line_then_it_is_refused(office: Office, reason: str) -> None:
    with pytest.raises(InvalidLimit, match="one line"):
        office.set(LimitScope.USER, LimitKind.CONCURRENCY, 1, reason=reason)


def test_team_admin_when_the_limit_is_lower_than_the_plans_then_it_holds(office: Office) -> None:
    office.set(LimitScope.TEAM, LimitKind.SPEND, 10 * USD, period=Period.MONTH, by=OWNER)
    assert in_force(office) == [(10 * USD, "olga")]


def test_team_admin_when_the_limit_is_higher_than_the_plans_then_it_is_refused(
    office: Office,
) -> None:
    with pytest.raises(LimitTooHigh, match="may only set a lower one"):
        office.set(LimitScope.TEAM, LimitKind.SPEND, 101 * USD, period=Period.MONTH, by=OWNER)


def test_team_admin_when_the_server_set_another_then_that_is_the_most(office: Office) -> None:
    spend = (LimitScope.TEAM, LimitKind.SPEND)
    office.set(*spend, 50 * USD, period=Period.MONTH)
    with pytest.raises(LimitTooHigh):
        office.set(*spend, 60 * USD, period=Period.MONTH, by=OWNER)
    office.set(*spend, 500 * USD, period=Period.MONTH)
    office.set(*spend, 60 * USD, period=Period.MONTH, by=OWNER)
    assert in_force(office) == [(60 * USD, "olga"), (500 * USD, "root")]


@pytest.mark.parametrize("scope", [LimitScope.PROJECT, LimitScope.KEY])
def test_team_admin_when_it_is_of_the_team_alone_then_may_set_it(
    office: Office, scope: LimitScope
) -> None:
    office.set(scope, LimitKind.REQUESTS, 10, period=Period.MINUTE, by=OWNER)
    assert in_force(office) == [(10, "olga")]


def test_team_admin_when_it_is_a_user_then_may_not(office: Office) -> None:
    with pytest.raises(NotPermitted, match="several teams"):
        office.set(LimitScope.USER, LimitKind.REQUESTS, 10, period=Period.MINUTE, by=OWNER)


def test_team_admin_when_the_server_set_it_then_cannot_end_it(office: Office) -> None:
    made = office.set(LimitScope.PROJECT, LimitKind.CONCURRENCY, 5)
    with pytest.raises(NotPermitted, match="admin of the server set"):
        office.end(made.id, OWNER)
    ended = office.end(made.id, Setter("root", ROOT.authority, "grown"))
    assert (ended.ended_by, ended.end_reason) == ("root", "grown")
    assert in_force(office) == []


def test_end_when_it_ended_before_then_there_is_no_such_limit(office: Office) -> None:
    made = office.set(LimitScope.PROJECT, LimitKind.CONCURRENCY, 5)
    office.end(made.id)
    for limit_id in (made.id, "limit_0"):
        with pytest.raises(NoSuchThing, match="is in force"):
            office.end(limit_id)


def test_models_when_a_project_has_very_many_limits_then_no_more(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("weft.limits.changes.MAX_MODELS", 2)
    for model in ("m/a", "m/b"):
        office.set(LimitScope.PROJECT_MODEL, LimitKind.CONCURRENCY, 1, model=model)
    office.set(LimitScope.PROJECT_MODEL, LimitKind.CONCURRENCY, 2, model="m/a")
    with pytest.raises(InvalidLimit, match="at most 2"):
        office.set(LimitScope.PROJECT_MODEL, LimitKind.CONCURRENCY, 1, model="m/c")


def test_team_plan_when_given_then_history_says_who_and_why(office: Office) -> None:
    office.give("pro", "signed")
    office.house.clock.advance(60)
    office.give("free", "cancelled")
    with office.database.read() as connection:
        plan = get_team_plan(connection, office.plans, office.team.id, "internal")
        newest, oldest = list_team_plans(connection, office.team.id)
        others = get_team_plan(connection, office.plans, "team_other", "internal")
        in_force_now = list_team_plans(connection)
    assert (plan.name, others.name) == ("free", "internal")
    assert (newest.plan, newest.reason, newest.ended_at_us) == ("free", "cancelled", None)
    assert (oldest.plan, oldest.set_by, oldest.ended_at_us) == ("pro", "root", newest.set_at_us)
    assert in_force_now == [newest]


def test_team_plan_when_there_is_no_reason_or_no_such_plan_then_nothing_changes(
    office: Office,
) -> None:
    with pytest.raises(InvalidLimit, match="another plan needs a reason"):
        office.give("pro", "")
    with pytest.raises(NoSuchPlan):
        office.give("platinum")
    with office.database.read() as connection:
        assert list_team_plans(connection, office.team.id) == []


def test_team_plan_when_it_is_a_personal_entity_then_there_is_none(office: Office) -> None:
    with office.database.read() as connection:
        personal = find_team(connection, "ada")
    assert personal is not None
    office.team = personal
    with pytest.raises(InvalidRequest, match="personal entity"):
        office.give("pro")


def test_plan_when_changed_then_teams_have_it_and_history_is_kept(office: Office) -> None:
    office.give("pro")
    office.change("pro", '{"cap_usd": "10"}')
    office.house.clock.advance(60)
    office.change("pro", "{}", reason="back")
    with office.database.read() as connection:
        newest, oldest = list_changes(connection, "pro")
        plan = get_team_plan(connection, office.plans, office.team.id, "free")
    assert plan.cap_nusd == 6_000 * USD
    assert (oldest.changes, oldest.reason) == ('{"cap_usd": "10"}', "new prices")
    assert (newest.reason, oldest.ended_at_us) == ("back", newest.set_at_us)


def test_plan_when_the_change_is_wrong_then_it_is_not_made(office: Office) -> None:
    with pytest.raises(InvalidPlan):
        office.change("pro", '{"cap": "10"}')
    with pytest.raises(InvalidRequest, match="longer than"):
        office.change("pro", '{"label": "%s"}' % ("x" * 5000))
    with pytest.raises(InvalidLimit, match="needs a reason"):
        office.change("pro", "{}", reason="")
    with office.database.read() as connection:
        assert list_changes(connection, "pro") == []


def test_changes_when_merged_then_later_keys_win(office: Office) -> None:
    office.change("pro", '{"weight": 2, "concurrency": {"user": 1}}')
    with office.database.read() as connection:
        merged = office.changes.merged_changes(connection, "pro", '{"concurrency": {"project": 3}}')
    assert merged == '{"weight":2,"concurrency":{"user":1,"project":3}}'
