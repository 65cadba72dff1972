from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec import json

from weft.catalog.types import (
    Capabilities,
    Lifecycle,
    Modality,
    ModelCard,
    Price,
    ReasoningPolicy,
)
from weft.engines.types import Quirks
from weft.gateway.wire.bounds import Bounds
from weft.gateway.wire.capabilities import HONOURED_HERE, check_capabilities
from weft.gateway.wire.types import FIELDS
from weft.gateway.wire.validate import parse_request
from weft.kit.errors import Unprocessable
from weft.kit.money import NanoUsdPerMtok

USER = {"role": "user", "content": "hello"}
PNG = "data:image/png;base64,iVBORw0KGgoAAAAN"
TOOL = {"type": "function", "function": {"name": "f"}}
EVERYTHING: dict[str, Any] = {
    "stream": True,
    "stream_options": {"include_usage": True},
    "max_tokens": 5,
    "max_completion_tokens": 5,
    "temperature": 0.5,
    "top_p": 0.5,
    "n": 2,
    "stop": ["x"],
    "seed": 1,
    "frequency_penalty": 0.5,
    "presence_penalty": 0.5,
    "logit_bias": {"1": 1},
    "logprobs": True,
    "top_logprobs": 2,
    "response_format": {"type": "json_object"},
    "reasoning_effort": "low",
    "chat_template_kwargs": {"x": 1},
    "cache_salt": "s",
    "user": "u",
    "safety_identifier": "u",
    "prompt_cache_key": "k",
    "modalities": ["text"],
    "metadata": {"k": "v"},
    "store": False,
    "service_tier": "default",
}
TOOLS: dict[str, Any] = {"tools": [TOOL], "tool_choice": "required", "parallel_tool_calls": False}
FUNCTIONS: dict[str, Any] = {"functions": [{"name": "f"}], "function_call": {"name": "f"}}


def a_card(**capabilities: Any) -> ModelCard:
    able: dict[str, Any] = {
        "tools": True,
        "vision": True,
        "reasoning": ReasoningPolicy.ENABLED_BY_DEFAULT,
    }
    price = NanoUsdPerMtok(1)
    return ModelCard(
        id="acme/model",
        label="Model",
        provider="Acme",
        description_short="",
        description_medium="",
        launched_on=None,
        license="",
        context_window_tokens=8192,
        parameters_total=0,
        parameters_active=0,
        lifecycle=Lifecycle.GENERALLY_AVAILABLE,
        modalities_input=(Modality.TEXT,),
        modalities_output=(Modality.TEXT,),
        capabilities=Capabilities(**(able | capabilities)),
        prices=(Price("v", datetime(2026, 1, 1, tzinfo=UTC), price, price, price, "here"),),
        engines=(),
        path=Path(),
    )


def check(members: dict[str, Any], quirks: Quirks | None = None, **capabilities: Any) -> None:
    raw = json.encode({"model": "m", "messages": [USER], **members})
    request = parse_request(raw, Bounds())
    check_capabilities(request, a_card(**capabilities), quirks or Quirks())


def refusal(members: dict[str, Any], quirks: Quirks | None = None, **able: Any) -> Unprocessable:
    with pytest.raises(Unprocessable) as caught:
        check(members, quirks, **able)
    return caught.value


@pytest.mark.parametrize("members", [EVERYTHING | TOOLS, EVERYTHING | FUNCTIONS])
def test_check_when_model_and_engine_can_do_all_then_passes(members: dict[str, Any]) -> None:
    check(members)
    check(members, Quirks(parameters=FIELDS))


JSON_MODE = {"response_format": {"type": "json_object"}}
SCHEMA: dict[str, Any] = {
    "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {}}}
}
IMAGE = {"type": "image_url", "image_url": {"url": PNG}}
NEVER = {"reasoning": ReasoningPolicy.NONE}
ALWAYS = {"reasoning": ReasoningPolicy.ALWAYS_ON}


def thinking(*, on: bool) -> dict[str, Any]:
    return {"chat_template_kwargs": {"enable_thinking": on}}


def parts(second: dict[str, Any]) -> dict[str, Any]:
    return {"messages": [USER, {"role": "user", "content": [{"type": "text", "text": ""}, second]}]}


