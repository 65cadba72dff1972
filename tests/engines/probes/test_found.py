"""What is in force: a claim, less what the last probe that could tell turned off."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.catalog.badges.types import BadgeState, Feature, claims, without
from weft.catalog.types import Capabilities, ReasoningPolicy
from weft.engines.probes.found import Found
from weft.engines.probes.types import Outcome, Verdict

START = datetime(2026, 11, 1, tzinfo=UTC)

capabilities = st.builds(
    Capabilities,
    streaming=st.booleans(),
    tools=st.booleans(),
    json_mode=st.booleans(),
    json_schema=st.booleans(),
    logprobs=st.booleans(),
    vision=st.booleans(),
    reasoning=st.sampled_from(ReasoningPolicy),
)
steps = st.lists(st.tuples(st.sampled_from(Feature), st.sampled_from(Outcome)), max_size=40)


def a_verdict(feature: Feature, outcome: Outcome, minute: int = 0) -> Verdict:
    return Verdict(feature, outcome, "because", START + timedelta(minutes=minute), 1)


def after(history: list[tuple[Feature, Outcome]], claimed: Capabilities) -> Found:
    found = Found()
    for minute, (feature, outcome) in enumerate(history):
        found.take([a_verdict(feature, outcome, minute)], claimed)
    return found


@given(history=steps, claimed=capabilities)
def test_in_force_when_unknown_verdicts_are_left_out_then_it_is_the_same(
    history: list[tuple[Feature, Outcome]], claimed: Capabilities
) -> None:
    told = [step for step in history if step[1] is not Outcome.UNKNOWN]
    with_unknown, without_unknown = after(history, claimed), after(told, claimed)
    assert with_unknown.in_force(claimed) == without_unknown.in_force(claimed)
    assert with_unknown.off.keys() == without_unknown.off.keys()
    states = [
        {b.feature: b.state for b in f.badges(claimed)} for f in (with_unknown, without_unknown)
    ]
    assert states[0] == states[1]


@given(history=steps, claimed=capabilities)
def test_in_force_when_probed_then_it_is_what_the_last_settled_verdict_leaves(
    history: list[tuple[Feature, Outcome]], claimed: Capabilities
) -> None:
    last = {feature: outcome for feature, outcome in history if outcome is not Outcome.UNKNOWN}
    off = {feature for feature, outcome in last.items() if outcome is not Outcome.PASSED}
    found = after(history, claimed)
    assert found.in_force(claimed) == without(claimed, off)
    assert found.off.keys() == {feature for feature in off if claims(claimed, feature)}
    for badge in found.badges(claimed):
        passed = last.get(badge.feature) is Outcome.PASSED
        assert (badge.state in {BadgeState.WORKS, BadgeState.ALSO_WORKS}) == passed
        assert (badge.state is BadgeState.BROKEN) == (badge.feature in found.off)


@pytest.mark.parametrize(
    ("outcome", "is_claimed", "state"),
    [
        (None, True, BadgeState.UNKNOWN),
        (None, False, BadgeState.ABSENT),
        (Outcome.PASSED, True, BadgeState.WORKS),
        (Outcome.PASSED, False, BadgeState.ALSO_WORKS),
        (Outcome.FAILED, True, BadgeState.BROKEN),
        (Outcome.UNSUPPORTED, True, BadgeState.BROKEN),
        (Outcome.FAILED, False, BadgeState.ABSENT),
        (Outcome.UNKNOWN, True, BadgeState.UNKNOWN),
        (Outcome.UNKNOWN, False, BadgeState.ABSENT),
    ],
)
def test_badge_when_claim_and_finding_meet_then_it_says_both(
    outcome: Outcome | None, is_claimed: bool, state: BadgeState
) -> None:
    claimed, found = Capabilities(tools=is_claimed), Found()
    if outcome is not None:
        found.take([a_verdict(Feature.TOOLS, outcome)], claimed)
    (badge,) = (badge for badge in found.badges(claimed) if badge.feature is Feature.TOOLS)
    assert badge.state is state
    assert (badge.checked_at is None) == (outcome is None)


def test_found_when_nothing_is_off_then_the_door_has_nothing_to_look_at() -> None:
    found = Found()
    found.take([a_verdict(f, Outcome.PASSED) for f in Feature], Capabilities(tools=True))
    assert not found.off
    found.take([a_verdict(Feature.VISION, Outcome.UNSUPPORTED)], Capabilities(tools=True))
    assert not found.off
    found.take([a_verdict(Feature.TOOLS, Outcome.FAILED)], Capabilities(tools=True))
    assert list(found.off) == [Feature.TOOLS]
