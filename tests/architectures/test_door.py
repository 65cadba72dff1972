"""Every model of the catalog answers at the door, from a checkpoint of its own architecture in llama.cpp.

The weights are random: an answer says nothing, but it has to have the form that was asked for. Sampling is seeded and
nothing of an earlier prompt is reused, so that the same request gets the same answer.
"""

import base64
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from PIL import Image
from tools.tiny_models.families import FAMILIES
from tools.tiny_models.vocabulary import train

from conformance.server import Weft

PATIENCE_S = 60.0
TOOL: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "switch_lamp",
        "description": "Switches the lamp.",
        "parameters": {
            "type": "object",
            "properties": {"on": {"type": "boolean"}},
            "required": ["on"],
            "additionalProperties": False,
        },
    },
}
SCHEMA = {
    "type": "object",
    "properties": {"on": {"type": "boolean"}, "colour": {"enum": ["red", "blue"]}},
    "required": ["on", "colour"],
    "additionalProperties": False,
}
QUESTION = "Is the lamp on?"
STEADY = {"seed": 7, "cache_prompt": False}
MODELS = {model: family.name for family in FAMILIES.values() for model in family.models}
ONE_OF_EACH = [family.models[0] for family in FAMILIES.values()]
THINKS = {
    "Qwen/Qwen3-235B-A22B-Thinking-2507",
    "deepseek-ai/DeepSeek-R1-0528",
    "openai/gpt-oss-20b",
}
TOWARDS_A_CALL = {
    # " to": the recipient of a message, which decides between a call and words.
    "openai/gpt-oss-20b": {str(train(FAMILIES["gpt-oss"].shape).id_of("Ġto")): 7},
}
SEES = "meta-llama/Llama-4-Scout-17B-16E-Instruct"
Ask = Callable[..., dict[str, Any]]
Stream = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="module")
def client(door: Weft) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=door.url, headers=door.headers, timeout=PATIENCE_S) as client:
        yield client


def body(model: str, fields: dict[str, Any]) -> dict[str, Any]:
    messages = fields.pop("messages", [{"role": "user", "content": QUESTION}])
    return {"model": model, "messages": messages, **STEADY, **fields}


@pytest.fixture(scope="module")
def ask(client: httpx.Client) -> Ask:
    """The choice of an answer, with its usage."""

    def post(model: str, **fields: Any) -> dict[str, Any]:
        response = client.post("/chat/completions", json=body(model, fields))
        assert response.status_code == 200, response.text
        answer = response.json()
        assert answer["model"] == model
        return {**answer["choices"][0], "usage": answer["usage"]}

    return post


@pytest.fixture(scope="module")
def stream(client: httpx.Client) -> Stream:
    """The choices of all chunks."""

    def post(model: str, **fields: Any) -> list[dict[str, Any]]:
        request = body(model, {"stream": True, **fields})
        with client.stream("POST", "/chat/completions", json=request) as response:
            assert response.status_code == 200, response.read()
            data = [line.removeprefix("data: ") for line in response.iter_lines() if line]
        assert data.pop() == "[DONE]"
        chunks = [json.loads(line) for line in data]
        return [choice for chunk in chunks for choice in chunk["choices"]]

    return post


def joined(choices: list[dict[str, Any]], name: str) -> str:
    return "".join(choice["delta"].get(name) or "" for choice in choices)


@pytest.mark.parametrize("model", MODELS)
def test_chat_when_asked_then_the_model_of_the_catalog_answers(ask: Ask, model: str) -> None:
    choice = ask(model, max_tokens=12, ignore_eos=True)
    assert choice["finish_reason"] == "length"
    assert choice["usage"]["completion_tokens"] == 12
    assert choice["usage"]["prompt_tokens"] > 5


@pytest.mark.parametrize("model", ONE_OF_EACH)
def test_end_when_the_model_ends_then_the_answer_stops(ask: Ask, model: str) -> None:
    choice = ask(model, max_tokens=1500)
    assert choice["finish_reason"] == "stop"
    assert choice["usage"]["completion_tokens"] < 1500


