"""JSON as models write it: a value that streams, and an object that names a function and its arguments.

Owns where a JSON value ends, and when an object is a call. Knows no markers but those it is given as `stops`.
Only the structure is looked at (strings, brackets), because a model's mistake inside its arguments must reach whoever
can tell the model. A marker inside a string is text, unless the string holds a line break, which no JSON string may:
then its closing quote was probably forgotten. Nesting needs no recursion, so that no depth is too deep.
Grammar: RFC 8259.
"""

import re

import msgspec

from weft.engines.formats.output import Output
from weft.engines.formats.source import Sink, Source, Steps, Stops

NO_STOPS = Stops()
_CLOSING = {"{": "}", "[": "]"}
# What no marker can begin in: all markers here begin with "<".
_OUTSIDE = re.compile(r'[^"{}\[\]<]+')
_INSIDE = re.compile(r'[^"\\\r\n<]+')
_SCALAR = re.compile(r'[^\s,:"{}\[\]<]+')
_IN_NAME = re.compile(r'[^"\\\r\n]+')
_STRING = msgspec.json.Decoder(str)


def json_value(source: Source, sink: Sink, stops: Stops) -> Steps[bool]:
    """Pass an object or an array on; whether it came to its end.

    If it did not, everything up to the next of `stops`, which stays unread, went to `sink`, or up to the end.
    """
    closing: list[str] = []
    while True:
        yield from source.run(_OUTSIDE, sink)
        here = yield from source.peek()
        if here == '"':
            if not (yield from _string(source, sink, stops)):
                break
        elif here == "<" and (yield from source.see(*stops.markers)):
            return False
        elif here in _CLOSING:
            closing.append(_CLOSING[here])
            sink((yield from source.take()))
        elif here == "<":
            sink((yield from source.take()))
        elif not closing or here != closing.pop():
            break
        else:
            sink((yield from source.take()))
            if not closing:
                return True
    yield from source.until(stops, sink)
    return False


def bare_arguments(source: Source, sink: Sink, stops: Stops) -> Steps[None]:
    """Pass on the arguments that stand alone before one of `stops`: none at all are `{}`."""
    here = yield from source.peek()
    if here in _CLOSING:
        yield from json_value(source, sink, stops)
    elif (yield from source.see(*stops.markers)):
        sink("{}")
    else:
        yield from source.until(stops, sink)


def _string(source: Source, sink: Sink, stops: Stops) -> Steps[bool]:
    """Pass a string on; whether it came to its end."""
    is_torn = False
    sink((yield from source.take()))
    while True:
        yield from source.run(_INSIDE, sink)
        here = yield from source.peek()
        if not here or (is_torn and here == "<" and (yield from source.see(*stops.markers))):
            return False
        sink((yield from source.take()))
        if here == '"':
            return True
        if here == "\\":
            sink((yield from source.take()))
        elif here != "<":
            is_torn = True


def short_string(source: Source) -> Steps[str]:
    """A string that is needed whole, such as a name; empty if there is none."""
    pieces: list[str] = []
    if not (yield from source.see('"')):
        return ""
    pieces.append((yield from source.take()))
    while True:
        yield from source.run(_IN_NAME, pieces.append)
        here = yield from source.peek()
        if here not in ('"', "\\"):
            return ""
        pieces.append((yield from source.take()))
        if here == '"':
            return _decoded("".join(pieces)) or ""
        pieces.append((yield from source.take()))


def _decoded(raw: str) -> str | None:
    try:
        return _STRING.decode(raw)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return None


class JsonCall:
    """Reads one object `{"name": ..., "arguments": {...}}`, its members in any order.

    `parameters` is taken for `arguments`; `id` and `"type": "function"` may come before them. Arguments that stand
    before the name are held until it is known; arguments in a string are that string's content. With `names`, only what
    calls one of them is a call.
    """

    def __init__(
        self,
        source: Source,
        output: Output,
        stops: Stops,
        names: frozenset[str] | None = None,
    ) -> None:
        self._source = source
        self._output = output
        self._stops = stops
        self._names = names
        self._id = ""
        self._name = ""
        self._early: list[str] = []
        self._said: Sink | None = None

    def read(self) -> Steps[bool]:
        """Whether there was a call; what follows a call that was broken off stays unread."""
        source = self._source
        if not (yield from source.accept("{")):
            return False
        while True:
            yield from source.white()
            if not (yield from self._member()):
                return self._said is not None
            yield from source.white()
            if (yield from source.accept("}")):
                break
            if self._said or not (yield from source.accept(",")):
                return self._said is not None
        if self._said is None:
            self._say("".join(self._early) or "{}")
        return self._said is not None

    def _member(self) -> Steps[bool]:
        """Whether there was a member that belongs to a call."""
        source = self._source
        key = yield from source.accept('"name"', '"arguments"', '"parameters"', '"id"', '"type"')
        yield from source.white()
        if not key or self._said or not (yield from source.accept(":")):
            return False
        yield from source.white()
        if key in ('"arguments"', '"parameters"'):
            return (yield from self._arguments())
        value = yield from short_string(source)
        if key == '"name"' and not self._name:
            self._name = value
        elif key == '"id"' and not self._id:
            self._id = value
        elif key != '"type"' or value != "function":
            return False
        return bool(value) and (key != '"name"' or not self._early or self._say(self._early))

    def _say(self, arguments: str | list[str]) -> bool:
        """Say that there is a call; whether there is one."""
        if self._name and (self._names is None or self._name in self._names):
            self._source.kept()
            self._said = self._output.call(self._name, self._id)
            self._said("".join(arguments))
        return self._said is not None

    def _arguments(self) -> Steps[bool]:
        """Whether the arguments came to their end."""
        if self._early or ((yield from self._source.peek()) in (",", "}", "")):
            return False
        if self._name and not self._say(""):
            return False
        sink = self._said or self._early.append
        here = yield from self._source.peek()
        if here in _CLOSING:
            return (yield from json_value(self._source, sink, self._stops))
        raw: list[str] = []
        if here == '"':
            is_whole = yield from _string(self._source, raw.append, self._stops)
            text = "".join(raw)
            decoded = _decoded(text) if is_whole else None
            sink(text if decoded is None else decoded)
            return is_whole
        word = yield from self._source.word(_SCALAR)
        sink("{}" if word == "null" else word)
        return bool(word)
