"""What the request asks of the sampler, done for real by llama.cpp: choices, seeds, stops, biases, schemas, tools."""

import json
import math
from typing import Any

import openai
import pytest

from conformance.server import TINY

pytestmark = pytest.mark.conformance

WILD = {"temperature": 2.0, "max_tokens": 24}
"""Hot enough that two draws are the same only when they have to be."""
WEATHER: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Get the weather in a city.",
        "parameters": {
            "type": "object",
            "properties": {"location": {"type": "string"}},
            "required": ["location"],
        },
    },
}
PERSON: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 12},
        "age": {"type": "integer", "minimum": 0, "maximum": 99},
        "kind": {"enum": ["cat", "dog"]},
    },
    "required": ["name", "age", "kind"],
    "additionalProperties": False,
}


def ask(client: openai.OpenAI, question: str, **more: Any) -> Any:
    wanted: dict[str, Any] = {"temperature": 0, "max_tokens": 64, **more}
    create: Any = client.chat.completions.create
    return create(model=TINY, messages=[{"role": "user", "content": question}], **wanted)


def say(client: openai.OpenAI, question: str, **more: Any) -> str:
    return ask(client, question, **more).choices[0].message.content


def test_choices_when_drawn_hot_then_differ(client: openai.OpenAI) -> None:
    answer = ask(client, "Tell me a joke.", n=4, seed=7, **WILD)
    assert [choice.index for choice in answer.choices] == [0, 1, 2, 3]
    assert len({choice.message.content for choice in answer.choices}) > 1


def test_seed_when_the_same_then_the_answer_is_too(client: openai.OpenAI) -> None:
    first = say(client, "Tell me a joke.", seed=11, **WILD)
    assert say(client, "Tell me a joke.", seed=11, **WILD) == first
    others = {say(client, "Tell me a joke.", seed=seed, **WILD) for seed in (12, 13, 14)}
    assert others != {first}


@pytest.mark.parametrize("seed", [-1, 2**32 - 1, 2**63 - 1])
def test_seed_when_huge_or_negative_then_repeats_as_well(client: openai.OpenAI, seed: int) -> None:
    answers = {say(client, "Tell me a joke.", seed=seed, **WILD) for _ in range(2)}
    assert len(answers) == 1


def test_choices_when_seeded_then_repeat_and_differ_from_each_other(client: openai.OpenAI) -> None:
    def texts() -> list[str]:
        answer = ask(client, "Tell me a joke.", n=3, seed=5, **WILD)
        return [choice.message.content for choice in answer.choices]

    first = texts()
    assert texts() == first
    assert len(set(first)) > 1


@pytest.mark.parametrize("stop", [", 4", [", 4", "@@@"]])
def test_stop_when_reached_then_ends_the_answer_before_it(client: openai.OpenAI, stop: Any) -> None:
    answer = ask(client, "Count to 5.", stop=stop)
    assert answer.choices[0].message.content.strip() == "1, 2, 3"
    assert answer.choices[0].finish_reason == "stop"


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_limit_when_reached_then_cuts_the_answer(client: openai.OpenAI, name: str) -> None:
    answer = client.chat.completions.create(
        model=TINY,
        messages=[{"role": "user", "content": "Count to 5."}],
        extra_body={name: 3, "temperature": 0},
    )
    assert answer.choices[0].finish_reason == "length"
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 3


def test_logprobs_when_asked_for_then_come_with_each_token(client: openai.OpenAI) -> None:
    answer = ask(client, "What is 7 + 8?", logprobs=True, top_logprobs=3)
    tokens = answer.choices[0].logprobs.content
    assert "".join(token.token for token in tokens).strip().startswith("15")
    for token in tokens:
        assert token.logprob <= 0
        assert len(token.top_logprobs) == 3
        assert token.top_logprobs[0].logprob >= token.top_logprobs[1].logprob
        assert math.isclose(token.logprob, token.top_logprobs[0].logprob, abs_tol=1e-6)
    plain = ask(client, "What is 7 + 8?")
    assert plain.choices[0].logprobs is None


def test_logprobs_when_streamed_then_come_too(client: openai.OpenAI) -> None:
    stream = ask(client, "What is 7 + 8?", logprobs=True, stream=True)
    choices = [chunk.choices[0] for chunk in stream]
    pieces = [piece for choice in choices if choice.logprobs for piece in choice.logprobs.content]
    assert "".join(piece.token for piece in pieces).strip().startswith("15")