@pytest.mark.parametrize(
    ("members", "able", "param", "text"),
    [
        ({"tools": [TOOL]}, {"tools": False}, "tools", "acme/model calls no tools."),
        (FUNCTIONS, {"tools": False}, "functions", "acme/model calls no functions."),
        ({"logprobs": True}, {"logprobs": False}, "logprobs", "acme/model gives no log probabilities."),
        ({"stream": True}, {"streaming": False}, "stream", "acme/model does not stream."),
        (JSON_MODE, {"json_mode": False}, "response_format", "acme/model has no JSON mode."),
        (SCHEMA, {"json_schema": False}, "response_format", "acme/model keeps to no JSON schema."),
        ({"modalities": ["text", "audio"]}, {}, "modalities", "acme/model does not speak."),
        ({"reasoning_effort": "low"}, NEVER, "reasoning_effort", "acme/model does not reason."),
        ({"reasoning_effort": "none"}, ALWAYS, "reasoning_effort", "acme/model always reasons."),
        (thinking(on=True), NEVER, "chat_template_kwargs.enable_thinking", "acme/model does not reason."),
        (thinking(on=False), ALWAYS, "chat_template_kwargs.enable_thinking", "acme/model always reasons."),
        (parts(IMAGE), {"vision": False}, "messages[1].content[1]", "acme/model reads text only, no images."),
        (parts({"type": "input_audio"}), {}, "messages[1].content[1]", "acme/model takes no input_audio."),
        (parts({"type": "file"}), {}, "messages[1].content[1]", "acme/model takes no file."),
    ],
)  # fmt: skip
def test_check_when_the_model_cannot_then_names_the_parameter(
    members: dict[str, Any], able: dict[str, Any], param: str, text: str
) -> None:
    error = refusal(members, **able)
    assert (error.status, error.code, error.param) == (422, "unsupported_parameter", param)
    assert error.message == f"'{param}' is not supported: {text}"
    assert error.metadata["detail"] == error.message
    assert error.metadata["remedy"] == (f"Leave '{param}' out, or choose a model that supports it.")


@pytest.mark.parametrize(
    ("members", "able"),
    [
        ({"tools": []}, {"tools": False}),
        ({"logprobs": False}, {"logprobs": False}),
        ({"stream": False}, {"streaming": False}),
        ({"response_format": {"type": "text"}}, {"json_mode": False, "json_schema": False}),
        ({"reasoning_effort": "none"}, NEVER),
        ({"reasoning_effort": "high"}, ALWAYS),
        (thinking(on=False), NEVER),
        (thinking(on=True), ALWAYS),
        (parts({"type": "text", "text": "x"}), {"vision": False}),
    ],
)  # fmt: skip
def test_check_when_nothing_is_asked_that_the_model_lacks_then_passes(
    members: dict[str, Any], able: dict[str, Any]
) -> None:
    check(members, **able)


@pytest.mark.parametrize("tier", ["flex", "scale", "priority", "fast"])
def test_check_when_another_tier_is_asked_for_then_refuses(tier: str) -> None:
    error = refusal({"service_tier": tier})
    assert error.param == "service_tier"
    assert error.message == f"There is no service tier '{tier}' here."


REFUSED_BY_A_BARE_ENGINE = sorted(
    set(EVERYTHING | TOOLS)
    - HONOURED_HERE
    - {"stream", "stream_options", "tool_choice", "parallel_tool_calls", "top_logprobs"}
)


@pytest.mark.parametrize("name", REFUSED_BY_A_BARE_ENGINE)
def test_check_when_an_engine_does_not_know_a_parameter_then_names_it(name: str) -> None:
    error = refusal({name: (EVERYTHING | TOOLS)[name]}, Quirks(parameters=frozenset()))
    assert error.param == name
    assert error.message == (
        f"'{name}' is not supported: acme/model runs on an engine that does not know it."
    )


@pytest.mark.parametrize("name", sorted(HONOURED_HERE))
def test_check_when_the_door_honours_a_parameter_then_no_engine_need_know_it(name: str) -> None:
    check({name: EVERYTHING[name]}, Quirks(parameters=frozenset()))


@pytest.mark.parametrize(
    "members",
    [
        {"n": 1},
        {"top_p": 1},
        {"frequency_penalty": 0, "presence_penalty": 0.0},
        {"logit_bias": {}},
        {"logprobs": False},
        {"stop": []},
        {"tools": [], "tool_choice": "auto"},
        {"tools": [], "tool_choice": "none", "parallel_tool_calls": False},
        {"functions": [], "function_call": "auto"},
        {"parallel_tool_calls": True},
        {"response_format": {"type": "text"}},
        {"chat_template_kwargs": {}},
        {"seed": None},
        {"stream": True, "stream_options": {"include_obfuscation": False}},
    ],
)
def test_check_when_a_foreign_parameter_asks_for_nothing_then_passes(
    members: dict[str, Any],
) -> None:
    check(members, Quirks(parameters=frozenset()))


