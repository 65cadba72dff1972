"""Numbers of hours, days and months, and how they are written."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.kit.clock import to_us
from weft.ledger.usage.rollups.tiers import (
    FOLDED,
    Grain,
    Level,
    first_hour,
    hour_of,
    level_of,
    period_of,
    period_text,
    tier,
)

MOMENTS = st.integers(0, 13_569_465_600).map(lambda s: datetime.fromtimestamp(s, UTC))
FORMS = {Grain.HOUR: "%Y-%m-%dT%H:00Z", Grain.DAY: "%Y-%m-%d", Grain.MONTH: "%Y-%m"}


@given(MOMENTS, st.sampled_from(Grain))
def test_period_when_it_holds_a_moment_then_it_is_written_as_the_calendar_says(
    moment: datetime, grain: Grain
) -> None:
    hour = hour_of(to_us(moment))
    period = period_of(grain, hour)
    assert period_text(grain, period) == moment.strftime(FORMS[grain])
    assert first_hour(grain, period) <= hour < first_hour(grain, period + 1)


@pytest.mark.parametrize(
    ("grain", "length"),
    [(Grain.HOUR, timedelta(hours=1)), (Grain.DAY, timedelta(days=1))],
)
def test_period_when_the_next_begins_then_it_lasted_as_long_as_it_says(
    grain: Grain, length: timedelta
) -> None:
    hours = length // timedelta(hours=1)
    assert first_hour(grain, 20_001) - first_hour(grain, 20_000) == hours


def test_tiers_when_numbered_then_no_two_are_the_same() -> None:
    numbers = [tier(grain, level) for grain in Grain for level in Level]
    assert len(set(numbers)) == len(numbers) == 15
    assert (Grain.HOUR, Level.DETAIL) not in FOLDED


@pytest.mark.parametrize(
    ("columns", "level"),
    [
        ((), Level.ALL),
        (("model_id",), Level.ALL),
        (("team_id",), Level.TEAM),
        (("team_id", "model_id"), Level.TEAM),
        (("user_id",), Level.USER),
        (("user_id", "team_id"), Level.USER),
        (("user_id", "model_id"), Level.DETAIL),
        (("project_id",), Level.PROJECT),
        (("key_id",), Level.DETAIL),
    ],
)
def test_level_when_ids_are_needed_then_it_is_the_coarsest_that_holds_them(
    columns: tuple[str, ...], level: Level
) -> None:
    assert level_of(columns) is level
