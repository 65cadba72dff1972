"""The bound against what engines count, and against markup and tokenisers that are worse than any that is known."""

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engines.scale import TINY_CHAT, Scale, scale
from tests.gateway.estimates import ENDLESS, a_route, encoded, estimated, user

from weft.catalog.types import FakeSpec
from weft.gateway import estimate as module
from weft.gateway.estimate import (
    IMAGE_TOKENS,
    MARKUP_FACTOR,
    NFC_FACTOR,
    TEMPLATE_TOKENS,
    Estimate,
)
from weft.gateway.wire.body import engine_bodies
from weft.gateway.wire.bounds import Bounds
from weft.gateway.wire.validate import parse_request

# Against engines.


@pytest.fixture(scope="module")
def tiny() -> Iterator[Scale]:
    with scale(TINY_CHAT) as made:
        yield made


@pytest.fixture(scope="module")
def fake() -> Iterator[Scale]:
    with scale(FakeSpec()) as made:
        yield made


names = st.from_regex(r"[a-zA-Z0-9_-]{1,12}", fullmatch=True)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=20,
)
# Any text but lone surrogates, which no JSON in UTF-8 can carry.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@st.composite
def conversations(draw: st.DrawFn) -> dict[str, Any]:
    """Requests of all kinds that the door lets through."""
    messages: list[dict[str, Any]] = []
    for number in range(draw(st.integers(0, 12))):
        match draw(st.sampled_from(["system", "developer", "user", "assistant", "call", "parts"])):
            case "call":
                arguments = draw(st.dictionaries(names, values, max_size=4))
                function = {"name": draw(names), "arguments": json.dumps(arguments)}
                call = {"id": f"c{number}", "type": "function", "function": function}
                messages.append({"role": "assistant", "content": None, "tool_calls": [call]})
                answer = {"role": "tool", "tool_call_id": f"c{number}", "content": draw(texts)}
                messages.append(answer)
            case "parts":
                said = draw(st.lists(texts, min_size=1, max_size=3))
                parts = [{"type": "text", "text": text} for text in said]
                messages.append({"role": "user", "content": parts})
            case role:
                messages.append({"role": role, "content": draw(texts)})
    messages.append({"role": "user", "content": draw(texts)})
    fields: dict[str, Any] = {"messages": messages, "max_tokens": 1}
    functions = [
        {
            "name": name,
            "description": draw(texts),
            "parameters": {"type": "object", "properties": draw(st.dictionaries(names, values))},
        }
        for name in draw(st.lists(names, max_size=3, unique=True))
    ]
    if functions and draw(st.booleans()):
        fields["functions"] = functions
    elif functions:
        fields["tools"] = [{"type": "function", "function": function} for function in functions]
    return fields


def check_bound(engine: Scale, fields: dict[str, Any], *, is_ascii: bool) -> None:
    """The bound is no lower than what the engine counts for what it would be sent."""
    payload = encoded(fields, is_ascii=is_ascii)
    request = parse_request(payload, Bounds())
    route = replace(engine.route, plan=replace(engine.route.plan, context_tokens=ENDLESS))
    bound = Estimate.of(request, payload, route).prompt_tokens
    body, *_ = engine_bodies(payload, request, route.quirks, served_model="m")
    counted = engine.count(body)
    if counted is not None:  # a template may refuse what was drawn
        assert counted <= bound


@given(fields=conversations(), is_ascii=st.booleans())
@settings(max_examples=60)
def test_bound_when_llama_cpp_counts_then_is_not_lower(
    tiny: Scale, fields: dict[str, Any], is_ascii: bool
) -> None:
    check_bound(tiny, fields, is_ascii=is_ascii)


@given(fields=conversations(), is_ascii=st.booleans())
@settings(max_examples=60)
def test_bound_when_the_fake_engine_counts_then_is_not_lower(
    fake: Scale, fields: dict[str, Any], is_ascii: bool
) -> None:
    check_bound(fake, fields, is_ascii=is_ascii)


def test_bound_when_there_are_very_many_short_messages_then_is_not_lower(tiny: Scale) -> None:
    fields = {"messages": [{"role": "user", "content": ""}] * 4096, "max_tokens": 1}
    check_bound(tiny, fields, is_ascii=True)


# Against the worst that a template and a tokeniser may do.

BLANKS_TOKENS = 3
"""More than any tokeniser of the catalog's models makes of a line end and the blanks after it."""
ARGUMENT_TOKENS = 24
"""Around one argument of a call, in the markup of the template that spends most."""


def harsh_tokens(text: str) -> int:
    """A token for each byte, and `BLANKS_TOKENS` for each run of blanks."""
    runs = re.findall(r"\s+", text)
    return len(re.sub(r"\s+", "", text).encode()) + BLANKS_TOKENS * len(runs)


@given(schema=st.dictionaries(names, values))
@settings(max_examples=100)
def test_bound_when_a_template_indents_the_tools_then_is_not_lower(schema: dict[str, Any]) -> None:
    tool = {"type": "function", "function": {"name": "f", "parameters": schema}}
    fields = {**user("x"), "tools": [tool]}
    written = json.dumps([tool], indent=4, ensure_ascii=False)
    assert harsh_tokens(written) <= estimated(fields, a_route(ENDLESS)).prompt_tokens


