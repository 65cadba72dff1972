from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.cli.output import moment, read_expiry, read_project_name
from weft.kit.errors import InvalidRequest

NOW = datetime(2026, 11, 1, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("30d", timedelta(days=30)),
        ("12h", timedelta(hours=12)),
        ("90m", timedelta(minutes=90)),
        ("4w", timedelta(weeks=4)),
        ("3653d", timedelta(days=3653)),
    ],
)
def test_expiry_when_a_span_then_is_that_far_away(text: str, wait: timedelta) -> None:
    assert read_expiry(text, NOW) == NOW + wait


def test_expiry_when_a_day_then_is_its_beginning_in_utc() -> None:
    assert read_expiry("2027-01-31", NOW) == datetime(2027, 1, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "0d", "-1d", "30", "30y", "3654d", "999999999w", "2027-02-30", "soon", "1.5h"]
)
def test_expiry_when_it_is_none_then_says_how_to_write_one(text: str) -> None:
    with pytest.raises(InvalidRequest, match="30d"):
        read_expiry(text, NOW)


@given(st.text(max_size=30))
def test_expiry_when_any_text_then_is_a_moment_or_refused(text: str) -> None:
    try:
        at = read_expiry(text, NOW)
    except InvalidRequest:
        return
    assert at.tzinfo is UTC


def test_project_name_when_whole_or_with_a_team_then_is_split() -> None:
    assert read_project_name("red/one") == ("red", "one")
    assert read_project_name("one", "red") == ("red", "one")
    assert read_project_name("red/one", "red") == ("red", "one")


@pytest.mark.parametrize(
    ("text", "team"),
    [("one", None), ("", "red"), ("/one", None), ("red/", None), ("a/b/c", None), ("a/b", "c")],
)
def test_project_name_when_it_is_none_then_is_refused(text: str, team: str | None) -> None:
    with pytest.raises(InvalidRequest, match="team/project"):
        read_project_name(text, team)


def test_moment_when_shown_then_is_utc_to_the_minute() -> None:
    assert moment(NOW) == "2026-11-01 12:30"
    assert moment(None) == "never"
