"""Calls as Llama 4 writes them, in Python: `[get_weather(city="Paris", days=3), now()]`.

The list is the whole answer, and then every name in it must be a tool that was offered; or it stands between
`<|python_start|>` and `<|python_end|>`. Llama 3's objects count in both places, because the model's own template shows
them. Literals become JSON as they come: strings, numbers, True, False, None, lists, tuples and dicts of literals. What
breaks off is left open, so that nobody takes it for whole, and what follows is content.
Sources: Meta's prompt format for Llama 4; the Python reference, literals and escape sequences.
"""

import re

from weft.engines.formats.families.llama3 import read_objects
from weft.engines.formats.output import Output, Script
from weft.engines.formats.quoting import json_escape
from weft.engines.formats.source import Sink, Source, Steps, Stops
from weft.engines.formats.types import Tools

_OPEN = "<|python_start|>"
_CLOSE = "<|python_end|>"
_OPENING = Stops(_OPEN)
_STOPS = Stops(_CLOSE, _OPEN)
_NAME = re.compile(r"[\w.\-]+")
_TOKEN = re.compile(r"[\w.+\-]+")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_WORDS = {
    "True": "true",
    "False": "false",
    "None": "null",
    "true": "true",
    "false": "false",
    "null": "null",
}
_CLOSING = {"[": "]", "(": ")", "{": "}"}
_JSON = {"[": "[", "(": "[", "{": "{", "]": "]", ")": "]", "}": "}"}
_IN_STRING = {quote: re.compile(rf"[^\\{quote}]+") for quote in ("'", '"')}
_SIMPLE_ESCAPES = {"\n": "", "\\": "\\", "'": "'", '"': '"'} | dict(
    zip("abfnrtv", "\a\b\f\n\r\t\v", strict=True)
)
_HEX_DIGITS = {"x": 2, "u": 4, "U": 8}
_HEX = re.compile(r"[0-9a-fA-F]")
_OCTAL = re.compile(r"[0-7]")
_MAX_CODE = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)


def calls_script(tools: Tools) -> Script:
    """What reads text and calls of `tools`."""
    names = frozenset(tools)

    def script(source: Source, output: Output) -> Steps[None]:
        source.keep()
        yield from source.white()
        yield from _read_calls(source, output, names)
        while (yield from source.until(_OPENING, output.content)):
            source.keep()
            yield from source.accept(_OPEN)
            yield from source.white()
            yield from _read_calls(source, output, None)

    return script


def _read_calls(source: Source, output: Output, names: frozenset[str] | None) -> Steps[None]:
    """Read the calls that stand here; what was kept and is no call is content."""
    if (yield from source.see("{")):
        yield from read_objects(source, output, names, _STOPS)
        if names is None:
            yield from source.accept(_CLOSE)
    elif (yield from source.accept("[")):
        while (yield from _read_call(source, output, names)):
            source.keep()
            yield from source.white()
            if (yield from source.accept("]")):
                source.kept()
                yield from _read_end(source, output, is_tagged=names is None)
                break
            if not (yield from source.accept(",")):
                break
    output.content(source.kept())


def _read_end(source: Source, output: Output, *, is_tagged: bool) -> Steps[None]:
    """Read the marker behind a list that has ended."""
    source.keep()
    yield from source.white()
    if is_tagged and (yield from source.accept(_CLOSE)):
        source.kept()
    output.content(source.kept())


def _read_call(source: Source, output: Output, names: frozenset[str] | None) -> Steps[bool]:
    """Whether there was a call that came to its end."""
    yield from source.white()
    name = yield from source.word(_NAME)
    yield from source.white()
    if not name or not (yield from source.accept("(")) or (names is not None and name not in names):
        return False
    yield from source.white()
    if (yield from source.accept(")")):
        source.kept()
        output.call(name)("{}")
        return True
    key = yield from _keyword(source)
    if not key:
        return False
    arguments = output.call(name)
    lead = "{"
    while key:
        source.kept()
        arguments(f'{lead}"{json_escape(key)}": ')
        if not (yield from Literal(source, arguments, output.content).read()):
            return False
        source.keep()
        yield from source.white()
        if not (yield from source.accept(",")):
            break
        yield from source.white()
        key = yield from _keyword(source)
        lead = ", "
    if not (yield from source.accept(")")):
        return False
    source.kept()
    arguments("}")
    return True