@pytest.mark.parametrize("model", ONE_OF_EACH)
def test_stream_when_asked_then_it_says_what_the_whole_answer_says(
    ask: Ask, stream: Stream, model: str
) -> None:
    whole = ask(model, max_tokens=80, ignore_eos=True)
    parts = stream(model, max_tokens=80, ignore_eos=True)
    message = whole["message"]
    assert joined(parts, "content") == (message["content"] or "")
    assert joined(parts, "reasoning_content") == (message.get("reasoning_content") or "")
    assert parts[-1]["finish_reason"] == whole["finish_reason"]
    assert len(parts) > 2


@pytest.mark.parametrize("model", ONE_OF_EACH)
def test_stop_when_the_text_comes_up_then_the_answer_ends_before_it(ask: Ask, model: str) -> None:
    fields = {"max_tokens": 300, "ignore_eos": True}
    message = ask(model, **fields)["message"]
    told = message["content"]
    thought = message.get("reasoning_content") or ""
    windows = (told[at : at + 6] for at in range(5, len(told)))
    # llama.cpp looks for it in all that the model writes, thought and markers included.
    stop = next(text for text in windows if text not in thought and not {"<", "|"} & set(text))
    choice = ask(model, stop=[stop], **fields)
    assert choice["finish_reason"] == "stop"
    assert choice["message"]["content"] == told[: told.index(stop)]


@pytest.mark.parametrize("model", ONE_OF_EACH)
def test_logprobs_when_asked_for_then_each_token_that_shows_has_its_own_and_its_rivals(
    ask: Ask, model: str
) -> None:
    choice = ask(model, max_tokens=20, ignore_eos=True, logprobs=True, top_logprobs=3)
    tokens = choice["logprobs"]["content"]
    message = choice["message"]
    told = (message.get("reasoning_content") or "") + message["content"]
    assert tokens
    if model not in THINKS:  # the markers between thought and answer are in neither
        assert "".join(token["token"] for token in tokens) == told
    for token in tokens:
        assert token["logprob"] <= 0
        rivals = [rival["logprob"] for rival in token["top_logprobs"]]
        assert rivals == sorted(rivals, reverse=True)
        assert len(rivals) == 3


@pytest.mark.parametrize("model", ONE_OF_EACH)
def test_tool_when_required_then_it_is_called_in_the_format_of_the_family(
    ask: Ask, stream: Stream, model: str
) -> None:
    fields: dict[str, Any] = {"tools": [TOOL], "tool_choice": "required", "max_tokens": 1500}
    fields["logit_bias"] = TOWARDS_A_CALL.get(model, {})
    choice = ask(model, **fields)
    assert choice["finish_reason"] == "tool_calls"
    calls = choice["message"]["tool_calls"]
    assert {call["function"]["name"] for call in calls} == {"switch_lamp"}
    told = [call["function"]["arguments"] for call in calls]
    assert all(json.loads(arguments)["on"] in (True, False) for arguments in told)
    streamed = [""] * len(calls)
    for part in stream(model, **fields):
        for delta in part["delta"].get("tool_calls", ()):
            streamed[delta["index"]] += delta["function"].get("arguments") or ""
    assert streamed == told


@pytest.mark.parametrize("model", ONE_OF_EACH)
def test_history_when_it_holds_a_call_and_its_result_then_the_model_goes_on(
    ask: Ask, model: str
) -> None:
    call = {
        "id": "functions.switch_lamp:0",
        "type": "function",
        "function": {"name": "switch_lamp", "arguments": '{"on": true}'},
    }
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Switch it on."},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": call["id"], "content": "done"},
    ]
    alone = ask(model, max_tokens=1, tools=[TOOL])["usage"]["prompt_tokens"]
    choice = ask(model, messages=messages, max_tokens=1, tools=[TOOL])
    assert choice["usage"]["prompt_tokens"] > alone + 10


def all_but(*models: str, reason: str) -> list[Any]:
    """One of each family, where `models` are expected to fail."""
    fails = pytest.mark.xfail(reason=reason)
    return [pytest.param(one, marks=fails if one in models else ()) for one in ONE_OF_EACH]


