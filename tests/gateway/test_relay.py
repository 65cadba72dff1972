"""The relay that touches as little as it can: what it hands on, however the engine's bytes arrive."""

import pytest

from weft.gateway.meter import Meter
from weft.gateway.relay import Gather, PassRelay, Relay, RewriteRelay, StreamBroken
from weft.gateway.wire.rewrite import Imprint

FIRST = b'data: {"choices":[{"delta":{"role":"assistant","content":""}}]}\n\n'
ONE = b'data: {"choices":[{"delta":{"content":"one "}}]}\n\n'
TWO = b'data: {"choices":[{"delta":{"content":"two"}}]}\n\n'
ERROR = b'data: {"error":{"message":"no more"}}\n\n'


@pytest.mark.parametrize(
    "reads",
    [
        [FIRST, ONE, TWO, ERROR],
        [FIRST, ONE, TWO + ERROR],
        [FIRST, ONE + TWO + ERROR],
        [FIRST + ONE + TWO + ERROR],
    ],
)
def test_pass_relay_when_an_error_comes_in_any_read_then_keeps_what_came_before(
    reads: list[bytes],
) -> None:
    meter = Meter()
    relay = PassRelay(meter, wants_usage=False, choices=1)
    *whole, broken = reads
    sent = b"".join([relay.feed(0, read) for read in whole])
    with pytest.raises(StreamBroken) as caught:
        relay.feed(0, broken)
    assert sent + caught.value.before == FIRST + ONE + TWO
    assert caught.value.error.message == "no more"
    assert meter.deltas == 2


USAGE = b'data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":1}}\n\n'
LAST = b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n'
DONE = b"data: [DONE]\n\n"


def spaced(event: bytes) -> bytes:
    """The same event as Python's json writes it."""
    return event.replace(b'":', b'": ').replace(b",", b", ")


def test_pass_relay_when_an_engine_writes_spaces_then_counts_the_same() -> None:
    for write in (bytes, spaced):
        meter = Meter()
        relay = PassRelay(meter, wants_usage=True, choices=1)
        for event in (FIRST, ONE, LAST):
            relay.feed(0, write(event))
        assert meter.deltas == 1


def relays(meter: Meter) -> list[Relay]:
    return [
        PassRelay(meter, wants_usage=False, choices=1),
        RewriteRelay([meter], Imprint(), wants_usage=False, choices=1),
        Gather([meter], Imprint(), choices=1),
    ]


@pytest.mark.parametrize("kind", [0, 1, 2])
@pytest.mark.parametrize(
    "reads",
    [
        [ONE, LAST, DONE, TWO, TWO + TWO],
        [ONE + LAST + DONE + TWO],
        [ONE, LAST + DONE, ERROR, USAGE],
    ],
)
def test_relay_when_an_engine_goes_on_after_its_end_then_nobody_hears_or_pays(
    kind: int, reads: list[bytes]
) -> None:
    meter = Meter()
    relay = relays(meter)[kind]
    sent = b"".join(relay.feed(0, read) for read in reads) + relay.finish()
    assert b"two" not in sent
    assert (meter.deltas, meter.usage) == (1, None)


@pytest.mark.parametrize("kind", [0, 1, 2])
@pytest.mark.parametrize(
    ("event", "text"),
    [
        (b'{"error": 5}', "the engine reported an error"),
        (b'{"error":["x"]}', "the engine reported an error"),
        (b'{"error":{}}', "the engine reported an error"),
        (b'{"error":{"code":5}}', "the engine reported an error"),
        (b'{"error":"out of memory"}', "out of memory"),
        (b'{"error":{"message":"out of memory"},"choices":[]}', "out of memory"),
        (b'{"object":"error","message":"out of memory"}', "out of memory"),
    ],
)
def test_relay_when_an_event_is_an_error_of_any_kind_then_breaks_off(
    kind: int, event: bytes, text: str
) -> None:
    relay = relays(Meter())[kind]
    with pytest.raises(StreamBroken) as caught:
        relay.feed(0, ONE + b"data: " + event + b"\n\n")
    assert (caught.value.error.status, caught.value.error.message) == (502, text)


@pytest.mark.parametrize("error", [b"null", b"false", b'""'])
def test_relay_when_a_chunk_says_that_there_is_no_error_then_is_relayed(error: bytes) -> None:
    event = ONE.replace(b'{"choices"', b'{"error":%b,"choices"' % error)
    assert PassRelay(Meter(), wants_usage=False, choices=1).feed(0, event) == event