def _keyword(source: Source) -> Steps[str]:
    """A name and the equals sign behind it; empty if there is none."""
    key = yield from source.word(_NAME)
    yield from source.white()
    return key if (yield from source.accept("=")) else ""


class Literal:
    """Reads one Python literal and passes it on as JSON; what is none goes where `lost` says."""

    def __init__(self, source: Source, sink: Sink, lost: Sink) -> None:
        self._source = source
        self._sink = sink
        self._lost = lost
        self._closing: list[str] = []

    def read(self) -> Steps[bool]:
        """Whether it came to its end."""
        while True:
            if not (yield from self._value()) or not (yield from self._rest()):
                return False
            if not self._closing:
                return True

    def _value(self) -> Steps[bool]:
        """Read a value, of a list or a dict only its beginning."""
        source = self._source
        while True:
            yield from source.white()
            here = yield from source.peek()
            if here in ("'", '"'):
                return (yield from self._string())
            if here not in _CLOSING:
                return (yield from self._word())
            self._sink(_JSON[(yield from source.take())])
            self._closing.append(_CLOSING[here])
            yield from source.white()
            if (yield from source.see(_CLOSING[here])):
                return True
            if here == "{" and not (yield from self._key()):
                return False

    def _rest(self) -> Steps[bool]:
        """Read what may stand behind a value: ends of lists and dicts, the comma before the next value."""
        comma = ""
        while self._closing:
            yield from self._source.white()
            if end := (yield from self._source.accept(self._closing[-1])):
                self._sink(_JSON[end])
                self._closing.pop()
                comma = ""
            elif comma:
                break
            elif not (comma := (yield from self._source.accept(","))):
                return False
        if not self._closing:
            return True
        self._sink(", ")
        return self._closing[-1] != "}" or (yield from self._key())

    def _key(self) -> Steps[bool]:
        """Whether there was the key of a member."""
        yield from self._source.white()
        if (yield from self._source.peek()) not in _IN_STRING or not (yield from self._string()):
            return False
        yield from self._source.white()
        if not (yield from self._source.accept(":")):
            return False
        self._sink(": ")
        return True

    def _word(self) -> Steps[bool]:
        """Whether there was a number, True, False or None."""
        word = yield from self._source.word(_TOKEN)
        known = word if _NUMBER.fullmatch(word) else _WORDS.get(word, "")
        if known:
            self._sink(known)
        elif word:
            self._lost(word)
        return bool(known)

    def _string(self) -> Steps[bool]:
        """Whether there was a string that came to its end."""
        source = self._source
        quote = yield from source.take()
        self._sink('"')
        while True:
            yield from source.run(_IN_STRING[quote], self._text)
            here = yield from source.take()
            if here == quote:
                self._sink('"')
                return True
            if not here:
                return False
            yield from self._escape()

    def _text(self, text: str) -> None:
        self._sink(json_escape(text))

    def _escape(self) -> Steps[None]:
        """Read what stands behind a backslash."""
        source = self._source
        here = yield from source.peek()
        digits = ""
        if here in _HEX_DIGITS:
            yield from source.take()
            digits = yield from _few(source, _HEX, _HEX_DIGITS[here])
            is_whole = len(digits) == _HEX_DIGITS[here]
            code = int(digits, 16) if is_whole else _MAX_CODE + 1
        elif _OCTAL.match(here):
            code = int((yield from _few(source, _OCTAL, 3)), 8)
        elif here in _SIMPLE_ESCAPES:
            self._text(_SIMPLE_ESCAPES[(yield from source.take())])
            return
        else:
            self._text("\\")
            return
        if code in _SURROGATES:  # a pair of them is one character, in JSON as well
            self._sink(f"\\u{code:04x}")
        else:
            self._text(chr(code) if code <= _MAX_CODE else f"\\{here}{digits}")


def _few(source: Source, pattern: re.Pattern[str], count: int) -> Steps[str]:
    """At most `count` characters that fit."""
    found = ""
    while len(found) < count and pattern.match((yield from source.peek())):
        found += yield from source.take()
    return found
