from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from weft.engines.process.logs import LineSplitter, LogRing


def lines_of(*chunks: bytes, line_bytes: int = 100) -> list[str]:
    splitter = LineSplitter(line_bytes)
    lines = [line for chunk in chunks for line in splitter.feed(chunk)]
    return [*lines, *splitter.finish()]


def test_split_when_a_line_comes_in_pieces_then_it_is_whole() -> None:
    assert lines_of(b"one\ntw", b"o\r\nthr", b"ee") == ["one", "two", "three"]


def test_split_when_lines_are_empty_then_they_count() -> None:
    assert lines_of(b"\n\na\n") == ["", "", "a"]


def test_split_when_a_line_is_too_long_then_it_is_cut_and_the_next_one_is_whole() -> None:
    assert lines_of(b"x" * 300, b"x" * 300 + b"\nnext\n", line_bytes=10) == ["x" * 10, "next"]


def test_split_when_bytes_are_no_utf8_then_they_are_marked() -> None:
    assert lines_of(b"a\xffb\n") == ["a�b"]


@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=8))
def test_split_when_cut_anywhere_then_the_lines_are_the_same(data: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    chunks = [data[a:b] for a, b in pairwise(edges)]
    assert lines_of(*chunks) == lines_of(data)


def test_ring_when_full_then_the_oldest_lines_are_gone() -> None:
    ring = LogRing(lines=3)
    for number in range(10):
        ring.add(str(number))
    assert ring.tail() == ("7", "8", "9")
    assert ring.tail(1) == ("9",)
    assert ring.tail(0) == ()
