"""Probes of what is counted, and of work that nobody waits for any more: usage, context, cancel.

Owns the arithmetic that tells whether figures can be true. Knows nothing of money, though bills are made of these
figures.
"""

import asyncio

from weft.engines.probes.answers import Usage, Whole
from weft.engines.probes.features.gauge import Gauge, read_gauge
from weft.engines.probes.features.speaking import COUNT, PASSED, failed, unsure
from weft.engines.probes.talk import Talk
from weft.engines.probes.types import Finding, NoAnswer, Outcome, Refused
from weft.engines.types import Lease
from weft.kit.errors import Json

FEW_TOKENS = 4
COUNT_SPARE = 4
"""By how much the engine's own count of a prompt may differ: marks around it."""
VLLM_SPARE = 64
"""`counting.py` adds so much to the count of a server that it does not know."""
_MORE_WORDS = 60
_FILLER = "word "

NEAR, BEYOND = 0.95, 1.05
_CALIBRATION = (50, 150)
_ROOM_TOKENS = 32
_READ_SHARE = 0.97
"""Of the tokens that were sent, those that must be told as read: words differ a little in length."""

SETTLE_S = 20.0
"""How long an engine may go on for somebody who has left."""
LOOK_S = 0.02
CANCEL_TOKENS = (192, 768)
LEAST_CANCEL_TOKENS = 32
_COUNT_FAR = "Count from 1 to 1000: " + " ".join(str(number) for number in range(1, 800))


async def probe_usage(talk: Talk) -> Finding:
    """Prompt and answer are counted, as the engine counts them, and a stream tells the same."""
    whole = await talk.whole(COUNT, max_tokens=FEW_TOKENS)
    streamed = (await talk.streamed(COUNT, max_tokens=FEW_TOKENS)).whole
    longer = await talk.whole(COUNT + " " + _FILLER * _MORE_WORDS, max_tokens=FEW_TOKENS)
    for answer, where in ((whole, ""), (streamed, " in a stream"), (longer, "")):
        trouble = _odd_usage(answer)
        if trouble:
            return failed(trouble + where)
    one, other, third = whole.usage, streamed.usage, longer.usage
    assert one is not None
    assert other is not None
    assert third is not None
    if one.prompt_tokens != other.prompt_tokens:
        return failed("a stream tells another count of the same prompt")
    if third.prompt_tokens - one.prompt_tokens < _MORE_WORDS // 2:
        return failed("a longer prompt does not count more")
    counted = await talk.count(COUNT)
    if counted is not None and not _agree(counted, one.prompt_tokens):
        return failed(f"a prompt of {counted} tokens is told as {one.prompt_tokens}")
    return PASSED


def _odd_usage(answer: Whole) -> str:
    usage = answer.usage
    if usage is None:
        return "an answer comes without usage"
    if usage.prompt_tokens < 1 or usage.completion_tokens < 1:
        return f"usage tells {usage.prompt_tokens} and {usage.completion_tokens} tokens"
    if usage.total_tokens != usage.prompt_tokens + usage.completion_tokens:
        return "the total is not the sum of prompt and answer"
    if answer.first.finish_reason == "length" and usage.completion_tokens != FEW_TOKENS:
        return f"an answer cut off after {FEW_TOKENS} tokens is told as {usage.completion_tokens}"
    if usage.completion_tokens > FEW_TOKENS:
        return f"max_tokens = {FEW_TOKENS} is told as {usage.completion_tokens} tokens"
    return ""


def _agree(counted: int, told: int) -> bool:
    """Another's server is counted a little higher, see `counting.SPARE_TOKENS`."""
    return abs(counted - told) <= COUNT_SPARE or abs(counted - VLLM_SPARE - told) <= COUNT_SPARE


