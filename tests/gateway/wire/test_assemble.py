from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import json
from openai.types.chat import ChatCompletion

from weft.gateway.wire.assemble import CompletionAssembler, finish_completion, merge_usage
from weft.gateway.wire.rewrite import Imprint
from weft.gateway.wire.types import (
    CompletionTokensDetails,
    PromptTokensDetails,
    Usage,
)
from weft.kit.errors import EngineFailed

IMPRINT = Imprint(id="chatcmpl-9", model="asked/for", created=9)
USAGE = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}


def chunk(delta: dict[str, Any], index: int = 0, **choice: Any) -> bytes:
    choices = [{"index": index, "delta": delta, "finish_reason": None, **choice}]
    return json.encode({"id": "e", "created": 1, "model": "engine", "choices": choices})


def assembled(
    chunks: list[bytes], imprint: Imprint = IMPRINT, usage: Usage | None = None
) -> dict[str, Any]:
    assembler = CompletionAssembler(imprint)
    for payload in chunks:
        assembler.feed(payload)
    body = assembler.finish(usage)
    ChatCompletion.model_validate_json(body)
    return json.decode(body)


def message(chunks: list[bytes], imprint: Imprint = IMPRINT) -> dict[str, Any]:
    end = chunk({}, finish_reason="stop")
    return assembled([*chunks, end], imprint)["choices"][0]["message"]


