"""Counting what one request used, from what passes through the door.

The engine's own count is the truth. An engine that never got to tell (it died, or the client hung up first) is counted
from what passed: a delta is at least one token, and llama.cpp tells its running counts with each chunk. Prompt tokens
that nobody told are estimated from the request's size, never higher than its bytes allow.

Over a request that was fanned out into several, the prompt counts once and the completions add up.
"""

from dataclasses import dataclass

from weft.gateway.wire.types import ChunkFacts, Usage
from weft.ledger.types import Tokens, UsageSource

BYTES_PER_TOKEN = 4
"""The usual English figure for byte-pair tokenisers; only for requests whose engine never told."""


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

    def see_whole(self, usage: Usage | None, body_bytes: int) -> None:
        """Take note of an answer that came in one piece; without a count, its size has to do."""
        self.usage = usage
        self.output = body_bytes // BYTES_PER_TOKEN

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


def total(meters: list[Meter], *, request_bytes: int) -> tuple[Tokens, UsageSource]:
    """Tokens over all engine requests of one client request, and who counted them."""
    if len(meters) == 1 and (usage := meters[0].usage) is not None:  # nearly always
        return from_usage(usage), UsageSource.ENGINE
    counts = [_tokens(meter, request_bytes) for meter in meters]
    if not any(tokens.input or tokens.output for tokens in counts):
        return Tokens(), UsageSource.NONE
    told = all(meter.usage is not None for meter in meters)
    first = max(counts, key=lambda tokens: tokens.input)
    tokens = Tokens(
        input=first.input,
        cached_input=first.cached_input,
        output=sum(tokens.output for tokens in counts),
        reasoning=sum(tokens.reasoning for tokens in counts),
    )
    return tokens, UsageSource.ENGINE if told else UsageSource.COUNTED


def _tokens(meter: Meter, request_bytes: int) -> Tokens:
    if meter.usage is not None:
        return from_usage(meter.usage)
    output = max(meter.output, meter.deltas + meter.reasoning_deltas)
    if not output:
        return Tokens()  # nothing was produced, so nothing is owed
    return Tokens(
        input=meter.input or request_bytes // BYTES_PER_TOKEN,
        cached_input=min(meter.cached_input, meter.input),
        output=output,
        reasoning=min(meter.reasoning_deltas, output),
    )


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
