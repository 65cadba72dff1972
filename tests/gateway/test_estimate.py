"""The bound against what engines count, and against markup and tokenisers that are worse than any that is known."""

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engines.scale import TINY_CHAT, Scale, a_card, scale

from weft.catalog.types import Capabilities, FakeSpec, Price
from weft.engines.pool import Engines, EngineSettings
from weft.engines.types import Route
from weft.gateway import estimate as module
from weft.gateway.estimate import (
    IMAGE_TOKENS,
    LEAST_OUTPUT_TOKENS,
    MARKUP_FACTOR,
    NFC_FACTOR,
    TEMPLATE_TOKENS,
    Estimate,
)
from weft.gateway.wire.body import engine_bodies
from weft.gateway.wire.bounds import Bounds
from weft.gateway.wire.validate import parse_request
from weft.kit.clock import SystemClock
from weft.kit.money import NanoUsdPerMtok
from weft.ledger.pricing import charge
from weft.ledger.types import Tokens

ENDLESS = 1 << 40
"""A window that cuts no bound short."""
CONTEXT = 8192


def a_route(context_tokens: int = CONTEXT, *, vision: bool = False) -> Route:
    card = replace(
        a_card(FakeSpec(), context_tokens=context_tokens), capabilities=Capabilities(vision=vision)
    )
    return Engines([card], EngineSettings(), clock=SystemClock()).find_route(card)


def a_price(input_: int, output: int, cached: int | None = None) -> Price:
    return Price(
        "v1",
        datetime(2026, 1, 1, tzinfo=UTC),
        NanoUsdPerMtok(input_),
        NanoUsdPerMtok(output),
        NanoUsdPerMtok(input_ if cached is None else cached),
        "test",
    )


def encoded(fields: dict[str, Any], *, is_ascii: bool = True) -> bytes:
    """A body as compact as JSON can be."""
    body = {"model": "m", **fields}
    return json.dumps(body, ensure_ascii=is_ascii, separators=(",", ":")).encode()


def estimated(fields: dict[str, Any], route: Route, *, is_ascii: bool = True) -> Estimate:
    payload = encoded(fields, is_ascii=is_ascii)
    return Estimate.of(parse_request(payload, Bounds()), payload, route)


def user(content: object) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": content}]}


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
    route = replace(engine.route, context_tokens=ENDLESS)
    bound = Estimate.of(request, payload, route).prompt_tokens
    body, *_ = engine_bodies(payload, request, route.quirks, served_model="m")
    counted = engine.count(body)
    if counted is not None:  # a template may refuse what was drawn
        assert counted <= bound


@given(fields=conversations(), is_ascii=st.booleans())
@settings(max_examples=150)
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
@settings(max_examples=300)
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
@settings(max_examples=600)
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


# What is said to the engine, and what is held.


def test_open_when_the_prompt_is_short_then_the_rest_of_the_window_is_held() -> None:
    made = estimated(user("hello"), a_route())
    assert made.is_open
    assert made.sends_limit
    assert made.prompt_tokens + made.output_tokens == CONTEXT
    price = a_price(1_000_000_000, 2_000_000_000)
    assert made.limit_for(made.cost_nusd(price), price) == made.output_tokens


def test_open_when_the_prompt_may_fill_most_of_the_window_then_no_limit_is_sent() -> None:
    price = a_price(1_000_000_000, 2_000_000_000)
    made = estimated(user("x" * 5400), a_route())
    assert made.prompt_tokens > CONTEXT * module.ROOM
    assert made.is_open
    assert made.limit_for(made.cost_nusd(price), price) is None
    assert made.output_tokens == CONTEXT
    assert made.least_nusd(price) == made.cost_nusd(price)


def test_open_when_the_prompt_was_counted_then_a_limit_is_sent() -> None:
    price = a_price(1_000_000_000, 2_000_000_000)
    made = estimated(user("x" * 6000), a_route()).with_prompt(1500)
    assert made.sends_limit
    assert (made.prompt_tokens, made.output_tokens) == (1500, CONTEXT - 1500)
    assert made.least_nusd(price) == 1500 * 1000 + LEAST_OUTPUT_TOKENS * 2000


