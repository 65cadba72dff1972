"""The tiny model in a big one's place: what it leaves out, what its engine gets, and what is refused all the same."""

from dataclasses import replace
from typing import Any

import pytest
from msgspec import json

from weft.catalog.load import load_catalog
from weft.catalog.types import Capabilities, ModelCard
from weft.engines.kinds.llama_cpp import QUIRKS
from weft.engines.types import Plan, Route
from weft.gateway.wire.body import engine_bodies
from weft.gateway.wire.bounds import Bounds
from weft.gateway.wire.capabilities import check_capabilities
from weft.gateway.wire.stand_in import stand_in_ignores
from weft.gateway.wire.validate import parse_request
from weft.kit.errors import Unprocessable

CATALOG = load_catalog()
TINY = CATALOG.resolve("weft/tiny-chat")
REASONER = CATALOG.resolve("openai/gpt-oss-20b")
SEER = CATALOG.resolve("meta-llama/Llama-4-Scout-17B-16E-Instruct")
USER = {"role": "user", "content": "hello"}
TEXT = {"type": "text", "text": "What is this?"}
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgoAAAAN"}}
TOOL = {"type": "function", "function": {"name": "f"}}
JSON_MODE = {"type": "json_object"}
ALWAYS_SENT = {"stream": True, "stream_options": {"include_usage": True}, "timings_per_token": True}


def a_route(asked: ModelCard, card: ModelCard = TINY) -> Route:
    plan = Plan("llama_cpp", QUIRKS, card.id, max_in_flight=1)
    return Route(asked, card, card.engines[0], plan)


def through(asked: ModelCard, route: Route | None = None, **members: object) -> tuple[Any, Any]:
    """What is ignored, and what the engine gets beside what it always gets."""
    raw = json.encode({"model": asked.id, "messages": [USER], **members})
    request = parse_request(raw, Bounds())
    route = route or a_route(asked)
    check_capabilities(request, route.asked, route.quirks, is_stand_in=route.is_stand_in)
    ignored = stand_in_ignores(request, route)
    (body,) = engine_bodies(
        raw, request, route.quirks, served_model=route.served_model, ignored=ignored
    )
    told = json.decode(body)
    assert told.pop("model") == route.served_model
    for name, value in ALWAYS_SENT.items():
        assert told.pop(name) == value
    if told["messages"] == [USER]:
        del told["messages"]
    return ignored, told


@pytest.mark.parametrize(
    ("asked", "members", "ignored", "told"),
    [
        (REASONER, {"temperature": 0}, (), {"temperature": 0}),
        (REASONER, {"reasoning_effort": "low"}, ("reasoning_effort",), {}),
        (
            REASONER,
            {"chat_template_kwargs": {"enable_thinking": True, "x": 1}},
            ("chat_template_kwargs.enable_thinking",),
            {"chat_template_kwargs": {"x": 1}},
        ),
        (
            REASONER,
            {"reasoning_effort": "high", "cache_salt": "s", "top_k": 1},
            ("cache_salt", "reasoning_effort"),
            {"top_k": 1},
        ),
        (
            REASONER,
            {"tools": [TOOL], "parallel_tool_calls": True, "response_format": JSON_MODE},
            ("tools",),
            {"response_format": JSON_MODE},
        ),
        (
            REASONER,
            {"tools": [TOOL], "tool_choice": "required", "response_format": JSON_MODE},
            ("response_format",),
            {"tools": [TOOL], "tool_choice": "required"},
        ),
        (
            REASONER,
            {"functions": [{"name": "f"}], "response_format": JSON_MODE},
            ("functions",),
            {"response_format": JSON_MODE},
        ),
        (
            REASONER,
            {"tools": [TOOL], "tool_choice": "auto"},
            (),
            {"tools": [TOOL], "tool_choice": "auto"},
        ),
    ],
)
def test_stand_in_when_it_cannot_do_what_the_asked_model_can_then_leaves_it_out(
    asked: ModelCard, members: dict[str, Any], ignored: tuple[str, ...], told: dict[str, Any]
) -> None:
    assert through(asked, **members) == (ignored, told)


@pytest.mark.parametrize(
    ("mode", "ignored"), [("auto", ("tools",)), ("required", ("response_format",))]
)
def test_stand_in_when_allowed_tools_meet_a_format_then_a_required_call_counts_more(
    mode: str, ignored: tuple[str, ...]
) -> None:
    listed = {"mode": mode, "tools": [{"type": "function", "function": {"name": "f"}}]}
    choice = {"type": "allowed_tools", "allowed_tools": listed}
    got, _ = through(REASONER, tools=[TOOL], tool_choice=choice, response_format=JSON_MODE)
    assert got == ignored


def test_stand_in_when_pictures_are_sent_then_its_engine_reads_a_word() -> None:
    messages = [{"role": "user", "content": [TEXT, IMAGE, IMAGE]}, USER]
    ignored, told = through(SEER, messages=messages)
    assert ignored == ("image_url",)
    word = {"type": "text", "text": "[image]"}
    assert told == {"messages": [{"role": "user", "content": [TEXT, word, word]}, USER]}


@pytest.mark.parametrize(
    ("asked", "members", "param"),
    [
        (SEER, {"reasoning_effort": "low"}, "reasoning_effort"),
        (REASONER, {"messages": [{"role": "user", "content": [IMAGE]}]}, "messages[0].content[0]"),
        (REASONER, {"temprature": 1}, "temprature"),
        (REASONER, {"messages": [USER | {"bogus": 1}]}, "messages[0].bogus"),
    ],
)
def test_stand_in_when_the_asked_model_cannot_either_then_refuses_by_its_name(
    asked: ModelCard, members: dict[str, Any], param: str
) -> None:
    with pytest.raises(Unprocessable) as caught:
        through(asked, **members)
    assert caught.value.param == param
    assert asked.id in caught.value.message


def test_stand_in_when_it_can_do_nothing_then_names_all_of_it() -> None:
    bare = Capabilities(tools=False, json_mode=False, json_schema=False, logprobs=False)
    route = a_route(REASONER, replace(TINY, capabilities=bare))
    ignored, told = through(
        REASONER,
        route,
        tools=[TOOL],
        tool_choice="none",
        logprobs=True,
        top_logprobs=2,
        response_format=JSON_MODE,
    )
    assert (ignored, told) == (("logprobs", "response_format", "tools"), {})


def test_ignores_when_the_model_itself_answers_then_nothing() -> None:
    raw = json.encode({"model": "m", "messages": [USER], "reasoning_effort": "low"})
    assert stand_in_ignores(parse_request(raw, Bounds()), a_route(TINY)) == ()