@pytest.mark.parametrize(
    ("members", "known"),
    [
        ({"max_completion_tokens": 5}, {"max_tokens"}),
        ({"max_tokens": 5}, {"max_completion_tokens"}),
        (FUNCTIONS, {"tools", "tool_choice"}),
        ({"reasoning_effort": "low"}, {"chat_template_kwargs"}),
    ],
)
def test_check_when_the_engine_knows_another_name_then_passes(
    members: dict[str, Any], known: set[str]
) -> None:
    check(members, Quirks(parameters=frozenset(known)))


def test_check_when_the_door_fans_out_then_the_engine_need_not_know_n() -> None:
    bare = Quirks(parameters=frozenset())
    assert refusal({"n": 2}, bare).param == "n"
    check({"n": 2}, replace(bare, fans_out=True))


def test_check_when_obfuscation_is_asked_of_a_plain_engine_then_refuses() -> None:
    members = {"stream": True, "stream_options": {"include_obfuscation": True}}
    check(members)
    param = "stream_options.include_obfuscation"
    assert refusal(members, Quirks(parameters=frozenset())).param == param


def test_check_when_a_field_is_unknown_then_the_engine_decides() -> None:
    check({"top_k": 40})
    check({"top_k": 40}, Quirks(parameters=frozenset({"top_k"})))
    error = refusal({"top_k": 40}, Quirks(parameters=frozenset({"min_p"})))
    assert (error.status, error.code, error.param) == (422, "unknown_parameter", "top_k")
    assert error.message == "'top_k' is no parameter of acme/model."
    assert error.metadata["remedy"] == "Leave 'top_k' out."


def test_check_when_a_name_is_misspelt_then_suggests_the_right_one() -> None:
    error = refusal({"temprature": 1}, Quirks(parameters=frozenset()))
    assert error.metadata["remedy"] == "Did you mean 'temperature'?"


def test_check_when_an_unknown_name_is_very_long_then_quotes_its_beginning() -> None:
    error = refusal({"x" * 10_000: 1}, Quirks(parameters=frozenset()))
    assert len(error.message) < 200


def test_check_when_a_message_has_a_field_that_the_engine_would_drop_then_names_it() -> None:
    members = {"messages": [USER, USER | {"bogus": 1}]}
    check(members)
    error = refusal(members, Quirks(parameters=FIELDS))
    assert (error.status, error.code, error.param) == (
        422,
        "unknown_parameter",
        "messages[1].bogus",
    )
    assert error.metadata["remedy"] == "Leave 'messages[1].bogus' out."


EITHER = Quirks(tools_with_format=False)
LIMITED = "is not supported here: the engine of acme/model"
NO_TOOLS: dict[str, Any] = {"tools": [], "functions": []}
FORM: dict[str, Any] = {"response_format": {"type": "json_object"}}


@pytest.mark.parametrize(
    ("members", "param", "text"),
    [
        (FORM | TOOLS, "response_format", "calls no tool while it keeps to a response format."),
        (SCHEMA | FUNCTIONS, "response_format", "calls no tool while it keeps to a response format."),
        (SCHEMA | {"tools": [TOOL]}, "response_format", "calls no tool while it keeps to a response format."),
        ({"grammar": "x", "tools": [TOOL]}, "grammar", "calls no tool while it keeps to a grammar."),
        ({"grammar": "x"} | FORM, "grammar", "keeps to a response format or to a grammar, not to both."),
    ],
)  # fmt: skip
def test_check_when_an_engine_would_drop_one_of_two_then_says_which(
    members: dict[str, Any], param: str, text: str
) -> None:
    check(members)
    error = refusal(members, EITHER)
    assert (error.status, error.code, error.param) == (422, "unsupported_parameter", param)
    assert error.message == f"'{param}' {LIMITED} {text}"
    assert str(error.metadata["remedy"]).startswith(f"Leave '{param}' out, or what it goes against")


@pytest.mark.parametrize(
    "members",
    [
        FORM | {"tools": [TOOL], "tool_choice": "none"},
        FORM | {"functions": [{"name": "f"}], "function_call": "none"},
        FORM | NO_TOOLS,
        TOOLS | {"response_format": {"type": "text"}},
        {"grammar": "x", "tools": [TOOL], "tool_choice": "none"},
    ],
)
def test_check_when_only_one_of_two_is_asked_for_then_passes(members: dict[str, Any]) -> None:
    check(members, EITHER)
