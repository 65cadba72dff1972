"""Reasoning in `<think> ... </think>`, before everything else: Qwen3, DeepSeek R1 and whoever follows them.

Some templates open the tag in the prompt, so that the answer starts inside it. Only a tag at the very beginning opens
reasoning: later it is text. Reasoning that is never closed is all there is. Line ends next to the tags belong to them.
Sources: the chat templates of Qwen3 and DeepSeek R1.
"""

from weft.engines.formats.output import Output
from weft.engines.formats.source import Source, Steps, Stops

OPEN = "<think>"
_CLOSE = Stops("</think>")


def opens_thought(prompt: str) -> bool:
    """Whether the answer to `prompt` starts inside the tag."""
    return prompt.rstrip().endswith(OPEN)


def read_thought(source: Source, output: Output, *, is_open: bool) -> Steps[None]:
    """Read the reasoning that an answer begins with, if it does."""
    source.keep()
    yield from source.white()
    opening = yield from source.accept(OPEN)
    kept = source.kept()
    if not opening and not is_open:
        output.content(kept)
        return
    output.begin_thought()
    if not opening:
        output.think(kept)
    if (yield from source.until(_CLOSE, output.think)):
        yield from source.accept(*_CLOSE.markers)
        output.end_thought()
