"""What a model might say, before it is written in any format: thoughts, texts, calls.

The nouns of the corpus, and the dice. Knows neither formats nor parsers: what an answer means is settled here, and
what comes out of a parser is compared with it.
"""

import json
from dataclasses import dataclass, field
from random import Random
from typing import Any

TOOLS: dict[str, dict[str, Any]] = {
    "get_weather": {
        "type": "object",
        "properties": {
            "city": {"type": "string"},
            "days": {"type": "integer"},
            "unit": {"type": "string"},
        },
    },
    "search_web": {
        "type": "object",
        "properties": {
            "query": {"type": "string"},
            "limit": {"type": "number"},
            "filters": {"type": "object"},
            "tags": {"type": "array", "items": {"type": "string"}},
        },
    },
    "run_code": {
        "type": "object",
        "properties": {
            "code": {"type": "string"},
            "dry-run": {"type": "boolean"},
            "note": {"type": "integer"},
        },
    },
    "now": {"type": "object", "properties": {}},
}
TEXTS = (
    "Let me look that up.",
    "Grüße aus Köln, 東京も晴れ 🌤️.",
    "Is a < b, or <b>bold</b>, or x<|y|>?",
    'Use {"name": "x"} and [1, 2] here.',
    "```python\nprint('<tools>')\n```",
    "First line.\n\nSecond line, a\ttab.",
    "שלום — “quotes” and e\u0301 combining",
    "1 \\ 2 \\n is no line end",
    "OK",
)
STRINGS = (
    "Paris",
    "",
    "São Paulo 東京 🎉",
    'say "hi" and \\ back\\slash',
    "braces } ] { [ in a string",
    "line one\nline two\tand tab",
    "it's 5 o'clock",
    "def f():\n    return {'a': [1]}",
    "\x00\x1f\u2028\ufeff odd ones",
    "null",
    "3",
)


@dataclass(frozen=True)
class Call:
    """One call: what is called with what."""

    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """One answer: thoughts, text, calls, text."""

    thought: str = ""
    before: str = ""
    calls: tuple[Call, ...] = ()
    after: str = ""


@dataclass
class Case:
    """One raw output, and what it means where that is stated."""

    kind: str
    raw: str
    prompt: str = ""
    reasoning: str | None = None
    content: str | None = None
    calls: list[list[Any]] | None = None
    """Name, id and arguments of each: the arguments as the exact text, or as JSON where a format has none."""
    whole: int | None = field(default=None)
    """For a raw output that was cut off: the number of the one that it was."""

    @property
    def is_plain(self) -> bool:
        """Whether it is laid out as a chat template would."""
        return self.kind == "plain"

    @property
    def is_stated(self) -> bool:
        """Whether it is known what must come out."""
        return self.calls is not None


def roll(chance: Random, markers: tuple[str, ...], *, strange: bool) -> Plan:
    """An answer; strings may hold `markers`, and with `strange` a tool may be called that there is not."""
    count = chance.choice((0, 1, 1, 1, 1, 2, 3))
    return Plan(
        thought=chance.choice(("", chance.choice(TEXTS))),
        before=chance.choice(TEXTS) if chance.random() < 0.4 or not count else "",
        calls=tuple(_roll_call(chance, markers, strange=strange) for _ in range(count)),
        after=chance.choice(TEXTS) if count and chance.random() < 0.2 else "",
    )


def _roll_call(chance: Random, markers: tuple[str, ...], *, strange: bool) -> Call:
    if strange and chance.random() < 0.1:
        return Call("make_tea", {"sugar": _text(chance, markers)} if chance.random() < 0.5 else {})
    name = chance.choice([*TOOLS])
    properties = TOOLS[name]["properties"]
    chosen = [key for key in properties if chance.random() < 0.7]
    return Call(name, {key: _value(chance, properties[key], markers) for key in chosen})


def _value(chance: Random, schema: dict[str, Any], markers: tuple[str, ...]) -> Any:
    match schema.get("type"):
        case "string":
            return _text(chance, markers)
        case "integer":
            return chance.choice((0, 1, -7, 10**15))
        case "number":
            return chance.choice((0.5, -0.25, 3, 2.5e30))
        case "boolean":
            return chance.random() < 0.5
        case "array":
            return [_text(chance, markers) for _ in range(chance.randrange(3))]
        case "object":
            return _nested(chance, markers, 3)
        case _:
            raise AssertionError(schema)


def _nested(chance: Random, markers: tuple[str, ...], depth: int) -> dict[str, Any]:
    keys = ("a", 'k"ey', "ключ", "{", "")
    leaves: tuple[Any, ...] = ([], {}, [1, [None, {"x": True}]], _text(chance, markers))
    return {
        key: _nested(chance, markers, depth - 1)
        if depth and chance.random() < 0.4
        else chance.choice(leaves)
        for key in chance.sample(keys, chance.randrange(3))
    }


def _text(chance: Random, markers: tuple[str, ...]) -> str:
    text = chance.choice(STRINGS)
    if chance.random() < 0.25:
        text = f"{text} {chance.choice(markers)} {text}"
    return text


def as_json(chance: Random, value: Any) -> str:
    """JSON as one model or another lays it out."""
    style = chance.choice(("plain", "ascii", "tight", "wide"))
    if style == "tight":
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if style == "wide":
        return json.dumps(value, ensure_ascii=False, indent=2)
    return json.dumps(value, ensure_ascii=style == "ascii")


class Settled(Random):
    """No dice: always the first choice, which is what a chat template writes."""

    def choice(self, seq: Any) -> Any:
        return seq[0]

    def random(self) -> float:
        return 0.0
