from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import json
from openai.types.chat import ChatCompletionChunk

from weft.gateway.wire.rewrite import ChunkRewriter, Imprint, add_reasoning_alias, usage_chunk
from weft.gateway.wire.types import (
    ChunkFacts,
    CompletionTokensDetails,
    PromptTokensDetails,
    Timings,
    Usage,
)
from weft.kit.errors import EngineFailed

IMPRINT = Imprint(id="chatcmpl-9", model="asked/for", created=9, system_fingerprint="fp")


def chunk(delta: dict[str, Any], **more: Any) -> bytes:
    """As llama.cpp sends it, with its running counts."""
    choice: dict[str, Any] = {"finish_reason": None, "index": 0, "delta": delta}
    for name in ("finish_reason", "index", "logprobs"):
        if name in more:
            choice[name] = more.pop(name)
    return json.encode(
        {
            "choices": [choice],
            "created": 1,
            "id": "chatcmpl-engine",
            "model": "engine",
            "system_fingerprint": "b1",
            "object": "chat.completion.chunk",
            "timings": {"cache_n": 1, "prompt_n": 2, "predicted_n": 3, "predicted_ms": 1.5},
            **more,
        }
    )


def rewritten(payload: bytes, imprint: Imprint = IMPRINT, offset: int = 0) -> dict[str, Any]:
    data, _ = ChunkRewriter(imprint, index_offset=offset).rewrite(payload)
    ChatCompletionChunk.model_validate_json(data)
    return json.decode(data)


def delta_of(delta: dict[str, Any], imprint: Imprint = IMPRINT) -> dict[str, Any]:
    return rewritten(chunk(delta), imprint)["choices"][0]["delta"]


def facts(payload: bytes) -> ChunkFacts:
    return ChunkRewriter(IMPRINT).rewrite(payload)[1]


def test_rewrite_when_imprint_is_given_then_every_chunk_carries_it() -> None:
    assert rewritten(chunk({"content": "x"}), offset=2) == {
        "id": "chatcmpl-9",
        "object": "chat.completion.chunk",
        "created": 9,
        "model": "asked/for",
        "system_fingerprint": "fp",
        "choices": [
            {"delta": {"content": "x"}, "index": 2, "finish_reason": None, "logprobs": None}
        ],
    }


def test_rewrite_when_imprint_is_empty_then_the_engines_words_stay() -> None:
    got = rewritten(chunk({"content": "x"}, service_tier="default"), Imprint())
    assert got["id"] == "chatcmpl-engine"
    assert got["model"] == "engine"
    assert got["created"] == 1
    assert got["system_fingerprint"] == "b1"
    assert got["service_tier"] == "default"


def test_rewrite_when_chunk_has_timings_and_usage_then_client_sees_neither() -> None:
    got = rewritten(chunk({"content": "x"}, usage={"prompt_tokens": 1}, prompt_progress={}))
    assert not {"timings", "usage", "prompt_progress"} & got.keys()


@pytest.mark.parametrize(
    ("delta", "expected"),
    [
        ({"reasoning_content": "a"}, {"reasoning_content": "a", "reasoning": "a"}),
        ({"reasoning": "a"}, {"reasoning_content": "a", "reasoning": "a"}),
        ({"reasoning": None}, {"reasoning_content": None, "reasoning": None}),
        (
            {"reasoning_content": "a", "reasoning": "b"},
            {"reasoning_content": "a", "reasoning": "b"},
        ),
        ({"content": "x"}, {"content": "x"}),
        ({}, {}),
        ({"role": "assistant", "content": None}, {"role": "assistant", "content": ""}),
        ({"content": None}, {"content": None}),
        ({"refusal": "no"}, {"refusal": "no"}),
    ],
)
def test_rewrite_when_a_delta_comes_then_reasoning_has_both_names(
    delta: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert delta_of(delta) == expected


def call(index: int | None, **function: str) -> dict[str, Any]:
    return {"index": index, "id": "c1", "type": "function", "function": function}


def test_rewrite_when_tool_calls_come_then_they_stay_as_they_are() -> None:
    calls = [call(0, name="f", arguments=""), call(1, arguments="{")]
    assert delta_of({"role": "assistant", "content": None, "tool_calls": calls}) == {
        "role": "assistant",
        "content": None,
        "tool_calls": calls,
    }


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        ([call(0, name="f", arguments="")], {"function_call": {"name": "f", "arguments": ""}}),
        ([call(0, arguments="{")], {"function_call": {"arguments": "{"}}),
        ([call(None, name="f")], {"function_call": {"name": "f"}}),
        ([call(1, name="g")], {}),
        (None, {}),
    ],
)
def test_rewrite_when_the_caller_speaks_of_functions_then_gets_a_function_call(
    calls: list[dict[str, Any]] | None, expected: dict[str, Any]
) -> None:
    payload = chunk({"tool_calls": calls}, finish_reason="tool_calls")
    choice = rewritten(payload, Imprint(is_legacy=True))["choices"][0]
    assert choice["delta"] == expected
    assert choice["finish_reason"] == "function_call"


@pytest.mark.parametrize("reason", ["stop", "length", "content_filter", None])
def test_rewrite_when_a_legacy_answer_ends_otherwise_then_says_why(reason: str | None) -> None:
    got = rewritten(chunk({}, finish_reason=reason), Imprint(is_legacy=True))
    assert got["choices"][0]["finish_reason"] == reason


