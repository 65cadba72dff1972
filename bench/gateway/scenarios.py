"""What is asked of every target: the scenarios, and what the mock upstream answers in them."""

from dataclasses import dataclass, replace

BURST_CHUNKS = 100
SLOW_CHUNKS = 50
INTERVAL_MS = 20
USAGE_CHUNKS = 1
PROMPT_BYTES = 200


@dataclass(frozen=True, slots=True)
class Scenario:
    """One closed-loop load: every connection sends its next request when its last answer is whole."""

    name: str
    meaning: str
    connections: int
    seconds: float = 2.0
    """How long is recorded, after the warm-up."""
    warm_s: float = 0.5
    streamed: bool = False
    slow: bool = False
    """The upstream sends one chunk per INTERVAL_MS, and the streams start spread over the first second."""
    prompt_bytes: int = PROMPT_BYTES

    @property
    def model(self) -> str:
        """The upstream answers by it."""
        return "mock-slow" if self.slow else "mock"

    @property
    def spread_s(self) -> float:
        """Over what time the first requests are spread: a slow stream's length, so that chunks come evenly."""
        return INTERVAL_MS * SLOW_CHUNKS / 1000 if self.slow else 0.0

    @property
    def least_events(self) -> int:
        """A whole stream has at least so many."""
        if not self.streamed:
            return 0
        return (SLOW_CHUNKS if self.slow else BURST_CHUNKS) + USAGE_CHUNKS

    def quick(self) -> "Scenario":
        """The same, shorter: enough to see that it works."""
        return replace(self, seconds=0.6, warm_s=1.1 if self.slow else 0.3)


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
    Scenario("burst64", "64 streams, 100 chunks at once", connections=64, streamed=True),
    Scenario(
        "slow64",
        "64 streams of a chunk per 20 ms: 3,200 chunks/s",
        connections=64,
        warm_s=1.2,
        streamed=True,
        slow=True,
    ),
    Scenario(
        "slow256",
        "256 streams of a chunk per 20 ms: 12,800 chunks/s",
        connections=256,
        warm_s=1.2,
        streamed=True,
        slow=True,
    ),
)
