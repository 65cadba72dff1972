"""What is asked of every target: the scenarios, and what the mock upstream answers in them."""

from dataclasses import dataclass, replace

BURST_CHUNKS = 100
SLOW_CHUNKS = 50
INTERVAL_MS = 20
USAGE_CHUNKS = 1
MODEL = "mock"
SLOW_MODEL = "mock-slow"
"""The upstream sends one chunk per INTERVAL_MS."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One closed-loop load: every connection sends its next request when its last answer is whole."""

    name: str
    meaning: str
    connections: int
    seconds: float = 2.0
    """How long is recorded, after the warm-up."""
    warm_s: float = 0.5
    spread_s: float = 0.0
    """Over what time the first requests are spread."""
    model: str = MODEL
    streamed: bool = False
    least_events: int = 0
    """A whole stream has at least so many."""
    prompt_bytes: int = 200
    members: str = ""
    """What else stands in the request's body: `"name":value` and so on."""

    def quick(self) -> "Scenario":
        """The same, shorter: enough to see that it works."""
        return replace(self, seconds=0.6, warm_s=max(0.3, self.spread_s + 0.1))


def _slow(connections: int) -> Scenario:
    per_s = connections * 1000 // INTERVAL_MS
    return Scenario(
        f"slow{connections}",
        f"{connections} streams of a chunk per {INTERVAL_MS} ms: {per_s:,} chunks/s",
        connections=connections,
        warm_s=1.2,
        spread_s=SLOW_CHUNKS * INTERVAL_MS / 1000,  # a stream's length, so that chunks come evenly
        model=SLOW_MODEL,
        streamed=True,
        least_events=SLOW_CHUNKS + USAGE_CHUNKS,
    )


SCENARIOS = (
    Scenario("c1", "one connection, short answers", connections=1, seconds=1.5),
    Scenario("c16", "16 connections, short answers", connections=16, seconds=1.5),
    Scenario(
        "c64",
        "64 connections, short answers: the capacity of a core",
        connections=64,
        seconds=3.0,
        warm_s=1.0,
    ),
    Scenario("prompt32k", "16 connections, prompts of 32 kB", connections=16, prompt_bytes=32_000),
    Scenario(
        "burst64",
        f"64 streams, {BURST_CHUNKS} chunks at once",
        connections=64,
        streamed=True,
        least_events=BURST_CHUNKS + USAGE_CHUNKS,
    ),
    _slow(64),
    _slow(256),
)
