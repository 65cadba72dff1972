"""Tokens become text in whole characters, and none of a stop text gets out."""

from collections.abc import Sequence

import pytest

from weft.engines.kinds.openvino.text import PIECE_CHARS, Speller, Vocabulary, pieces_of

TABLE = {
    b"Hello": 0,
    b" wor": 1,
    b"ld": 2,
    "🧵".encode()[:2]: 3,
    "🧵".encode()[2:]: 4,
    b"<|end|>": 5,
    b" STO": 6,
    b"P now": 7,
}
BACK = {number: text for text, number in TABLE.items()}


def decode(tokens: Sequence[int], *, skip_special_tokens: bool) -> str:
    kept = [token for token in tokens if not (skip_special_tokens and token == 5)]
    return b"".join(BACK[token] for token in kept).decode(errors="replace")


def speller(*stops: str, keeps_markers: bool = False) -> Speller:
    return Speller(Vocabulary(TABLE, decode), keeps_markers=keeps_markers, stops=stops)


def test_speller_when_a_character_comes_in_two_tokens_then_it_is_said_once_whole() -> None:
    spelled = speller()
    assert [spelled.feed([token]) for token in (0, 3, 4)] == ["Hello", "", "🧵"]
    assert spelled.finish() == ""


def test_speller_when_a_character_stays_broken_then_it_is_replaced_at_the_end() -> None:
    spelled = speller()
    assert spelled.feed([0, 3]) == "Hello"
    assert spelled.finish() == "\ufffd"


def test_speller_when_a_token_is_a_marker_then_it_is_text_only_for_who_wants_it() -> None:
    assert speller().feed([0, 5]) == "Hello"
    assert speller(keeps_markers=True).feed([0, 5]) == "Hello<|end|>"


def test_speller_when_a_stop_comes_in_two_tokens_then_nothing_of_it_gets_out() -> None:
    spelled = speller("STOP")
    assert [spelled.feed([token]) for token in (0, 6, 7, 1)] == ["Hello", " ", "", ""]
    assert spelled.is_stopped
    assert spelled.finish() == ""


def test_speller_when_what_was_held_back_is_no_stop_then_it_is_said() -> None:
    spelled = speller("STOPPED")
    assert "".join([*(spelled.feed([token]) for token in (6, 7)), spelled.finish()]) == " STOP now"
    last = speller("worlds")
    assert last.feed([1, 2]) + last.finish() == " world"


def test_vocabulary_when_it_spells_as_the_library_does_then_they_agree() -> None:
    assert Vocabulary(TABLE, decode).agrees([0, 1, 2, 3, 4])


def test_vocabulary_when_it_is_sentencepiece_s_then_blanks_and_bytes_are_understood() -> None:
    table = {"▁Hello".encode(): 0, "▁wor".encode(): 1, b"ld": 2, b"<0x0A>": 3}

    def decoded(tokens: Sequence[int], *, skip_special_tokens: bool) -> str:
        return "".join([" Hello", " wor", "ld", "\n"][token] for token in tokens)[1:]

    vocabulary = Vocabulary(table, decoded)
    assert vocabulary.agrees([0, 1, 2, 3])
    assert vocabulary.bytes_of(1) == b" wor"


def test_vocabulary_when_it_spells_otherwise_then_that_is_seen() -> None:
    def decoded(tokens: Sequence[int], *, skip_special_tokens: bool) -> str:
        return "something else"

    assert not Vocabulary(TABLE, decoded).agrees([0])


@pytest.mark.parametrize("text", ["word " * 3000, "x" * 5000, "line\n" * 2000, "", "short"])
def test_pieces_when_joined_then_they_are_the_text_and_each_is_short(text: str) -> None:
    pieces = list(pieces_of(text))
    assert "".join(pieces) == text
    assert all(len(piece) <= PIECE_CHARS for piece in pieces)


def test_pieces_when_there_are_words_then_each_begins_with_the_blank_before_one() -> None:
    _, *others = pieces_of("word " * 3000)
    assert all(piece.startswith(" w") for piece in others)
