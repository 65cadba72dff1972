"""Errors in the console's words."""

from weft.engines.adding.words import MOST_CHARS, in_console_words
from weft.kit.errors import CannotStart


def test_words_when_the_command_line_says_a_flag_then_the_console_says_a_field() -> None:
    gated = CannotStart(
        "acme/x is gated",
        remedy="accept it, and give the token with --token, WEFT_HUB_TOKEN or HF_TOKEN",
    )
    told = in_console_words(gated)
    assert told.message == "acme/x is gated"
    assert told.remedy == (
        "accept it, and give the token as the access token here, or as the setting WEFT_HUB_TOKEN"
    )
    many = CannotStart("it holds 3 models", remedy="choose one with --quantization")
    assert "--" not in in_console_words(many).remedy


def test_words_when_an_error_is_long_then_it_is_cut() -> None:
    assert len(in_console_words(CannotStart("x" * 5000)).message) == MOST_CHARS
