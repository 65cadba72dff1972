"""The text that tokenizers are trained on, and the words of formats that must become one token each.

Written for this purpose. It has to hold a little of everything that pre-tokenizers treat in their own way: numbers,
contractions, camel case, code, runs of spaces and line ends, CJK, combining marks. What a vocabulary is made of is of
no other interest, since the weights are random.
"""

# ruff: noqa: RUF001 - other scripts are what it is about.

_PROSE = (
    "The loom stands by the window, and whoever passes it stops to look at the cloth that grows there. "
    "It's slow work; there's no other way, and they'll tell you that they've never minded. We're sure you'd like it."
)
_NUMBERS = (
    "On the 14th of March 2024, 1,250 metres of linen were sold at 3.75 each: that's 4687.50 in all, "
    "or 12345678 threads."
)
_CODE = """def weave(warp, weft):
    for thread in warp:
        if thread.isLoose():
            raise LooseThread(thread)
        yield thread.crossedBy(weft)


HTTPServer = makeServer(port=8080)\t# the default
"""
_JSON = """{"name": "get_weather", "arguments": {"location": "Paris", "unit": "celsius", "days": 3, "exact": true}}
{"type": "function", "parameters": {"type": "object", "properties": {}, "required": ["location"]}}
"""
_XML = "<function=get_weather>\n<parameter=location>\nParis\n</parameter>\n</function>\n"
_EAST = "今天的天气很好，我们去公园吧。明日は雨が降るでしょう。오늘은 날씨가 좋습니다."
_ELSEWHERE = (
    "Où est la bibliothèque? Das Maß ist groß. Привет, мир! שלום עולם. नमस्ते दुनिया. Việt Nam."
)
_SPACES = (
    "   Three spaces before, none after.\r\n\r\nA line that ends as on Windows.\n\n\n\n"
    "Four line ends above."
)

PARAGRAPHS = (_PROSE, _NUMBERS, _CODE, _JSON, _XML, _EAST, _ELSEWHERE, _SPACES)

WORDS = (
    "assistant",
    "user",
    "system",
    "analysis",
    "commentary",
    "final",
    "json",
    "functions",
    "function",
)
"""Repeated until each is one token where a vocabulary learns whole words."""

REPEATS = 60


def texts() -> list[str]:
    """All of it."""
    return [*PARAGRAPHS, *("\n".join([word] * REPEATS) for word in WORDS)]