def test_finish_when_text_came_in_pieces_then_the_body_is_whole() -> None:
    chunks = [
        chunk({"role": "assistant", "content": None}),
        chunk({"content": "Hel"}),
        chunk({"content": "lo"}),
        chunk({}, finish_reason="stop"),
        json.encode({"choices": [], "usage": USAGE}),
    ]
    assert assembled(chunks) == {
        "id": "chatcmpl-9",
        "object": "chat.completion",
        "created": 9,
        "model": "asked/for",
        "choices": [
            {
                "index": 0,
                "message": {
                    "role": "assistant",
                    "content": "Hello",
                    "refusal": None,
                    "reasoning": None,
                },
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": USAGE,
    }


def test_finish_when_imprint_is_empty_then_the_engines_words_stay() -> None:
    first = json.decode(chunk({"content": "x"}, finish_reason="stop"))
    first |= {"system_fingerprint": "b1", "service_tier": "default"}
    got = assembled([json.encode(first)], Imprint())
    assert (got["id"], got["model"], got["created"]) == ("e", "engine", 1)
    assert (got["system_fingerprint"], got["service_tier"]) == ("b1", "default")


def test_finish_when_imprint_has_a_fingerprint_then_it_counts() -> None:
    first = json.decode(chunk({"content": "x"}, finish_reason="stop"))
    payload = json.encode(first | {"system_fingerprint": "b1"})
    got = assembled([payload], Imprint(system_fingerprint="stand-in"))
    assert got["system_fingerprint"] == "stand-in"


@pytest.mark.parametrize("name", ["reasoning", "reasoning_content"])
def test_finish_when_the_model_reasoned_then_both_names_hold_it(name: str) -> None:
    got = message([chunk({name: "be"}), chunk({name: "cause"}), chunk({"content": "x"})])
    assert got["reasoning"] == got["reasoning_content"] == "because"
    assert got["content"] == "x"


def test_finish_when_an_engine_sends_both_names_then_reasoning_is_taken_once() -> None:
    assert message([chunk({"reasoning": "a", "reasoning_content": "a"})])["reasoning"] == "a"


def test_finish_when_the_model_refused_then_content_is_null() -> None:
    got = message([chunk({"refusal": "I "}), chunk({"refusal": "won't"})])
    assert (got["refusal"], got["content"]) == ("I won't", None)


def test_finish_when_nothing_was_said_then_content_is_empty_text() -> None:
    assert message([])["content"] == ""


def call(index: int | None, identifier: str | None = None, **function: str) -> dict[str, Any]:
    return {"index": index, "id": identifier, "type": "function", "function": function}


TOOL_CHUNKS = [
    chunk({"tool_calls": [call(0, "c0", name="f", arguments="")]}),
    chunk({"tool_calls": [call(0, arguments='{"a"')]}),
    chunk({"tool_calls": [call(1, "c1", name="g", arguments="{"), call(0, arguments=":1}")]}),
    chunk({"tool_calls": [call(1, "c1", name="g", arguments="}")]}),
]


def test_finish_when_tool_calls_were_interleaved_then_each_is_whole() -> None:
    got = message(TOOL_CHUNKS)
    assert got["content"] is None
    assert got["tool_calls"] == [
        {"id": "c0", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}},
        {"id": "c1", "type": "function", "function": {"name": "g", "arguments": "{}"}},
    ]


def test_finish_when_calls_carry_no_index_then_an_id_begins_the_next() -> None:
    chunks = [
        chunk({"tool_calls": [call(None, "c0", name="f", arguments="{")]}),
        chunk({"tool_calls": [call(None, arguments="}")]}),
        chunk({"tool_calls": [call(None, "c1", name="g", arguments="[]")]}),
    ]
    got = message(chunks)["tool_calls"]
    assert [(c["id"], c["function"]["arguments"]) for c in got] == [("c0", "{}"), ("c1", "[]")]


def test_finish_when_an_engine_gives_no_ids_then_calls_have_some() -> None:
    chunks = [chunk({"tool_calls": [{"index": i, "function": {"name": "f"}}]}) for i in range(2)]
    got = message(chunks)["tool_calls"]
    assert [(c["id"], c["type"]) for c in got] == [("call_0", "function"), ("call_1", "function")]


def test_finish_when_the_caller_speaks_of_functions_then_gets_the_first_call() -> None:
    end = chunk({}, finish_reason="tool_calls")
    choice = assembled([*TOOL_CHUNKS, end], Imprint(is_legacy=True))["choices"][0]
    assert choice["finish_reason"] == "function_call"
    assert choice["message"]["function_call"] == {"name": "f", "arguments": '{"a":1}'}
    assert "tool_calls" not in choice["message"]


def test_finish_when_an_engine_speaks_of_functions_then_it_is_a_tool_call() -> None:
    chunks = [
        chunk({"function_call": {"name": "f"}}),
        chunk({"function_call": {"arguments": "{}"}}),
    ]
    assert message(chunks)["tool_calls"][0]["function"] == {"name": "f", "arguments": "{}"}


def test_finish_when_log_probabilities_came_then_the_lists_are_joined() -> None:
    token: dict[str, Any] = {"token": "x", "logprob": -0.5, "bytes": None, "top_logprobs": []}
    chunks = [
        chunk({"content": "x"}, logprobs={"content": [token]}),
        chunk({"content": "x"}, logprobs=None),
        chunk({"content": "xx"}, logprobs={"content": [token, token], "refusal": None}),
        chunk({}, finish_reason="stop", logprobs={"refusal": [token]}),
    ]
    logprobs = assembled(chunks)["choices"][0]["logprobs"]
    assert logprobs == {"content": [token] * 3, "refusal": [token]}


def test_feed_when_log_probabilities_are_nonsense_then_the_engine_failed() -> None:
    with pytest.raises(EngineFailed, match="no log probabilities"):
        CompletionAssembler(IMPRINT).feed(chunk({}, logprobs=[1]))


def test_feed_when_it_is_no_chunk_then_the_engine_failed() -> None:
    with pytest.raises(EngineFailed, match="no chunk"):
        CompletionAssembler(IMPRINT).feed(b"<html>")


def test_feed_when_requests_were_fanned_out_then_each_is_its_own_choice() -> None:
    assembler = CompletionAssembler(IMPRINT)
    for text in ("a", "b"):
        for offset in (2, 0, 1):
            facts = assembler.feed(chunk({"content": f"{text}{offset}"}), index_offset=offset)
            assert facts.content_deltas == 1
    assert assembler.finished_choices == 0
    for offset in (1, 2, 0):
        assembler.feed(chunk({}, finish_reason="stop"), index_offset=offset)
        assembler.feed(json.encode({"choices": [], "usage": USAGE}), index_offset=offset)
    assert assembler.finished_choices == 3
    got = json.decode(assembler.finish())
    contents = [(c["index"], c["message"]["content"]) for c in got["choices"]]
    assert contents == [(0, "a0b0"), (1, "a1b1"), (2, "a2b2")]
    assert got["usage"] == {"prompt_tokens": 3, "completion_tokens": 12, "total_tokens": 15}


def test_finish_when_the_engine_told_no_usage_then_the_callers_count_is_used() -> None:
    chunks = [chunk({"content": "x"}, finish_reason="stop")]
    assert "usage" not in assembled(chunks)
    assert assembled(chunks, usage=Usage(1, 2, 3))["usage"]["total_tokens"] == 3


def test_merge_usage_when_there_is_none_then_says_so() -> None:
    assert merge_usage([]) is None


def test_merge_usage_when_requests_differ_then_prompts_count_once_and_details_add_up() -> None:
    first = Usage(5, 1, 6, PromptTokensDetails(cached_tokens=0))
    second = Usage(
        5,
        2,
        7,
        PromptTokensDetails(cached_tokens=4),
        CompletionTokensDetails(reasoning_tokens=1),
    )
    third = Usage(
        5,
        3,
        8,
        completion_tokens_details=CompletionTokensDetails(reasoning_tokens=2, audio_tokens=1),
    )
    assert merge_usage([first, second, third]) == Usage(
        5,
        6,
        11,
        PromptTokensDetails(cached_tokens=0),
        CompletionTokensDetails(reasoning_tokens=3, audio_tokens=1),
    )
    assert merge_usage([first, first]) == Usage(5, 2, 7, PromptTokensDetails(cached_tokens=0))


TEXT = st.text(max_size=30)
CALLS = st.lists(st.tuples(st.text(min_size=1, max_size=5), TEXT), max_size=3)
CHOICE = st.fixed_dictionaries({"content": TEXT, "reasoning": TEXT, "calls": CALLS})


def pieces(data: st.DataObject, text: str) -> list[str]:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=3)))
    return [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]