def test_logit_bias_when_it_forbids_a_token_then_another_one_comes(client: openai.OpenAI) -> None:
    plain = ask(client, "What is 2 + 2?", logprobs=True)
    said = plain.choices[0].logprobs.content[0].token
    forbidden = _token_id(client, said)
    answer = ask(client, "What is 2 + 2?", logprobs=True, logit_bias={str(forbidden): -100})
    assert answer.choices[0].logprobs.content[0].token != said


def _token_id(client: openai.OpenAI, token: str) -> int:
    """The id of the token that comes first: found by forbidding halves of the vocabulary, since no client can ask."""
    low, high = 0, 8192
    while high - low > 1:
        middle = (low + high) // 2
        changed = False
        for start in range(low, middle, 1024):
            bias = {str(number): -100 for number in range(start, min(start + 1024, middle))}
            answer = ask(client, "What is 2 + 2?", logprobs=True, logit_bias=bias, max_tokens=1)
            changed = changed or answer.choices[0].logprobs.content[0].token != token
        low, high = (low, middle) if changed else (middle, high)
    return low


@pytest.mark.parametrize("name", ["frequency_penalty", "presence_penalty"])
def test_penalty_when_high_then_changes_the_answer(client: openai.OpenAI, name: str) -> None:
    long: dict[str, Any] = {"max_tokens": 150, "extra_body": {"ignore_eos": True}}
    plain = say(client, "Tell me a joke.", **long)
    assert say(client, "Tell me a joke.", **long) == plain
    assert say(client, "Tell me a joke.", **long, **{name: 2.0}) != plain


def test_top_p_when_tiny_then_is_as_good_as_cold(client: openai.OpenAI) -> None:
    cold = say(client, "Tell me a joke.")
    assert say(client, "Tell me a joke.", temperature=1.0, top_p=1e-6, seed=3) == cold


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_schema_when_given_then_even_a_hot_answer_fits_it(client: openai.OpenAI, seed: int) -> None:
    schema = {"name": "person", "strict": True, "schema": PERSON}
    answer = ask(
        client,
        "Hello",
        response_format={"type": "json_schema", "json_schema": schema},
        temperature=1.5,
        max_tokens=200,
        seed=seed,
    )
    person = json.loads(answer.choices[0].message.content)
    assert set(person) == {"name", "age", "kind"}
    assert isinstance(person["name"], str)
    assert 0 <= person["age"] <= 99
    assert person["kind"] in {"cat", "dog"}


def test_json_mode_when_on_then_the_answer_is_an_object(client: openai.OpenAI) -> None:
    text = say(client, "What is the capital of France?", response_format={"type": "json_object"})
    assert json.loads(text) == {"answer": "Paris"}


@pytest.mark.parametrize(
    "choice", ["auto", "required", {"type": "function", "function": {"name": "get_weather"}}]
)
@pytest.mark.parametrize("stream", [False, True])
def test_tool_when_the_question_is_for_it_then_is_called(
    client: openai.OpenAI, choice: Any, stream: bool
) -> None:
    more: dict[str, Any] = {"tools": [WEATHER], "tool_choice": choice}
    question = "What is the weather in San Francisco?"
    if stream:
        calls = [
            call.function
            for chunk in ask(client, question, stream=True, **more)
            for call in chunk.choices[0].delta.tool_calls or ()
        ]
        name = "".join(call.name or "" for call in calls)
        arguments = "".join(call.arguments or "" for call in calls)
    else:
        answer = ask(client, question, **more).choices[0]
        assert answer.finish_reason == "tool_calls"
        (call,) = answer.message.tool_calls
        name, arguments = call.function.name, call.function.arguments
    assert name == "get_weather"
    assert json.loads(arguments) == {"location": "San Francisco"}


def test_tool_when_none_may_be_called_then_is_not(client: openai.OpenAI) -> None:
    answer = ask(client, "What is 2 + 2?", tools=[WEATHER], tool_choice="none").choices[0]
    assert answer.message.tool_calls is None
    assert answer.message.content.strip() == "4"


def test_developer_role_when_used_then_counts_as_system(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(
        model=TINY,
        messages=[
            {"role": "developer", "content": "You are a helpful assistant."},
            {"role": "user", "content": "What is 2 + 2?"},
        ],
        temperature=0,
    )
    assert (answer.choices[0].message.content or "").strip() == "4"


def test_content_when_in_parts_then_reads_the_same(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(
        model=TINY,
        messages=[{"role": "user", "content": [{"type": "text", "text": "What is 2 + 2?"}]}],
        temperature=0,
    )
    assert (answer.choices[0].message.content or "").strip() == "4"
