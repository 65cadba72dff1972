"""Plain completions and embeddings with OpenAI's client, on the fake engine and on llama.cpp."""

import math
from typing import Any

import httpx
import openai
import pytest

from conformance.server import ECHO, TINY, Weft

pytestmark = pytest.mark.conformance

MODELS = pytest.mark.parametrize("model", [ECHO, TINY])
VECTORS = pytest.mark.parametrize("model", ["test/vectors", "test/tiny-vectors"])
PRICES = {ECHO: (1000, 2000), TINY: (10, 20), "test/vectors": (3000, 0)}


def check_record(weft: Weft, request_id: str, model: str, usage: Any, *, stream: bool) -> None:
    record = weft.usage(request_id)
    assert record is not None
    counted = (record["input_tokens"], record["output_tokens"])
    assert counted == (usage.prompt_tokens, getattr(usage, "completion_tokens", 0))
    assert record["stream"] is stream
    assert (record["model_id"], record["outcome"]) == (model, "completed")
    price, produced = PRICES.get(model, (3000, 0))
    assert int(record["cost_nusd"]) == counted[0] * price + counted[1] * produced


@MODELS
def test_completion_when_whole_then_is_like_its_stream(
    weft: Weft, client: openai.OpenAI, model: str
) -> None:
    asked: dict[str, Any] = {
        "model": model,
        "prompt": "<|im_start|>user\nWhat is 2 + 2?<|im_end|>\n<|im_start|>assistant\n",
        "temperature": 0,
        "logprobs": 2,
        "max_tokens": 8,
    }
    create: Any = client.completions.with_raw_response.create
    raw = create(**asked)
    whole = raw.parse()
    choice, usage = whole.choices[0], whole.usage
    assert choice.text
    assert choice.logprobs is not None
    assert usage is not None
    assert (whole.object, whole.model) == ("text_completion", model)
    check_record(weft, raw.headers["x-request-id"], model, usage, stream=False)
    tokens = choice.logprobs.tokens
    assert tokens
    assert "".join(tokens) == choice.text
    assert choice.logprobs.token_logprobs is not None
    assert choice.logprobs.top_logprobs is not None
    assert len(choice.logprobs.token_logprobs) == len(choice.logprobs.top_logprobs) == len(tokens)
    assert choice.logprobs.text_offset == [
        len("".join(tokens[:place])) for place in range(len(tokens))
    ]
    streamed = create(**asked, stream=True, stream_options={"include_usage": True})
    chunks: list[Any] = list(streamed.parse())
    assert "".join(piece.text for chunk in chunks for piece in chunk.choices) == choice.text
    assert chunks[-1].choices == []
    assert chunks[-1].usage.completion_tokens == usage.completion_tokens
    check_record(weft, streamed.headers["x-request-id"], model, chunks[-1].usage, stream=True)


@MODELS
def test_completions_when_several_are_asked_for_then_each_prompt_counts_once(
    weft: Weft, client: openai.OpenAI, model: str
) -> None:
    single = [
        client.completions.create(model=model, prompt=prompt, max_tokens=2, temperature=0).usage
        for prompt in ("one two", "three")
    ]
    raw = client.completions.with_raw_response.create(
        model=model, prompt=["one two", "three"], n=2, max_tokens=2, temperature=0
    )
    answer = raw.parse()
    assert sorted(choice.index for choice in answer.choices) == [0, 1, 2, 3]
    assert answer.usage is not None
    assert answer.usage.prompt_tokens == sum(usage.prompt_tokens for usage in single if usage)
    assert answer.usage.completion_tokens <= 8
    check_record(weft, raw.headers["x-request-id"], model, answer.usage, stream=False)


@MODELS
def test_completion_when_its_prompt_is_token_ids_then_is_made(
    client: openai.OpenAI, model: str
) -> None:
    answer = client.completions.create(model=model, prompt=[5, 7, 8], max_tokens=2)
    assert answer.usage is not None
    assert answer.usage.prompt_tokens == 3


