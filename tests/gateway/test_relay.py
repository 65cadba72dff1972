"""The relay that touches as little as it can: what it hands on, however the engine's bytes arrive."""

import pytest

from weft.gateway.meter import Meter
from weft.gateway.relay import PassRelay, StreamBroken

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