def cut_up(data: st.DataObject, index: int, choice: dict[str, Any]) -> list[bytes]:
    """One of the ways in which an engine may stream this choice."""
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": None}]
    deltas += [{"reasoning_content": piece} for piece in pieces(data, choice["reasoning"])]
    deltas += [{"content": piece} for piece in pieces(data, choice["content"])]
    for position, (name, arguments) in enumerate(choice["calls"]):
        begin = call(position, f"id{position}", name=name, arguments="")
        deltas.append({"tool_calls": [begin]})
        deltas += [
            {"tool_calls": [{"index": position, "function": {"arguments": piece}}]}
            for piece in pieces(data, arguments)
        ]
    return [*(chunk(delta, index) for delta in deltas), chunk({}, index, finish_reason="stop")]


@settings(deadline=None)
@given(data=st.data(), choices=st.lists(CHOICE, min_size=1, max_size=3))
def test_finish_when_an_answer_is_cut_anywhere_then_the_same_message_comes_out(
    data: st.DataObject, choices: list[dict[str, Any]]
) -> None:
    queues = [cut_up(data, index, choice) for index, choice in enumerate(choices)]
    chunks: list[bytes] = []
    while any(queues):
        chunks.append(data.draw(st.sampled_from([queue for queue in queues if queue])).pop(0))
    got = assembled(chunks)["choices"]
    assert [choice["index"] for choice in got] == list(range(len(choices)))
    for choice, wanted in zip(got, choices, strict=True):
        calls = [
            (c["id"], c["function"]["name"], c["function"]["arguments"])
            for c in choice["message"].get("tool_calls", [])
        ]
        assert calls == [(f"id{i}", *pair) for i, pair in enumerate(wanted["calls"])]
        assert choice["message"]["content"] == (wanted["content"] or (None if calls else ""))
        assert choice["message"]["reasoning"] == (wanted["reasoning"] or None)
        assert choice["finish_reason"] == "stop"


WHOLE = (
    b'{ "id":"e", "object":"chat.completion", "created":1, "model":"engine", "kv":{"x":1.50},\n'
    b'"choices":[{"index":0,"message":{"role":"assistant","content":"x"},"finish_reason":"stop"}],'
    b'"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7} }'
)


@pytest.mark.parametrize("imprint", [Imprint(), Imprint(id="e", model="engine", created=1)])
def test_finish_completion_when_nothing_differs_then_the_bytes_stay(imprint: Imprint) -> None:
    body, usage = finish_completion(WHOLE, imprint)
    assert body is WHOLE
    assert usage == Usage(3, 4, 7)


def test_finish_completion_when_the_name_differs_then_only_that_changes() -> None:
    body, _ = finish_completion(WHOLE, Imprint(model="asked/for", system_fingerprint="fp"))
    changes = {"model": "asked/for", "system_fingerprint": "fp"}
    assert json.decode(body) == json.decode(WHOLE) | changes
    assert b'{"x":1.50}' in body


def test_finish_completion_when_the_model_reasoned_then_both_names_hold_it() -> None:
    raw = WHOLE.replace(b'"content":"x"', b'"content":"x","reasoning":"y"')
    body, _ = finish_completion(raw, Imprint())
    got = json.decode(body)["choices"][0]["message"]
    assert got["reasoning"] == got["reasoning_content"] == "y"


def test_finish_completion_when_the_caller_speaks_of_functions_then_gets_a_function_call() -> None:
    calls = b'"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]'
    raw = WHOLE.replace(b'"content":"x"', b'"content":null,%b' % calls)
    raw = raw.replace(b'"stop"', b'"tool_calls"')
    choice = json.decode(finish_completion(raw, Imprint(is_legacy=True))[0])["choices"][0]
    assert choice["finish_reason"] == "function_call"
    assert choice["message"] == {
        "role": "assistant",
        "content": None,
        "function_call": {"name": "f", "arguments": "{}"},
    }
    assert choice["index"] == 0


def test_finish_completion_when_a_legacy_answer_calls_nothing_then_stays() -> None:
    body, _ = finish_completion(WHOLE, Imprint(is_legacy=True))
    assert json.decode(body) == json.decode(WHOLE)


@pytest.mark.parametrize("raw", [b"", b"{}", b"<html>", b'{"choices":5}', b'{"choices":["\xff"]}'])
def test_finish_completion_when_it_is_no_completion_then_the_engine_failed(raw: bytes) -> None:
    with pytest.raises(EngineFailed, match="no completion"):
        finish_completion(raw, IMPRINT)


@pytest.mark.parametrize(
    "choices",
    [b"[5]", b'[{"message":5}]', b'[{"message":{"tool_calls":5}}]'],
)
def test_finish_completion_when_a_legacy_answer_is_nonsense_then_the_engine_failed(
    choices: bytes,
) -> None:
    with pytest.raises(EngineFailed, match="no completion"):
        finish_completion(b'{"choices":%b}' % choices, Imprint(is_legacy=True))


def test_finish_completion_when_no_usage_was_told_then_says_so() -> None:
    body, usage = finish_completion(b'{"choices":[],"usage":null}', Imprint())
    assert usage is None
    assert json.decode(body)["usage"] is None
