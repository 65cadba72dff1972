"""Counting: what engines tell, what they tell that cannot be, and what is counted in their stead."""

import pytest
from msgspec import json

from weft.gateway.meter import MOST_TOKENS, Meter, from_usage, total
from weft.gateway.wire.types import (
    ChunkFacts,
    CompletionTokensDetails,
    PromptTokensDetails,
    Timings,
    Usage,
)
from weft.ledger.types import Tokens, UsageSource

INT64_MAX = 2**63 - 1
REQUEST_BYTES = 100


def answer(**message: object) -> bytes:
    """A whole answer, as the last of two."""
    choices = [{"message": {"role": "assistant", "content": None}}, {"message": message}]
    return json.encode({"id": "x" * 400, "choices": choices})


def test_from_usage_when_details_exceed_the_counts_then_are_cut() -> None:
    usage = Usage(
        prompt_tokens=5,
        completion_tokens=3,
        prompt_tokens_details=PromptTokensDetails(cached_tokens=10**30),
        completion_tokens_details=CompletionTokensDetails(reasoning_tokens=2**63),
    )
    assert from_usage(usage) == Tokens(5, 5, 3, 3)


def test_from_usage_when_counts_are_below_zero_then_are_zero() -> None:
    assert from_usage(Usage(prompt_tokens=-5, completion_tokens=-(2**70))) == Tokens()


@pytest.mark.parametrize(
    "usage",
    [
        Usage(prompt_tokens=10**30, completion_tokens=1),
        Usage(prompt_tokens=-5, completion_tokens=10**30),
        Usage(prompt_tokens=MOST_TOKENS + 1),
        Usage(prompt_tokens=2**62, completion_tokens=2**62),
    ],
)
def test_total_when_an_engine_tells_what_cannot_be_then_we_count(usage: Usage) -> None:
    streamed = Meter(deltas=7)
    streamed.see(ChunkFacts(usage=usage))
    assert total([streamed], request_bytes=REQUEST_BYTES) == (
        Tokens(input=25, output=7),
        UsageSource.COUNTED,
    )
    whole = Meter()
    whole.see_answer(usage, answer(content="x" * 40))
    assert total([whole], request_bytes=REQUEST_BYTES)[0] == Tokens(input=25, output=10)


def test_total_when_many_counts_are_huge_then_still_fits_a_record() -> None:
    most = Usage(prompt_tokens=MOST_TOKENS, completion_tokens=MOST_TOKENS)
    running = ChunkFacts(timings=Timings(prompt_n=10**30, cache_n=10**30, predicted_n=10**30))
    broken = Meter()
    broken.see(running)
    tokens, _ = total([Meter(usage=most)] * 128 + [broken], request_bytes=REQUEST_BYTES)
    assert max(tokens.input, tokens.cached_input, tokens.output) == MOST_TOKENS
    nusd_per_mtok = 10**14  # a hundred thousand dollars
    assert (tokens.input + tokens.output) * nusd_per_mtok // 10**6 <= INT64_MAX


@pytest.mark.parametrize(
    ("message", "tokens"),
    [
        ({"content": "hi"}, 1),
        ({"content": "é" * 4}, 2),
        ({"content": "", "refusal": "No thanks."}, 3),
        ({"content": "four", "reasoning": "fourfour", "reasoning_content": "fourfour"}, 3),
        ({"tool_calls": [{"function": {"name": "f", "arguments": '{"a":1}'}}]}, 2),
        ({"function_call": {"name": "f", "arguments": '{"a":1}'}}, 2),
    ],
)
def test_see_answer_when_no_usage_is_told_then_counts_what_the_model_said(
    message: dict[str, object], tokens: int
) -> None:
    meter = Meter()
    meter.see_answer(None, answer(**message))
    assert total([meter], request_bytes=REQUEST_BYTES) == (
        Tokens(input=25, output=tokens),
        UsageSource.COUNTED,
    )


@pytest.mark.parametrize("body", [answer(content=None), b'{"choices":[{"message":5}]}', b"{}"])
def test_see_answer_when_the_model_said_nothing_then_nothing_is_owed(body: bytes) -> None:
    meter = Meter()
    meter.see_answer(None, body)
    assert total([meter], request_bytes=REQUEST_BYTES) == (Tokens(), UsageSource.NONE)


def test_see_answer_when_usage_is_told_then_it_counts() -> None:
    meter = Meter()
    meter.see_answer(Usage(prompt_tokens=3, completion_tokens=2), answer(content="x" * 400))
    assert total([meter], request_bytes=REQUEST_BYTES) == (
        Tokens(input=3, output=2),
        UsageSource.ENGINE,
    )
