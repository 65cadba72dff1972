"""Calls as Phi-4-mini writes them: a list of `{"name": ..., "arguments": {...}}`.

It stands between `<|tool_call|>` and `<|/tool_call|>`, the tokens that the model has for it, or behind `functools`,
which the model was trained to write too. A single object in the place of the list, and a closing tag that is missing,
are let pass. Sources: the model card and the tokenizer of Phi-4-mini-instruct; the form with `functools` as vLLM's
documentation gives it for `phi4_mini_json`.
"""

from weft.engines.formats.json_call import JsonCall
from weft.engines.formats.output import Output
from weft.engines.formats.source import Source, Steps, Stops

_OPEN = "<|tool_call|>"
_CLOSE = "<|/tool_call|>"
_WORD = "functools"
_OPENING = Stops(_OPEN, _WORD)
_STOPS = Stops(_CLOSE, _OPEN)


def read_calls(source: Source, output: Output) -> Steps[None]:
    """Read text and calls."""
    while found := (yield from source.until(_OPENING, output.content)):
        source.keep()
        yield from source.accept(found)
        yield from source.white()
        is_list = yield from source.accept("[")
        yield from source.white()
        if (is_list or found == _OPEN) and (yield from JsonCall(source, output, _STOPS).read()):
            yield from _read_more(source, output)
        output.content(source.kept())


def _read_more(source: Source, output: Output) -> Steps[None]:
    """Read the calls behind the first, and the end of the list."""
    while True:
        source.keep()
        yield from source.white()
        if not (yield from source.accept(",")):
            break
        yield from source.white()
        if not (yield from JsonCall(source, output, _STOPS).read()):
            return
    yield from source.accept("]")
    yield from source.white()
    yield from source.accept(_CLOSE)
    source.kept()
