import inspect
from typing import get_type_hints

import msgspec
import pytest
from msgspec import UNSET, Raw, json
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.chat.completion_create_params import CompletionCreateParamsBase
from openai.types.completion_usage import (
    CompletionTokensDetails as OpenAiCompletionDetails,
)
from openai.types.completion_usage import (
    PromptTokensDetails as OpenAiPromptDetails,
)

from weft.gateway.wire.types import (
    FIELDS,
    AssembledChoice,
    AssembledMessage,
    AssembledToolCall,
    ChatRequest,
    Chunk,
    ChunkChoice,
    Completion,
    CompletionTokensDetails,
    Delta,
    FunctionCall,
    FunctionDelta,
    PromptTokensDetails,
    StreamOptions,
    ToolCallDelta,
    Usage,
)

NOT_SERVED = {
    # Named by OpenAI's reference, and known to no open model's engine: they are refused by name.
    "audio",
    "moderation",
    "prediction",
    "prompt_cache_options",
    "prompt_cache_retention",
    "verbosity",
    "web_search_options",
}
BEYOND_OPENAI = {"cache_salt", "chat_template_kwargs", "grammar", "stream"}


def a_request(**members: object) -> ChatRequest:
    body = {"model": "m", "messages": [{"role": "user", "content": "x"}], **members}
    return json.decode(json.encode(body), type=ChatRequest)


def test_request_when_compared_with_the_openai_client_then_every_parameter_is_decided_on() -> None:
    theirs = set(get_type_hints(CompletionCreateParamsBase))
    assert theirs - NOT_SERVED == FIELDS - BEYOND_OPENAI


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (PromptTokensDetails, OpenAiPromptDetails),
        (CompletionTokensDetails, OpenAiCompletionDetails),
    ],
)
def test_usage_details_when_compared_with_the_openai_client_then_name_the_same(
    ours: type[msgspec.Struct], theirs: type
) -> None:
    assert set(ours.__struct_fields__) == set(inspect.get_annotations(theirs))


def test_request_when_encoded_then_unknown_is_no_field_of_the_wire() -> None:
    assert "unknown" not in FIELDS
    with pytest.raises(msgspec.ValidationError, match="unknown field `unknown`"):
        a_request(unknown=["x"])


@pytest.mark.parametrize(
    ("members", "choices"), [({}, 1), ({"n": None}, 1), ({"n": 1}, 1), ({"n": 3}, 3)]
)
def test_choices_when_n_varies_then_follow_it(members: dict[str, object], choices: int) -> None:
    assert a_request(**members).choices == choices


@pytest.mark.parametrize(
    ("members", "limit"),
    [
        ({}, None),
        ({"max_tokens": 5}, 5),
        ({"max_completion_tokens": 6}, 6),
        ({"max_tokens": 6, "max_completion_tokens": 6}, 6),
    ],
)
def test_output_limit_when_given_under_either_name_then_is_it(
    members: dict[str, object], limit: int | None
) -> None:
    assert a_request(**members).output_limit_tokens == limit


@pytest.mark.parametrize(
    ("options", "includes"),
    [
        (None, False),
        ({}, False),
        ({"include_usage": False}, False),
        ({"include_usage": None}, False),
        ({"include_usage": True}, True),
    ],
)
def test_includes_usage_when_options_vary_then_only_true_counts(
    options: object, includes: bool
) -> None:
    assert a_request(stream=True, stream_options=options).includes_usage is includes


@pytest.mark.parametrize(
    ("members", "legacy"),
    [({}, False), ({"functions": []}, False), ({"functions": [{"name": "f"}]}, True)],
)
def test_is_legacy_when_functions_are_offered_then_holds(
    members: dict[str, object], legacy: bool
) -> None:
    assert a_request(**members).is_legacy is legacy


def test_stream_options_when_they_have_more_members_then_decode() -> None:
    options = json.decode(
        b'{"include_usage":true,"continuous_usage_stats":true}', type=StreamOptions
    )
    assert options.include_usage is True


def test_completion_when_encoded_then_the_openai_client_reads_every_member() -> None:
    message = AssembledMessage(
        role="assistant",
        content=None,
        refusal=None,
        reasoning="because",
        reasoning_content="because",
        tool_calls=[AssembledToolCall("c1", "function", FunctionCall("f", "{}"))],
    )
    body = json.encode(
        Completion(
            id="chatcmpl-1",
            object="chat.completion",
            created=1,
            model="m",
            choices=[AssembledChoice(0, message, None, "tool_calls")],
            usage=Usage(1, 2, 3, PromptTokensDetails(cached_tokens=1)),
        )
    )
    read = ChatCompletion.model_validate_json(body)
    assert read.model_dump(exclude_unset=True) == json.decode(body)
    assert read.usage is not None
    assert read.usage.prompt_tokens_details is not None
    assert read.usage.prompt_tokens_details.cached_tokens == 1


def test_chunk_when_encoded_then_the_openai_client_reads_every_member() -> None:
    call = ToolCallDelta(0, "c1", "function", FunctionDelta("f", "{"))
    body = json.encode(
        Chunk(
            id="chatcmpl-1",
            object="chat.completion.chunk",
            created=1,
            model="m",
            choices=[ChunkChoice(Delta(role="assistant", content="", tool_calls=[call]))],
        )
    )
    read = ChatCompletionChunk.model_validate_json(body)
    assert read.model_dump(exclude_unset=True) == json.decode(body)


def test_delta_when_members_are_absent_or_null_then_they_stay_so() -> None:
    text = b'{"content":null,"reasoning":"x"}'
    delta = json.decode(text, type=Delta)
    assert delta.refusal is UNSET
    assert delta.content is None
    assert json.encode(delta) == text


def test_chunk_when_logprobs_are_there_then_keeps_their_bytes() -> None:
    text = b'{"delta":{},"index":0,"finish_reason":null,"logprobs":{"content": [ 1.50 ]}}'
    choice = json.decode(text, type=ChunkChoice)
    assert isinstance(choice.logprobs, Raw)
    assert json.encode(choice) == text
