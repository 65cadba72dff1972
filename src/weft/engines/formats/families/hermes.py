"""Calls as Hermes, Qwen2.5 and Qwen3 write them: `<tool_call>{"name": ..., "arguments": {...}}</tool_call>`.

Each call has its own pair of tags; text may stand before, between and after. A closing tag that is missing is not
missed. Sources: the Hermes function calling format of NousResearch, the chat template of Qwen3.
"""

from weft.engines.formats.json_call import JsonCall
from weft.engines.formats.output import Output
from weft.engines.formats.source import Source, Steps, Stops

_OPEN = "<tool_call>"
_CLOSE = "</tool_call>"
_OPENING = Stops(_OPEN)
_STOPS = Stops(_CLOSE, _OPEN)


def read_calls(source: Source, output: Output) -> Steps[None]:
    """Read text and calls."""
    while (yield from source.until(_OPENING, output.content)):
        source.keep()
        yield from source.accept(_OPEN)
        yield from source.white()
        if (yield from JsonCall(source, output, _STOPS).read()):
            yield from source.white()
            yield from source.accept(_CLOSE)
        output.content(source.kept())
