"""Calls as Llama 3.1 and 3.3 write them: the whole answer is `{"name": ..., "parameters": {...}}`.

There is no marker, so only an object at the beginning of the answer counts, and only if it names a tool that was
offered; behind `<|python_tag|>` any name counts, and anywhere. Several calls stand side by side or behind semicolons.
Source: Meta's prompt format for Llama 3.1 (JSON based tool calling), its chat template.
"""

from weft.engines.formats.json_call import NO_STOPS, JsonCall
from weft.engines.formats.output import Output, Script
from weft.engines.formats.source import Source, Steps, Stops
from weft.engines.formats.types import Tools

_TAG = "<|python_tag|>"
_TAGGED = Stops(_TAG)


def calls_script(tools: Tools) -> Script:
    """What reads text and calls of `tools`."""
    names = frozenset(tools)

    def script(source: Source, output: Output) -> Steps[None]:
        source.keep()
        yield from source.white()
        yield from read_objects(source, output, names)
        while (yield from source.until(_TAGGED, output.content)):
            source.keep()
            yield from source.accept(_TAG)
            yield from source.white()
            yield from read_objects(source, output, None)

    return script


def read_objects(
    source: Source, output: Output, names: frozenset[str] | None, stops: Stops = NO_STOPS
) -> Steps[None]:
    """Read the calls that stand here, only of `names` unless it is None; what was kept and is no call is content."""
    while (yield from JsonCall(source, output, stops, names).read()):
        source.keep()
        yield from source.white()
        yield from source.accept(";")
        yield from source.white()
    output.content(source.kept())
