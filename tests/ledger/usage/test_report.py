"""The words of a report."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.kit.errors import InvalidRequest
from weft.ledger.usage.report import UsageRow, parse_moment, total
from weft.ledger.usage.rollups.tiers import FIGURES

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("7d", NOW - timedelta(days=7)),
        ("12h", NOW - timedelta(hours=12)),
        ("30m", NOW - timedelta(minutes=30)),
        ("2w", NOW - timedelta(days=14)),
        ("2026-11-01", datetime(2026, 11, 1, tzinfo=UTC)),
        ("2026-11-01T15:00", datetime(2026, 11, 1, 15, tzinfo=UTC)),
        ("2026-11-01T15:00Z", datetime(2026, 11, 1, 15, tzinfo=UTC)),
        ("2026-11-01T15:00+02:00", datetime(2026, 11, 1, 13, tzinfo=UTC)),
    ],
)
def test_parse_when_it_is_a_moment_then_it_is_read(text: str, moment: datetime) -> None:
    assert parse_moment(text, NOW) == moment


@pytest.mark.parametrize("text", ["", "yesterday", "7y", "-7d", "2026-13-01", "999999d", "٣d"])
def test_parse_when_it_is_none_then_the_forms_are_named(text: str) -> None:
    with pytest.raises(InvalidRequest, match="write 7d, 12h, 2026-11-01"):
        parse_moment(text, NOW)


@given(st.text(max_size=30))
def test_parse_when_it_is_any_text_then_it_is_a_moment_in_utc_or_refused(text: str) -> None:
    try:
        moment = parse_moment(text, NOW)
    except InvalidRequest:
        return
    assert moment.tzinfo is not None


@given(
    st.lists(
        st.builds(UsageRow, st.text(), st.text(), *[st.integers(0, 10**15)] * len(FIGURES)),
    )
)
def test_total_when_rows_are_split_then_it_is_the_same(rows: list[UsageRow]) -> None:
    half = len(rows) // 2
    assert total(rows) == total([total(rows[:half]), total(rows[half:])])
    assert total(rows).requests == sum(row.requests for row in rows)
    assert total(rows).cost_nusd == sum(row.cost_nusd for row in rows)