async def probe_context(talk: Talk, max_tokens: int) -> Finding:
    """A prompt that nearly fills the context is read whole; one beyond it is refused, or read whole too."""
    route = talk.route
    limit = route.context_tokens or route.card.context_window_tokens
    if limit > max_tokens:
        return unsure(f"not tried: {limit} tokens are more than a probe may send ({max_tokens})")
    first, second = [await _prompt_tokens(talk, words) for words in _CALIBRATION]
    if first is None or second is None:
        return unsure("the engine does not count, so that nobody can tell what it read")
    per_word = (second - first) / (_CALIBRATION[1] - _CALIBRATION[0])
    if per_word <= 0:
        return unsure("the engine counts wrongly, so that nobody can tell what it read")

    def words(tokens: float) -> int:
        return int((tokens - first) / per_word) + _CALIBRATION[0]

    near, beyond = limit * NEAR - _ROOM_TOKENS, limit * BEYOND + _ROOM_TOKENS
    try:
        told = await _prompt_tokens(talk, words(near))
    except Refused as refused:
        return failed(f"a prompt of {near:.0f} of {limit} tokens is refused ({refused.status})")
    if told is not None and told < near * _READ_SHARE:
        return failed(f"of a prompt of {near:.0f} tokens {told} are read")
    try:
        told = await _prompt_tokens(talk, words(beyond))
    except Refused as refused:
        if refused.status < 500:
            return PASSED
        return failed(f"a prompt beyond the context is answered with {refused.status}")
    if told is None:
        return unsure("the engine does not count, so that nobody can tell what it read")
    if told < beyond * _READ_SHARE:
        return failed(f"a prompt beyond the context is cut without a word: {told} tokens are read")
    return PASSED


async def _prompt_tokens(talk: Talk, words: int) -> int | None:
    usage = (await talk.whole(_FILLER * words, max_tokens=1)).usage
    return usage.prompt_tokens if usage is not None else None


async def probe_cancel(talk: Talk) -> Finding:
    """An engine whose client has hung up stops: it produces less than it would have, and soon has nothing to do.

    Told by the engine's own metrics. A model that is done before anybody could hang up gets a longer task.
    """
    async with talk.place() as lease:
        gauge = await read_gauge(lease)
    if gauge is None:
        return unsure("the engine does not tell how much work it has")
    found = unsure("the model was done before anybody could hang up")
    parameters = talk.route.quirks.parameters
    endless: dict[str, Json] = (
        {"ignore_eos": True} if parameters and "ignore_eos" in parameters else {}
    )
    limit = talk.route.context_tokens or talk.route.card.context_window_tokens
    for tokens in CANCEL_TOKENS:
        if tokens > limit // 2:
            break
        wishes: dict[str, Json] = {"max_tokens": tokens, **endless}
        text = _COUNT_FAR[: 2 * tokens]
        usage = (await talk.whole(text, **wishes)).usage
        if usage is None or usage.completion_tokens < LEAST_CANCEL_TOKENS:
            return unsure("the model says too little, or does not count it, to tell when it stops")
        async with talk.place() as lease:
            found = await _hang_up(talk, lease, text, wishes, usage)
        if found.outcome is not Outcome.UNKNOWN:
            break
    return found


async def _hang_up(
    talk: Talk, lease: Lease, text: str, wishes: dict[str, Json], usage: Usage
) -> Finding:
    before = await _read(lease)
    if before.running:
        return unsure("others were using the engine")
    await talk.hang_up(lease, text, **wishes)
    after = await _read(lease)
    was_at_work = after.running > 0
    try:
        async with asyncio.timeout(SETTLE_S):
            while after.running:
                await asyncio.sleep(LOOK_S)
                after = await _read(lease)
    except TimeoutError:
        return failed(f"it was still at work {SETTLE_S:g} s after its client had hung up")
    if after.produced - before.produced < usage.completion_tokens:
        return PASSED
    if was_at_work:
        return failed("it produced the whole answer though its client had hung up")
    return unsure("the model was done before anybody could hang up")


async def _read(lease: Lease) -> Gauge:
    gauge = await read_gauge(lease)
    if gauge is None:
        raise NoAnswer("the engine's metrics could not be read")
    return gauge
