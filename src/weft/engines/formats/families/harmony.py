"""What gpt-oss writes: messages in channels, which OpenAI calls harmony.

`<|start|>assistant<|channel|>analysis<|message|>...<|end|>`; the first `<|start|>assistant` stands in the prompt. The
channel `analysis` is reasoning, `final` and `commentary` are content (a commentary to nobody is meant for the reader).
A message `to=functions.NAME`, said before or behind the channel, is a call; a recipient of another kind, such as
`python`, is a call of that name. `<|call|>` and `<|return|>` end the turn, so that they often do not come.
A head that is not as documented is content. Source: the harmony response format in OpenAI's cookbook.
"""

import re
from dataclasses import dataclass

from weft.engines.formats.json_call import bare_arguments
from weft.engines.formats.output import Output, Script
from weft.engines.formats.source import Source, Steps, Stops

_START = "<|start|>"
_CHANNEL = "<|channel|>"
_MESSAGE = "<|message|>"
_CONSTRAIN = "<|constrain|>"
_ENDS = ("<|end|>", "<|return|>", "<|call|>")
_HEADS = Stops(_START, _CHANNEL)
_STOPS = Stops(*_ENDS, _START, _CHANNEL)
_CHANNELS = frozenset({"analysis", "commentary", "final"})
_CONTENT_TYPES = frozenset({"json", "code", "text"})
_WORD = re.compile(r"[^\s<]+")
_OPEN_MESSAGE = re.compile(r"<\|channel\|>(analysis|commentary|final)<\|message\|>\s*")
_PROMPT_END_CHARS = 200


@dataclass(slots=True)
class _Head:
    """What stands before a message."""

    channel: str = ""
    recipient: str = ""


def messages_script(prompt: str) -> Script:
    """What reads the messages that follow `prompt`."""
    found = [*_OPEN_MESSAGE.finditer(prompt[-_PROMPT_END_CHARS:])]
    is_open = bool(found) and prompt.endswith(found[-1].group())
    first = _Head(found[-1][1]) if is_open else None

    def script(source: Source, output: Output) -> Steps[None]:
        if first is not None:
            yield from _read_body(source, output, first)
        source.keep()
        if first is not None or not (yield from source.see(" to=", "to=")):
            output.content(source.kept())
        else:
            yield from _read_message(source, output)
        while (yield from source.until(_HEADS, output.content)):
            source.keep()
            yield from _read_message(source, output)

    return script


def _read_message(source: Source, output: Output) -> Steps[None]:
    """Read one message; what was kept is content if it is none."""
    head = yield from _read_head(source)
    if head is None or (head.recipient and not (yield from source.peek())):
        output.content(source.kept())
        return
    source.kept()
    yield from _read_body(source, output, head)


def _read_head(source: Source) -> Steps[_Head | None]:
    """The head of a message, up to its text; None if it is none."""
    head = _Head()
    if (yield from source.accept(_START)) and not (yield from source.accept("assistant")):
        return None
    while True:
        yield from source.white()
        marker = yield from source.accept(_MESSAGE, _CHANNEL, _CONSTRAIN, "to=")
        if marker == _MESSAGE:
            yield from source.white()
            return head
        yield from source.white()
        word = yield from source.word(_WORD)
        if marker == _CHANNEL and not head.channel and word in _CHANNELS:
            head.channel = word
        elif marker == "to=" and not head.recipient and word:
            head.recipient = word
        elif marker in (_CHANNEL, "to=") or word not in _CONTENT_TYPES:
            return None


def _read_body(source: Source, output: Output, head: _Head) -> Steps[None]:
    """Read the text of a message, and its end."""
    if head.recipient:
        sink = output.call(head.recipient.removeprefix("functions.") or head.recipient)
        yield from bare_arguments(source, sink, _STOPS)
        yield from source.white()
        yield from source.accept(*_ENDS)
    elif head.channel == "analysis":
        output.begin_thought()
        yield from source.until(_STOPS, output.think)
        yield from source.accept(*_ENDS)
        output.end_thought()
    else:
        yield from source.until(_STOPS, output.content)
        if (yield from source.accept(*_ENDS)):
            output.mark()
