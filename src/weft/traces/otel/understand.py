"""All conventions put over each other: instrumentations mix them, so each field comes from whoever tells it best."""

from collections.abc import Callable, Sequence

from weft.traces.otel.conventions import genai, logfire, openinference, traceloop, vercel, weave
from weft.traces.otel.reading import Reading, merge
from weft.traces.otel.spans import Span

CONVENTIONS: Sequence[Callable[[Span], Reading | None]] = (
    weave.read,
    vercel.read,
    openinference.read,
    logfire.read,
    traceloop.read,
    genai.read,
)
"""The more special ones first: OpenTelemetry's own fills what they leave open."""


def understand(span: Span) -> Reading:
    """What a span says, in whichever words."""
    found = [reading for read in CONVENTIONS if (reading := read(span)) is not None]
    return merge(found)
