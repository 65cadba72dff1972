"""Counting what one request used, from what passes through the door.

The engine's own count is the truth. An engine that never got to tell (it died, or the client hung up first) is counted
from what passed: a delta is at least one token, and llama.cpp tells its running counts with each chunk. An answer that
came in one piece is estimated from the text in it. Prompt tokens that nobody told are estimated from the request's
size, never higher than its bytes allow. An engine whose count cannot be true has told nothing.

Over a request that was fanned out into several, each prompt counts once and the completions add up. A request that
produces nothing, such as one for embeddings, is counted by what it read.
"""

from dataclasses import dataclass

from weft.gateway.wire.assemble import text_bytes
from weft.gateway.wire.types import ChunkFacts, Usage
from weft.ledger.types import Tokens, UsageSource

BYTES_PER_TOKEN = 4
"""The usual English figure for byte-pair tokenisers; only for requests whose engine never told."""

MOST_TOKENS = 2**32
"""More than any request can use. Costs stay within 64 bits up to a price of a million dollars per million tokens."""


@dataclass(slots=True)
class Meter:
    """What one engine request used so far."""

    usage: Usage | None = None
    """The engine's final count."""
    input: int = 0
    """Running counts that came with the chunks."""
    cached_input: int = 0
    output: int = 0
    deltas: int = 0
    reasoning_deltas: int = 0
    has_read: bool = False
    """The engine did what it was asked and produces no tokens by it: what it read is owed."""

    def see_answer(self, usage: Usage | None, body: bytes) -> None:
        """Take note of an answer that came in one piece; without a count, its text has to do."""
        self.usage = usage
        if usage is None or not _is_true(usage):
            self.output = -(-text_bytes(body) // BYTES_PER_TOKEN)

    def see(self, facts: ChunkFacts) -> None:
        """Take note of one chunk."""
        if facts.usage is not None:
            self.usage = facts.usage
        if facts.timings is not None:
            timings = facts.timings
            self.input = timings.prompt_n + timings.cache_n
            self.cached_input = timings.cache_n
            self.output = timings.predicted_n
        self.deltas += facts.content_deltas + facts.tool_deltas
        self.reasoning_deltas += facts.reasoning_deltas


def total(
    meters: list[Meter], *, request_bytes: int, prompts: int = 1
) -> tuple[Tokens, UsageSource]:
    """Tokens over all engine requests of one client request, and who counted them.

    Of several prompts, `meters` has as many for each, one prompt after the other.
    """
    if len(meters) == 1 and (usage := meters[0].usage) is not None and _is_true(usage):
        return from_usage(usage), UsageSource.ENGINE  # nearly always
    prompts = min(prompts, len(meters)) or 1
    counts = [_tokens(meter, request_bytes // prompts) for meter in meters]
    if not any(tokens.input or tokens.output for tokens in counts):
        return Tokens(), UsageSource.NONE
    told = all(meter.usage is not None and _is_true(meter.usage) for meter in meters)
    share = len(counts) // prompts
    firsts = [
        max(counts[at : at + share], key=lambda tokens: tokens.input)
        for at in range(0, len(counts), share)
    ]
    tokens = Tokens(
        input=min(sum(first.input for first in firsts), MOST_TOKENS),
        cached_input=min(sum(first.cached_input for first in firsts), MOST_TOKENS),
        output=min(sum(tokens.output for tokens in counts), MOST_TOKENS),
        reasoning=min(sum(tokens.reasoning for tokens in counts), MOST_TOKENS),
    )
    return tokens, UsageSource.ENGINE if told else UsageSource.COUNTED


def _tokens(meter: Meter, request_bytes: int) -> Tokens:
    if meter.usage is not None and _is_true(meter.usage):
        return from_usage(meter.usage)
    output = min(max(meter.output, meter.deltas + meter.reasoning_deltas), MOST_TOKENS)
    if not output and not meter.has_read:
        return Tokens()  # nothing was produced, so nothing is owed
    told = min(max(meter.input, 0), MOST_TOKENS)
    return Tokens(
        input=told or request_bytes // BYTES_PER_TOKEN,
        cached_input=min(max(meter.cached_input, 0), told),
        output=output,
        reasoning=min(meter.reasoning_deltas, output),
    )


def _is_true(usage: Usage) -> bool:
    """Whether an engine's count can be."""
    return usage.prompt_tokens <= MOST_TOKENS and usage.completion_tokens <= MOST_TOKENS


def from_usage(usage: Usage) -> Tokens:
    """An engine's `usage` in our words; engines that contradict themselves are read conservatively."""
    prompt = max(usage.prompt_tokens, 0)
    completion = max(usage.completion_tokens, 0)
    cached = reasoning = 0
    if details := usage.prompt_tokens_details:
        cached = min(max(details.cached_tokens or 0, 0), prompt)
    if told := usage.completion_tokens_details:
        reasoning = min(max(told.reasoning_tokens or 0, 0), completion)
    return Tokens(prompt, cached, completion, reasoning)