def test_limit_when_the_caller_named_one_then_none_is_sent_and_it_is_held_in_full() -> None:
    price = a_price(1_000_000_000, 2_000_000_000)
    for name in ("max_tokens", "max_completion_tokens"):
        made = estimated({**user("hello"), name: 100, "n": 3}, a_route())
        assert made.limit_for(1 << 60, price) is None
        assert made.cost_nusd(price) == made.prompt_tokens * 1000 + 3 * 100 * 2000
        assert made.least_nusd(price) == made.cost_nusd(price)
        assert made.with_prompt(9).cost_nusd(price) == 9 * 1000 + 3 * 100 * 2000


def test_limit_when_larger_than_the_window_then_the_window_is_held() -> None:
    made = estimated({**user("hello"), "max_tokens": 2**62}, a_route())
    assert made.output_tokens == CONTEXT


def test_window_when_the_engine_s_slots_are_smaller_then_theirs_counts() -> None:
    route = replace(a_route(), context_tokens=2048)
    made = estimated(user("hello"), route)
    assert made.prompt_tokens + made.output_tokens == 2048


def test_prices_when_all_are_zero_then_nothing_is_held_and_no_limit_sent() -> None:
    free = a_price(0, 0)
    made = estimated(user("hello"), a_route())
    assert made.cost_nusd(free) == made.least_nusd(free) == 0
    assert made.limit_for(0, free) is None


def test_prices_when_only_the_prompt_costs_then_the_answer_is_not_cut_short() -> None:
    price = a_price(1_000_000_000, 0)
    made = estimated(user("hello"), a_route())
    assert made.limit_for(made.least_nusd(price), price) == made.output_tokens


prices = st.builds(
    a_price,
    st.integers(0, 10**12),
    st.integers(0, 10**12),
    st.none() | st.integers(0, 10**12),
)


@given(
    price=prices,
    choices=st.integers(1, 16),
    words=st.integers(0, 9000),
    share=st.fractions(0, 1),
    counted=st.none() | st.integers(1, 9000),
)
@settings(max_examples=400)
def test_hold_when_the_engine_keeps_to_the_limit_then_pays_for_everything(
    price: Price, choices: int, words: int, share: Any, counted: int | None
) -> None:
    made = estimated({**user("x" * words), "n": choices}, a_route())
    if counted is not None:
        made = made.with_prompt(counted)
    want, least = made.cost_nusd(price), made.least_nusd(price)
    assert least <= want
    held = least + int((want - least) * share)
    limit = made.limit_for(held, price)
    if limit is None:
        assert held == want
        limit = made.output_tokens
    assert min(made.output_tokens, LEAST_OUTPUT_TOKENS) <= limit <= made.output_tokens
    for cached in (0, made.prompt_tokens):
        used = Tokens(made.prompt_tokens, cached, limit * choices)
        assert charge(used, price) <= held


@given(price=prices, words=st.integers(0, 9000), left=st.integers(0, 10**14))
def test_may_fit_when_false_then_no_count_would_help(price: Price, words: int, left: int) -> None:
    made = estimated(user("x" * words), a_route())
    if not made.may_fit(left, price):
        for counted in (1, 7, made.prompt_tokens):
            assert made.with_prompt(counted).least_nusd(price) > left
            assert made.with_prompt(counted).affordable(left, price) < 1


# What is likely.


def test_likely_when_the_caller_named_a_limit_then_it_counts_with_the_prompt() -> None:
    made = estimated({**user("x" * 400), "max_tokens": 50, "n": 2}, a_route())
    assert 100 + 100 <= made.likely_tokens <= 130 + 100
    assert 100 <= estimated(user("x" * 400), a_route()).likely_tokens < 130


def test_text_when_longer_than_the_window_then_is_told_as_what_the_window_holds() -> None:
    made = estimated(user(" " * 100_000), a_route())
    assert made.text_bytes == 4 * CONTEXT
    assert made.likely_tokens == CONTEXT