@pytest.mark.parametrize(
    "model",
    all_but(
        "Qwen/Qwen3-235B-A22B-Instruct-2507",
        "Qwen/Qwen3-235B-A22B-Thinking-2507",
        reason="llama.cpp b11549 lets one <tool_call> follow another",
    ),
)
def test_calls_when_only_one_is_allowed_then_there_is_one(ask: Ask, model: str) -> None:
    for seed in range(10):
        choice = ask(
            model,
            tools=[TOOL],
            tool_choice="required",
            parallel_tool_calls=False,
            max_tokens=1500,
            logit_bias=TOWARDS_A_CALL.get(model, {}),
            seed=seed,
        )
        assert len(choice["message"]["tool_calls"]) == 1


@pytest.mark.parametrize(
    "model",
    all_but(
        "Qwen/Qwen3-Coder-480B-A35B-Instruct",
        reason="llama.cpp b11549 takes any text for a string that stands in XML",
    ),
)
def test_argument_when_the_schema_lists_its_values_then_it_is_one_of_them(
    ask: Ask, model: str
) -> None:
    colour = {"colour": {"type": "string", "enum": ["red", "blue"]}}
    parameters = {"type": "object", "properties": colour, "required": ["colour"]}
    tool = {"type": "function", "function": {"name": "paint", "parameters": parameters}}
    choice = ask(
        model,
        tools=[tool],
        tool_choice="required",
        max_tokens=1500,
        logit_bias=TOWARDS_A_CALL.get(model, {}),
    )
    for call in choice["message"]["tool_calls"]:
        assert json.loads(call["function"]["arguments"])["colour"] in ("red", "blue")


@pytest.mark.parametrize(
    "model",
    all_but(
        "moonshotai/Kimi-K2-Instruct",
        reason="llama.cpp b11549 drops the response format of a Kimi K2 template",
    ),
)
def test_schema_when_asked_for_then_the_answer_keeps_to_it(ask: Ask, model: str) -> None:
    form = {"type": "json_schema", "json_schema": {"name": "lamp", "schema": SCHEMA}}
    choice = ask(model, response_format=form, max_tokens=1500)
    told = json.loads(choice["message"]["content"])
    assert set(told) == {"on", "colour"}
    assert told["colour"] in ("red", "blue")


@pytest.mark.parametrize("model", sorted(THINKS))
def test_thought_when_it_ends_then_it_is_apart_from_the_answer(ask: Ask, model: str) -> None:
    # Each runs on until it has thought and answered; the seeds are tried in a fixed order.
    for seed in range(20):
        message = ask(model, max_tokens=300, ignore_eos=True, seed=seed)["message"]
        if message["content"] and message.get("reasoning_content"):
            break
    else:
        pytest.fail("no answer had both")
    assert message["reasoning"] == message["reasoning_content"]
    for marker in ("<think>", "<|channel|>analysis<|message|>"):
        assert not message["reasoning_content"].startswith(marker)


@pytest.mark.parametrize("model", sorted(set(ONE_OF_EACH) - THINKS))
def test_thought_when_the_model_has_none_then_all_is_answer(ask: Ask, model: str) -> None:
    message = ask(model, max_tokens=60, ignore_eos=True)["message"]
    assert message["content"]
    assert not message.get("reasoning_content")


def picture(colour: str) -> dict[str, Any]:
    file = io.BytesIO()
    Image.new("RGB", (56, 56), colour).save(file, "PNG")
    url = "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
    return {"type": "image_url", "image_url": {"url": url}}


def test_picture_when_sent_then_the_answer_depends_on_it(ask: Ask) -> None:
    text = {"type": "text", "text": "Which colour?"}
    seen: list[float] = []
    for parts in ([text], [picture("red"), text], [picture("blue"), text]):
        messages = [{"role": "user", "content": parts}]
        choice = ask(SEES, messages=messages, max_tokens=1, logprobs=True, temperature=0)
        seen.append(choice["logprobs"]["content"][0]["logprob"])
    assert len(set(seen)) == 3
