from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.gateway import sse
from weft.gateway.sse import EventSplitter, EventTooLarge, data_of, event_of, split_events

STREAM = b'data: {"a":1}\n\n: keep-alive\n\ndata: {"b":"x\\n"}\n\nevent: e\ndata: 1\ndata: 2\n\ndata: [DONE]\n\n'
EVENTS = [part + b"\n\n" for part in STREAM[:-2].split(b"\n\n")]


@given(cuts=st.lists(st.integers(0, len(STREAM)), max_size=20))
def test_feed_when_cut_anywhere_then_gives_the_same_events(cuts: list[int]) -> None:
    splitter = EventSplitter()
    edges = [0, *sorted(cuts), len(STREAM)]
    events = [e for a, b in pairwise(edges) for e in split_events(splitter.feed(STREAM[a:b]))]
    assert events == EVENTS
    assert splitter.rest == b""


@pytest.mark.parametrize("ending", [b"\r\n", b"\r"])
@given(cuts=st.lists(st.integers(0, len(STREAM) + 12), max_size=20))
def test_feed_when_lines_end_in_cr_then_gives_the_same_events(
    ending: bytes, cuts: list[int]
) -> None:
    stream = STREAM.replace(b"\n", ending)
    splitter = EventSplitter()
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    events = [e for a, b in pairwise(edges) for e in split_events(splitter.feed(stream[a:b]))]
    if ending == b"\r":  # the last CR may still become a CRLF
        events += split_events(splitter.feed(b"\n"))[:1]
    assert [e for e in events if e != b"\n\n"] == EVENTS


def test_feed_when_an_event_never_ends_then_raises() -> None:
    splitter = EventSplitter()
    splitter.feed(b"x" * sse.MAX_EVENT_BYTES)
    with pytest.raises(EventTooLarge):
        splitter.feed(b"x")


@pytest.mark.parametrize(
    ("event", "data"),
    [
        (b"data: {}\n\n", b"{}"),
        (b"data:{}\n\n", b"{}"),
        (b"data:  x\n\n", b" x"),
        (b": comment\n\n", b""),
        (b"event: e\nid: 4\ndata: 1\ndata: 2\n\n", b"1\n2"),
        (b"data\n\n", b""),
    ],
)
def test_data_of_when_given_an_event_then_joins_its_data_lines(event: bytes, data: bytes) -> None:
    assert data_of(event) == data


def test_event_of_when_read_back_then_is_the_data() -> None:
    assert data_of(event_of(b'{"a": 1}')) == b'{"a": 1}'
