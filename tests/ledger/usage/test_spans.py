"""A span is put together from parts that hold each of its moments once, and nothing else."""

import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from weft.kit.clock import from_us, to_us
from weft.ledger.usage.rollups.tiers import (
    BASE,
    FOLDED,
    US_PER_HOUR,
    Grain,
    Level,
    first_hour,
    hour_of,
    tier,
)
from weft.ledger.usage.spans import Ask, Part, Rolled, Single, parts_of

START = datetime(2026, 1, 1, tzinfo=UTC)
START_HOUR = hour_of(to_us(START))
moments = st.integers(0, 100 * 86_400).map(lambda s: START + timedelta(seconds=s))
hours = st.integers(START_HOUR, START_HOUR + 100 * 24)


def covered(part: Part, folded: int) -> tuple[int, int]:
    """The microseconds that a part stands for: rolled periods hold nothing beyond what was folded."""
    if isinstance(part, Single):
        return part.since_us, part.until_us
    start, end = first_hour(part.grain, part.start), first_hour(part.grain, part.end)
    if (part.grain, part.level) != (Grain.HOUR, Level.DETAIL):
        end = min(end, folded)
    return start * US_PER_HOUR, end * US_PER_HOUR


@given(moments, moments, hours, st.sampled_from(Level), st.sampled_from(Grain))
def test_parts_when_put_together_then_each_moment_is_there_once(
    since: datetime, until: datetime, folded: int, level: Level, coarsest: Grain
) -> None:
    parts = parts_of(Ask(since, until, level, coarsest, folded))
    spans = sorted(covered(part, folded) for part in parts)
    assert all(start < end for start, end in spans)
    if since >= until:
        assert spans == []
        return
    assert [spans[0][0], spans[-1][1]] == [to_us(since), to_us(until)]
    assert all(before[1] == after[0] for before, after in itertools.pairwise(spans))
    assert sum(isinstance(part, Single) for part in parts) <= 2
    for part in parts:
        if isinstance(part, Rolled):
            assert part.grain <= coarsest
            kept = (part.grain, part.level) in FOLDED or tier(part.grain, part.level) == BASE
            assert kept, "there is no such tier"


@given(hours, st.sampled_from(Grain))
def test_parts_when_the_span_has_no_ends_then_all_is_there(folded: int, coarsest: Grain) -> None:
    parts = parts_of(Ask(None, None, Level.ALL, coarsest, folded))
    first, tail = parts
    assert isinstance(first, Rolled)
    assert covered(first, folded) == (0, folded * US_PER_HOUR)
    assert isinstance(tail, Rolled)
    assert (tail.start, tail.level) == (folded, Level.DETAIL)
    assert from_us(tail.end * US_PER_HOUR).year > 3000


def test_parts_when_a_year_was_asked_for_then_they_are_few() -> None:
    since, until = START + timedelta(days=14, seconds=5), START + timedelta(days=350, seconds=5)
    parts = parts_of(Ask(since, until, Level.TEAM, Grain.MONTH, START_HOUR + 365 * 24))
    rows = sum(part.end - part.start for part in parts if isinstance(part, Rolled))
    assert rows == 10 + (16 + 16) + 23, "months, days at both ends, hours of the first day"