@pytest.mark.parametrize("fields", [{"echo": True}, {"suffix": "x"}, {"best_of": 3}])
@MODELS
def test_completion_when_it_cannot_be_then_the_client_raises_its_error(
    client: openai.OpenAI, model: str, fields: dict[str, Any]
) -> None:
    create: Any = client.completions.create
    with pytest.raises(openai.UnprocessableEntityError) as caught:
        create(model=model, prompt="x", **fields)
    assert caught.value.param == next(iter(fields))


@VECTORS
def test_embeddings_when_asked_then_are_vectors_and_cost_what_was_read(
    weft: Weft, client: openai.OpenAI, model: str
) -> None:
    raw = client.embeddings.with_raw_response.create(model=model, input=["one two three", "four"])
    answer = raw.parse()
    first, second = (item.embedding for item in answer.data)
    assert [item.index for item in answer.data] == [0, 1]
    assert len(first) == len(second)
    assert math.isclose(sum(value * value for value in first), 1, rel_tol=1e-3)
    assert answer.model == model
    check_record(weft, raw.headers["x-request-id"], model, answer.usage, stream=False)
    plain = client.embeddings.create(model=model, input="one two three", encoding_format="float")
    assert plain.data[0].embedding == pytest.approx(first, abs=1e-4)


@VECTORS
def test_embedding_when_it_is_of_token_ids_then_counts_them(
    client: openai.OpenAI, model: str
) -> None:
    answer = client.embeddings.create(model=model, input=[[5, 7, 8], [9]])
    assert answer.usage.prompt_tokens == 4


def test_embeddings_when_a_text_is_too_long_then_it_is_the_client_that_must_change(
    client: openai.OpenAI,
) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.embeddings.create(model="test/tiny-vectors", input="word " * 2000)
    assert caught.value.code == "context_length_exceeded"


@pytest.mark.parametrize("model", [ECHO, TINY])
def test_model_when_it_makes_no_embeddings_then_says_so(client: openai.OpenAI, model: str) -> None:
    with pytest.raises(openai.UnprocessableEntityError, match="makes no embeddings"):
        client.embeddings.create(model=model, input="x")


@VECTORS
def test_model_when_it_makes_embeddings_only_then_chats_with_nobody(
    client: openai.OpenAI, model: str
) -> None:
    with pytest.raises(openai.UnprocessableEntityError, match="writes no text"):
        client.chat.completions.create(model=model, messages=[{"role": "user", "content": "x"}])
    with pytest.raises(openai.UnprocessableEntityError, match="writes no text"):
        client.completions.create(model=model, prompt="x")


def test_dimensions_when_the_engine_has_one_length_then_are_refused(client: openai.OpenAI) -> None:
    assert len(client.embeddings.create(model="test/vectors", input="x", dimensions=3).data) == 1
    with pytest.raises(openai.UnprocessableEntityError) as caught:
        client.embeddings.create(model="test/tiny-vectors", input="x", dimensions=3)
    assert caught.value.param == "dimensions"


@MODELS
def test_tokens_when_told_then_are_as_many_as_the_answer_will_say(
    weft: Weft, client: openai.OpenAI, model: str
) -> None:
    messages: Any = [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "hi"}]
    root = weft.url.removesuffix("/v1")

    def ask(path: str, **fields: Any) -> Any:
        response = httpx.post(
            f"{root}{path}", json={"model": model, **fields}, headers=weft.headers, timeout=30
        )
        assert response.status_code == 200, response.text
        record = weft.usage(response.headers["x-request-id"])
        assert record is not None
        assert (record["outcome"], record["cost_nusd"]) == ("completed", "0")
        return response.json()

    told = ask("/tokenize", messages=messages)
    chat = client.chat.completions.create(model=model, messages=messages, max_tokens=1)
    assert chat.usage is not None
    assert told["count"] == len(told["tokens"]) == chat.usage.prompt_tokens
    assert told["max_model_len"] > 0
    text = ask("/tokenize", prompt="one two")
    plain = client.completions.create(model=model, prompt="one two", max_tokens=1)
    assert plain.usage is not None
    assert text["count"] == plain.usage.prompt_tokens
    assert ask("/detokenize", tokens=text["tokens"])["prompt"] == "one two"
