"""The OpenAI clients for Python (two major versions) and JavaScript, unmodified, with only base URL and key changed."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from conformance.programs import CLIENTS_PYTHON, NEW_PYTHON, tour_node, tour_python
from conformance.server import ECHO, TINY, Weft

pytestmark = pytest.mark.conformance

TOURS: dict[str, Callable[[Weft, str], Any]] = {
    "python-3": lambda weft, model: tour_python(
        NEW_PYTHON, weft, "openai_tour.py", weft.url, weft.api_key, model
    ),
    "python-2": lambda weft, model: tour_python(
        CLIENTS_PYTHON, weft, "openai_tour.py", weft.url, weft.api_key, model
    ),
    "node": lambda weft, model: tour_node(weft, "openai_tour.mjs", weft.url, weft.api_key, model),
}


@pytest.fixture(scope="module", params=[TINY, ECHO])
def model(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module", params=TOURS)
def seen(request: pytest.FixtureRequest, weft: Weft, model: str) -> Any:
    return TOURS[request.param](weft, model)


@pytest.fixture
def answer(model: str) -> str:
    """What the model says to `What is 2 + 2?`: the one computes, the other repeats."""
    return "4" if model == TINY else "What is 2 + 2?"


@pytest.fixture
def location(model: str) -> str:
    return "Paris" if model == TINY else "text"


def test_models_when_listed_then_hold_this_one_in_the_hosted_shape(seen: Any, model: str) -> None:
    assert model in seen["models"]["listed"]
    assert seen["models"]["one"]["id"] == model
    assert seen["models"]["one"]["object"] == "model"
    assert seen["models"]["one"]["created"] == 0
    assert seen["models"]["one"]["owned_by"] == "system"
    assert seen["models"]["one"]["root"] == model


def test_completion_when_whole_then_has_the_documented_shape(
    seen: Any, model: str, answer: str
) -> None:
    completion = seen["whole"]["completion"]
    assert completion["id"].startswith("chatcmpl-")
    assert completion["object"] == "chat.completion"
    assert completion["created"] > 1_700_000_000 - 1
    assert completion["model"] == model
    (choice,) = completion["choices"]
    assert choice["index"] == 0
    assert choice["message"]["role"] == "assistant"
    assert choice["message"]["content"].strip() == answer
    assert choice["finish_reason"] == "stop"
    usage = completion["usage"]
    assert usage["prompt_tokens"] > 0
    assert usage["completion_tokens"] > 0
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


def test_completion_when_whole_then_names_its_request(seen: Any, weft: Weft, model: str) -> None:
    assert seen["whole"]["request_id"] == seen["whole"]["header"]
    record = weft.usage(seen["whole"]["request_id"])
    assert record is not None
    usage = seen["whole"]["completion"]["usage"]
    assert record["model_id"] == model
    assert record["input_tokens"] == usage["prompt_tokens"]
    assert record["output_tokens"] == usage["completion_tokens"]
    assert record["usage_source"] == "engine"


def test_stream_when_read_then_says_the_same_as_the_whole(seen: Any) -> None:
    whole = seen["whole"]["completion"]["choices"][0]["message"]["content"]
    assert seen["stream"]["text"] == whole
    assert seen["stream"]["finish"] == ["stop"]


def test_stream_when_usage_is_asked_for_then_ends_with_it(seen: Any) -> None:
    told = seen["stream_with_usage"]
    assert told["last_choices"] == []
    usage = seen["whole"]["completion"]["usage"]
    for name in ("prompt_tokens", "completion_tokens", "total_tokens"):
        assert told["usage"][name] == usage[name]


def test_tool_when_required_then_is_called_and_its_result_is_read(seen: Any, location: str) -> None:
    assert seen["tools"]["finish"] == "tool_calls"
    assert seen["tools"]["name"] == "get_weather"
    assert json.loads(seen["tools"]["arguments"]) == {"location": location}
    assert seen["tools"]["answer"]


def test_tool_when_streamed_then_has_the_same_arguments(seen: Any) -> None:
    assert seen["stream_events"]["name"] == "get_weather"
    assert seen["stream_events"]["arguments"] == seen["tools"]["arguments"]


def test_function_when_asked_for_in_the_old_way_then_comes_back_in_it(
    seen: Any, location: str
) -> None:
    assert seen["functions"]["finish"] == "function_call"
    assert seen["functions"]["name"] == "get_weather"
    assert json.loads(seen["functions"]["arguments"]) == {"location": location}


def test_answer_when_parsed_then_fits_the_schema(seen: Any, model: str) -> None:
    assert seen["parse"]["answer"] == ("Paris" if model == TINY else "text")


def test_choices_when_three_are_asked_for_then_three_come_and_all_are_counted(
    seen: Any, model: str, answer: str
) -> None:
    told = seen["choices"]
    assert told["indices"] == [0, 1, 2]
    one = seen["whole"]["completion"]["usage"]
    assert told["usage"]["prompt_tokens"] == one["prompt_tokens"]
    assert told["usage"]["completion_tokens"] == 3 * one["completion_tokens"]
    if model == TINY:
        assert [text.strip() for text in told["texts"]] == [answer] * 3


def test_refusal_when_raised_then_is_the_clients_own_class(seen: Any) -> None:
    assert seen["errors"] == {
        "key": ["AuthenticationError", 401, "invalid_api_key", True],
        "model": ["NotFoundError", 404, "model_not_found", True],
        "value": ["BadRequestError", 400, "invalid_value", True],
        "path": ["NotFoundError", 404, "not_found", True],
    }


def test_asynchronous_client_when_used_then_sees_the_same(
    seen: Any, model: str, answer: str
) -> None:
    if "asynchronous" not in seen:  # JavaScript knows nothing else
        assert seen["hang_up"]["aborted"]
        return
    assert seen["asynchronous"]["text"].strip() == answer
    assert seen["asynchronous"]["streamed"].strip() == answer
    assert model in seen["asynchronous"]["models"]


def test_stream_when_it_breaks_then_the_client_raises(seen: Any) -> None:
    broken = seen["broken"]
    assert broken["text"] == "one two "
    assert broken["error"] == "APIError"
    assert broken["code"] == "engine_failed"
    assert "told to fail" in broken["message"]


def test_refusal_when_retrying_is_no_use_then_the_client_asks_once(seen: Any) -> None:
    assert seen["unretried"] == {
        "requests": 1,
        "error": "RateLimitError",
        "status": 429,
        "code": "personal_entity_unsupported",
    }