def test_bound_when_schemas_are_deep_and_have_nothing_in_them_then_is_not_lower() -> None:
    schema: dict[str, Any] = {}
    for _ in range(28):
        schema = {"": schema}
    function = {"name": "f", "parameters": {"a": [[[0] * 200] * 9], "b": schema}}
    fields = {**user("x"), "tools": [{"type": "function", "function": function}] * 2}
    written = json.dumps(fields["tools"], indent=4)
    bound = estimated(fields, a_route(ENDLESS)).prompt_tokens
    assert harsh_tokens(written) <= bound < MARKUP_FACTOR * len(written)


@pytest.mark.parametrize("count", [1, 10, 1000])
def test_bound_when_a_template_writes_calls_in_its_own_markup_then_is_not_lower(count: int) -> None:
    arguments = json.dumps({f"{number}": 1 for number in range(count)}, separators=(",", ":"))
    call = {"id": "", "type": "function", "function": {"name": "f", "arguments": arguments}}
    fields = {
        "messages": [
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "", "content": ""},
        ]
    }
    bound = estimated(fields, a_route(ENDLESS)).prompt_tokens
    assert bound >= len(arguments) + ARGUMENT_TOKENS * count
    # Blanks between the parts, where the request has none.
    numbers = json.dumps({"a": [1] * count}, separators=(",", ":"))
    call["function"] = {"name": "f", "arguments": numbers}
    written = json.dumps(json.loads(numbers), indent=4)
    assert estimated(fields, a_route(ENDLESS)).prompt_tokens >= harsh_tokens(written)


marked = st.text(
    "a\u00e4\u1ea1\u00e5\u01fbs\u1e61\u1e69o\u00f4\u1ed9\u03b1\u1fb3\u304b\u304c"
    "\u0300\u0301\u0307\u0308\u030c\u0323\u0327\u0345\u093c\u3099"
)
"""Letters with marks, which other marks may take from them."""
indic = st.text(st.characters(min_codepoint=0x900, max_codepoint=0x1000))


@given(text=texts | marked | indic)
@settings(max_examples=200)
def test_bound_when_a_tokeniser_normalises_the_text_then_is_not_lower(text: str) -> None:
    text *= 50
    written = len(unicodedata.normalize("NFC", text).encode())
    for is_ascii in (True, False):
        bound = estimated(user(text), a_route(ENDLESS), is_ascii=is_ascii).prompt_tokens
        assert written <= bound - TEMPLATE_TOKENS


def test_nfc_when_every_character_is_tried_then_the_factor_holds_and_escapes_are_long_enough() -> (
    None
):
    grown = "".join(
        character
        for character in map(chr, range(0x110000))
        if not 0xD800 <= ord(character) < 0xE000
        and len(unicodedata.normalize("NFC", character).encode()) > len(character.encode())
    )
    assert grown
    for character in grown:
        normal = unicodedata.normalize("NFC", character).encode()
        assert len(normal) <= NFC_FACTOR * len(character.encode())
        assert len(normal) <= len(json.dumps(character)) - 2
        text = character * 5000
        bound = estimated(user(text), a_route(ENDLESS), is_ascii=False).prompt_tokens
        assert bound >= 5000 * len(normal)


def test_bound_when_text_is_not_ascii_but_in_its_normal_form_then_is_its_bytes() -> None:
    route = a_route(ENDLESS)
    for text in ("日本語のテキスト", "हिन्दी में", "tiếng Việt", "🧵"):
        fields = user(unicodedata.normalize("NFC", text))
        payload = encoded(fields, is_ascii=False)
        expected = len(payload) + TEMPLATE_TOKENS + module.MESSAGE_TOKENS
        assert estimated(fields, route, is_ascii=False).prompt_tokens == expected


# Images.


@pytest.fixture
def image() -> dict[str, Any]:
    """A PNG that the door lets through."""
    head = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ"
    return {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{head}{'A' * 40000}"}}


def test_image_when_the_model_sees_then_counts_by_its_most_and_not_by_its_bytes(
    image: dict[str, Any],
) -> None:
    route = a_route(ENDLESS, vision=True)
    without = estimated(user([{"type": "text", "text": "what is it"}]), route)
    with_two = estimated(user([{"type": "text", "text": "what is it"}, image, image]), route)
    more = with_two.prompt_tokens - without.prompt_tokens
    assert 2 * IMAGE_TOKENS <= more <= 2 * IMAGE_TOKENS + 200
    assert with_two.likely_tokens - without.likely_tokens < 100
    assert with_two.text_bytes - without.text_bytes < 200


def test_image_when_a_stand_in_is_told_of_it_in_a_word_then_counts_for_that(
    image: dict[str, Any],
) -> None:
    route = a_route(ENDLESS)
    without = estimated(user([{"type": "text", "text": "x"}]), route)
    more = estimated(user([{"type": "text", "text": "x"}, image]), route).prompt_tokens
    assert len("[image]") <= more - without.prompt_tokens < 100
