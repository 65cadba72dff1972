"""The LiteLLM SDK with `wandb/<model>`: its parameters, its streams, and its own exception for each of our refusals."""

import json
from typing import Any

import pytest

pytestmark = pytest.mark.conformance


@pytest.fixture
def seen(litellm_seen: Any) -> Any:
    return litellm_seen


def test_answer_when_whole_streamed_or_awaited_then_is_the_same(seen: Any) -> None:
    assert seen["whole"]["text"].strip() == "4"
    assert seen["stream"]["text"].strip() == "4"
    assert seen["project"]["text"].strip() == "4"
    assert seen["asynchronous"]["text"].strip() == "4"
    assert seen["asynchronous"]["streamed"].strip() == "4"


def test_usage_when_whole_then_adds_up(seen: Any) -> None:
    usage = seen["whole"]["usage"]
    assert usage["completion_tokens"] > 0
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


def test_parameters_when_all_are_given_then_all_are_taken(seen: Any) -> None:
    assert seen["every_parameter"]["text"].strip() == "4"
    assert seen["every_parameter"]["logprobs"] > 0


def test_tool_when_required_then_is_called(seen: Any) -> None:
    assert seen["tools"]["name"] == "get_weather"
    assert json.loads(seen["tools"]["arguments"]) == {"location": "Paris"}


@pytest.mark.parametrize(
    ("attempt", "name", "status", "part"),
    [
        ("key", "AuthenticationError", 401, "Invalid Authentication"),
        ("project", "AuthenticationError", 401, "Invalid Authentication"),
        ("model", "NotFoundError", 404, "The requested resource was not found"),
        ("value", "BadRequestError", 400, "'max_tokens' must be a positive integer"),
        ("context", "ContextWindowExceededError", 400, "maximum context length is 8 tokens"),
        ("parameter", "BadRequestError", 422, "'logprobs' is not supported"),
        (
            "busy",
            "ServiceUnavailableError",
            503,
            "The engine is currently overloaded, please try again later",
        ),
        ("engine", "BadGatewayError", 502, "the engine failed to answer"),
    ],
)
def test_refusal_when_raised_then_has_litellms_own_class_and_our_words(
    seen: Any, attempt: str, name: str, status: int, part: str
) -> None:
    assert seen["errors"][attempt][:2] == [name, status]
    assert part in seen["errors"][attempt][2]
