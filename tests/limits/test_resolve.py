"""What applies to a caller, against a model that tries every combination one after the other."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.identity.types import TeamId
from weft.kit.money import NanoUsd
from weft.limits.plans.load import load_plans
from weft.limits.plans.types import CreditEnd, Plan
from weft.limits.resolve import resolve
from weft.limits.rules import COMBINATIONS, Authority, Rule, SetLimit, Subject
from weft.limits.types import LimitKind, LimitScope, Period

TEAM = TeamId("team_1")
SUBJECTS = (
    Subject(LimitScope.KEY, "key_1"),
    Subject(LimitScope.USER, "user_1", "ada"),
    Subject(LimitScope.PROJECT, "proj_1", "acme/web", TEAM),
    Subject(LimitScope.TEAM, TEAM, "acme", TEAM),
)
IDS = {subject.scope: subject.id for subject in SUBJECTS} | {LimitScope.PROJECT_MODEL: "proj_1"}
MODELS = ("m/a", "m/b")
SLOTS = [
    (kind, scope, period, model)
    for kind, (scopes, periods) in COMBINATIONS.items()
    for scope in scopes
    for period in periods
    for model in (MODELS if scope is LimitScope.PROJECT_MODEL else ("",))
]
Slot = tuple[LimitKind, LimitScope, Period | None, str]


@dataclass
class World:
    """What every authority says of each slot."""

    plan: Plan
    server: dict[Slot, int]
    team: dict[Slot, int]

    def rows(self) -> list[SetLimit]:
        return [
            row(slot, most, authority)
            for authority, said in ((Authority.TEAM, self.team), (Authority.SERVER, self.server))
            for slot, most in said.items()
        ]

    def expected(self, slot: Slot, asked_model: str) -> int | None:
        kind, scope, period, model = slot
        if model not in {"", asked_model}:
            return None
        base = self.server.get(slot, self._plan(kind, scope, period))
        own = self.team.get(slot)
        if base is None or own is None:
            return own if base is None else base
        return min(base, own)

    def _plan(self, kind: LimitKind, scope: LimitScope, period: Period | None) -> int | None:
        if kind is LimitKind.SPEND:
            is_cap = scope is LimitScope.TEAM and period is self.plan.cap_period
            return self.plan.cap_nusd if is_cap else None
        return self.plan.counts.get((kind, scope))


def row(slot: Slot, most: int, authority: Authority, scope_id: str = "") -> SetLimit:
    kind, scope, period, model = slot
    return SetLimit(
        id=f"limit_{authority}_{kind}_{scope}_{period}_{model}",
        authority=authority,
        rule=Rule(kind, scope, scope_id or IDS[scope], period, model, most),
        reason="",
        set_by=f"by {authority}",
        set_at_us=1,
        ended_at_us=None,
        ended_by="",
        end_reason="",
    )


AMOUNTS = st.integers(0, 6)
SAID = st.dictionaries(st.sampled_from(SLOTS), AMOUNTS, max_size=12)
COUNTED = [(kind, scope) for kind, scope, period, _ in SLOTS if period in {None, Period.MINUTE}]
PLANS = st.builds(
    Plan,
    name=st.just("p"),
    label=st.just("P"),
    when_credit_ends=st.sampled_from(CreditEnd),
    included_nusd=AMOUNTS.map(NanoUsd),
    cap_nusd=st.none() | AMOUNTS.map(NanoUsd),
    cap_period=st.sampled_from([Period.DAY, Period.MONTH, Period.YEAR]),
    counts=st.dictionaries(st.sampled_from(COUNTED), AMOUNTS),
    weight=st.integers(1, 9),
)


@given(world=st.builds(World, PLANS, SAID, SAID), model=st.sampled_from(MODELS))
def test_resolve_when_all_have_their_say_then_is_what_the_model_says(
    world: World, model: str
) -> None:
    allowance = resolve(world.plan, world.rows(), SUBJECTS, model)
    found = {(one.kind, one.scope, one.period, one.model_id): one.max for one in allowance.limits}
    assert len(found) == len(allowance.limits)
    expected = {slot: world.expected(slot, model) for slot in SLOTS}
    assert found == {slot: most for slot, most in expected.items() if most is not None}
    assert all(limit.scope_id == IDS[limit.scope] for limit in allowance.limits)


@given(world=st.builds(World, PLANS, SAID, SAID))
def test_resolve_when_a_team_sets_limits_then_they_never_allow_more(world: World) -> None:
    before = _figures(World(world.plan, world.server, {}))
    after = _figures(world)
    assert set(before) <= set(after)
    assert all(after[slot] <= most for slot, most in before.items())


def _figures(world: World) -> dict[Slot, int]:
    limits = resolve(world.plan, world.rows(), SUBJECTS, "m/a").limits
    return {(one.kind, one.scope, one.period, one.model_id): one.max for one in limits}


@given(world=st.builds(World, PLANS, SAID, SAID))
def test_resolve_when_there_are_many_then_the_cheapest_to_explain_come_first(world: World) -> None:
    kinds = [limit.kind for limit in resolve(world.plan, world.rows(), SUBJECTS, "m/a").limits]
    order = [LimitKind.CONCURRENCY, LimitKind.REQUESTS, LimitKind.TOKENS, LimitKind.SPEND]
    assert kinds == sorted(kinds, key=order.index)


def test_resolve_when_rows_are_for_others_then_they_are_passed_over() -> None:
    slot = (LimitKind.CONCURRENCY, LimitScope.USER, None, "")
    internal = load_plans().get("internal")
    others = [row(slot, 0, Authority.SERVER, scope_id="user_2")]
    assert resolve(internal, others, SUBJECTS, "m/a").limits == ()


def test_resolve_when_no_model_is_asked_about_then_lists_those_that_were_set() -> None:
    slots = [(LimitKind.CONCURRENCY, LimitScope.PROJECT_MODEL, None, model) for model in MODELS]
    rows = [row(slot, 1, Authority.SERVER) for slot in slots]
    limits = resolve(load_plans().get("internal"), rows, SUBJECTS, None).limits
    assert [limit.model_id for limit in limits] == list(MODELS)


def test_resolve_when_the_plan_ships_then_names_people_know_and_who_set_it() -> None:
    allowance = resolve(load_plans().get("free"), (), SUBJECTS, "m/a")
    assert [(limit.kind, limit.name, limit.set_by) for limit in allowance.limits] == [
        (LimitKind.CONCURRENCY, "ada", "plan free"),
        (LimitKind.CONCURRENCY, "acme/web", "plan free"),
        (LimitKind.REQUESTS, "ada", "plan free"),
        (LimitKind.TOKENS, "ada", "plan free"),
        (LimitKind.SPEND, "acme", "plan free"),
    ]
    assert allowance.prepaid
    assert allowance.team == "acme"
    assert allowance.credit is not None
    assert allowance.credit.amount_nusd == 5_000_000_000


@pytest.mark.parametrize(("name", "weight"), [("free", 1), ("pro", 4), ("enterprise", 8)])
def test_resolve_when_the_plan_has_a_weight_then_it_is_the_queues(name: str, weight: int) -> None:
    assert resolve(load_plans().get(name), (), SUBJECTS, "m/a").weight == weight
