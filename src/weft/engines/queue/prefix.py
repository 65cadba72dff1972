"""Which replica holds the longest cached beginning of a prompt, as far as can be told from outside.

Engines keep what they computed for a prompt and need not compute it again for one that begins alike; each replica has a
cache of its own. The door cannot see it, so it remembers what it sent where: a request's messages are cut into blocks
of bytes, each block's mark depends on all before it, and a replica remembers the marks of what it was sent. How many
marks of a new request it knows is how much of the beginning it is likely to hold. Cache-aware routers do the same with
a tree of texts (sgl-project/sglang, the router's documentation, read 2026-11); marks need no text to be kept.

Owns the marks and the memory. Knows no tokens, no engine and no queue. Invariants: two requests have a mark in common
only if they are equal up to there; what is remembered is bounded, the least recently used is forgotten first.
"""

from collections import OrderedDict

BLOCK_BYTES = 512
MAX_BLOCKS = 256
"""Of one request: what comes after 128 KiB decides no more."""
MEMORY_BLOCKS = 32_768
"""Of one replica: 16 MiB of text, more than the caches of most engines hold."""
_MESSAGES = b'"messages"'

Prefix = tuple[int, ...]
"""The marks of one request, from its beginning."""


def prefix_of(payload: bytes) -> Prefix:
    """The marks of a chat completion's body; a last block that is not full has none."""
    start = payload.find(_MESSAGES)
    start = max(start, 0)
    stop = min(len(payload), start + MAX_BLOCKS * BLOCK_BYTES) - BLOCK_BYTES
    marks: list[int] = []
    mark = 0
    for at in range(start, stop + 1, BLOCK_BYTES):
        mark = hash((mark, payload[at : at + BLOCK_BYTES]))
        marks.append(mark)
    return tuple(marks)


class PrefixMemory:
    """What one replica was sent."""

    __slots__ = ("_limit", "_marks")

    def __init__(self, limit: int = MEMORY_BLOCKS) -> None:
        self._limit = limit
        self._marks: OrderedDict[int, None] = OrderedDict()

    def __len__(self) -> int:
        """How many marks are remembered."""
        return len(self._marks)

    def match(self, prefix: Prefix) -> int:
        """How many blocks from the beginning of `prefix` it is likely to hold."""
        marks = self._marks
        for count, mark in enumerate(prefix):
            if mark not in marks:
                return count
        return len(prefix)

    def remember(self, prefix: Prefix) -> None:
        """It was sent a request that begins like this."""
        marks = self._marks
        for mark in reversed(prefix):  # the first ones are in most use, and are forgotten last
            marks[mark] = None
            marks.move_to_end(mark)
        while len(marks) > self._limit:
            marks.popitem(last=False)

    def forget(self) -> None:
        """Its cache is gone."""
        self._marks.clear()
