import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.identity.names import (
    RESERVED,
    InvalidName,
    check_email,
    check_entity_name,
    check_label,
    check_name,
    is_name,
)


@pytest.mark.parametrize("name", ["a", "A1", "my-team", "x" * 128, "0.1_2-3"])
def test_name_when_plain_then_is_accepted(name: str) -> None:
    assert check_name("project", name) == name


@pytest.mark.parametrize(
    "name",
    ["", ".hidden", "-x", "_x", "a/b", "a b", "x" * 129, "ä", "a\n", "a\0", "..", "'; DROP"],
)
def test_name_when_odd_then_is_refused_and_shown_bounded(name: str) -> None:
    with pytest.raises(InvalidName) as caught:
        check_name("project", name)
    assert caught.value.param == "project"
    assert len(caught.value.message) < 250
    assert caught.value.message.isprintable()


@given(st.text(max_size=200))
def test_name_when_accepted_then_needs_no_escape_in_a_url(name: str) -> None:
    if is_name(name):
        assert name.isascii()
        assert not set(name) & set("/?#%&=+ \\\"'<>")


@pytest.mark.parametrize("name", [*sorted(RESERVED), "API", "V1"])
def test_entity_name_when_the_server_uses_it_then_is_refused(name: str) -> None:
    with pytest.raises(InvalidName):
        check_entity_name("team", name)


def test_label_when_it_would_break_a_line_then_is_refused() -> None:
    assert check_label("key name", "my laptop ☕") == "my laptop ☕"
    for label in ("a\nb", "\x1b[31m", "x" * 129):
        with pytest.raises(InvalidName):
            check_label("key name", label)


def test_email_when_empty_or_plausible_then_is_accepted() -> None:
    assert check_email("") == ""
    assert check_email("ada@example.com") == "ada@example.com"
    for email in ("ada", "a b@c", "@x", "a@" + "x" * 254):
        with pytest.raises(InvalidName):
            check_email(email)