def test_rewrite_when_logprobs_come_then_they_keep_their_bytes() -> None:
    payload = chunk({"content": "x"}, logprobs={"content": []})
    exact = b'{ "content": [ {"logprob": -0.10, "token":"x","bytes":null,"top_logprobs":[]} ] }'
    data, _ = ChunkRewriter(IMPRINT).rewrite(payload.replace(b'{"content":[]}', exact))
    assert exact in data


def test_rewrite_when_a_chunk_has_no_choices_then_nothing_goes_out() -> None:
    payload = b'{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}'
    data, told = ChunkRewriter(IMPRINT).rewrite(payload)
    assert data == b""
    assert told == ChunkFacts(usage=Usage(3, 4, 7))


@pytest.mark.parametrize(
    ("delta", "content", "reasoning", "tools"),
    [
        ({"content": "x"}, 1, 0, 0),
        ({"refusal": "x"}, 1, 0, 0),
        ({"content": ""}, 0, 0, 0),
        ({"role": "assistant", "content": None}, 0, 0, 0),
        ({"reasoning_content": "x"}, 0, 1, 0),
        ({"reasoning": "x"}, 0, 1, 0),
        ({"content": "x", "reasoning": "x"}, 1, 1, 0),
        ({"tool_calls": [call(0, name="f")]}, 0, 0, 1),
        ({"function_call": {"name": "f"}}, 0, 0, 1),
        ({"tool_calls": []}, 0, 0, 0),
    ],
)
def test_facts_when_a_delta_comes_then_counts_what_it_holds(
    delta: dict[str, Any], content: int, reasoning: int, tools: int
) -> None:
    told = facts(chunk(delta))
    assert (told.content_deltas, told.reasoning_deltas, told.tool_deltas) == (
        content,
        reasoning,
        tools,
    )
    assert told.timings == Timings(prompt_n=2, cache_n=1, predicted_n=3)
    assert told.usage is None
    assert told.finish_reason is None


def test_facts_when_a_choice_ends_then_tells_why() -> None:
    assert facts(chunk({}, finish_reason="length")).finish_reason == "length"


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[DONE]",
        b"{}",
        b"[]",
        b'{"choices":{}}',
        b'{"choices":[{}]}',
        b'{"choices":[{"delta":{"content":5}}]}',
        b'{"choices":[{"delta":{"content":"\xff"}}]}',
        b'{"choices":[{"delta":{},"logprobs":' + b"[" * 100_000,
    ],
)
def test_rewrite_when_it_is_no_chunk_then_the_engine_failed(payload: bytes) -> None:
    with pytest.raises(EngineFailed, match="no chunk"):
        ChunkRewriter(IMPRINT).rewrite(payload)


def test_usage_chunk_when_made_then_clients_read_the_counts() -> None:
    usage = Usage(
        3,
        4,
        7,
        PromptTokensDetails(cached_tokens=2),
        CompletionTokensDetails(reasoning_tokens=1),
    )
    read = ChatCompletionChunk.model_validate_json(usage_chunk(IMPRINT, usage))
    assert read.choices == []
    assert read.usage is not None
    assert read.usage.model_dump(exclude_unset=True) == {
        "prompt_tokens": 3,
        "completion_tokens": 4,
        "total_tokens": 7,
        "prompt_tokens_details": {"cached_tokens": 2},
        "completion_tokens_details": {"reasoning_tokens": 1},
    }


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b'{"reasoning":"a"}', b'{"reasoning":"a","reasoning_content":"a"}'),
        (b'{"reasoning_content" : "a"}', b'{"reasoning_content" : "a","reasoning":"a"}'),
        (b'{"reasoning":null}', b'{"reasoning":null,"reasoning_content":null}'),
        (
            rb'{"reasoning":"\"reasoning_content\":\"\\","b":1}',
            rb'{"reasoning":"\"reasoning_content\":\"\\","reasoning_content":"\"reasoning_content\":\"\\","b":1}',
        ),
    ],
)
def test_add_alias_when_one_name_is_there_then_the_other_is_put_beside_it(
    payload: bytes, expected: bytes
) -> None:
    assert add_reasoning_alias(payload) == expected


@pytest.mark.parametrize(
    "payload",
    [
        b'{"reasoning":"a","reasoning_content":"a"}',
        b'{"content":"\\"reasoning\\":\\"x\\""}',
        b'{"usage":{"completion_tokens_details":{"reasoning_tokens":5}}}',
        b'{"reasoning":{"effort":"low"}}',
        b'{"content":"reasoning"}',
    ],
)
def test_add_alias_when_there_is_nothing_to_name_twice_then_bytes_stay(payload: bytes) -> None:
    assert add_reasoning_alias(payload) is payload


@settings(deadline=None)
@given(text=st.text(), name=st.sampled_from(["reasoning", "reasoning_content"]), content=st.text())
def test_add_alias_when_any_text_is_reasoned_then_both_names_hold_it(
    text: str, name: str, content: str
) -> None:
    payload = json.encode({"choices": [{"delta": {"content": content, name: text}}, {"delta": {}}]})
    first, second = json.decode(add_reasoning_alias(payload))["choices"]
    assert first["delta"] == {"content": content, "reasoning": text, "reasoning_content": text}
    assert second["delta"] == {}
