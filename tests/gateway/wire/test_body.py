from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import json

from weft.engines.types import Quirks
from weft.gateway.wire.body import engine_bodies
from weft.gateway.wire.bounds import Bounds
from weft.gateway.wire.types import FIELDS
from weft.gateway.wire.validate import parse_request

REMOTE = Quirks()
PLAIN = frozenset(
    {
        "max_tokens",
        "temperature",
        "stop",
        "seed",
        "tools",
        "tool_choice",
        "parallel_tool_calls",
        "chat_template_kwargs",
        "top_k",
    }
)
LOCAL = Quirks(
    always_stream=True,
    fans_out=True,
    rewrites_chunks=True,
    named_tool_choice=False,
    developer_role=False,
    max_seed=2**32 - 2,
    extra_body=b'"timings_per_token":true',
    parameters=PLAIN,
)
ALWAYS_ADDED = {
    "stream": True,
    "stream_options": {"include_usage": True},
    "timings_per_token": True,
}
USER = {"role": "user", "content": "hello"}
F = {"name": "f", "parameters": {"type": "object"}}
G = {"name": "g"}
TOOLS = [{"type": "function", "function": F}, {"type": "function", "function": G}]


def body(**members: object) -> bytes:
    return json.encode({"model": "m", "messages": [USER], **members})


def sent(raw: bytes, quirks: Quirks, served_model: str = "m") -> tuple[bytes, ...]:
    request = parse_request(raw, Bounds())
    return engine_bodies(raw, request, quirks, served_model=served_model)


def changed(members: dict[str, Any], quirks: Quirks) -> dict[str, Any]:
    """What one engine gets beside model, messages and what is always added."""
    (only,) = sent(body(**members), quirks)
    got: dict[str, Any] = json.decode(only)
    assert got.pop("model") == "m"
    assert got.pop("messages") == [USER]
    if quirks is LOCAL:
        assert {name: got.pop(name) for name in ALWAYS_ADDED} == ALWAYS_ADDED
    return got


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"stream": False},
        {"stream": True, "stream_options": {"include_usage": True}},
        {"tools": TOOLS, "tool_choice": {"type": "function", "function": {"name": "f"}}},
        {"n": 3, "seed": -1, "user": "u", "store": False, "max_completion_tokens": 5},
        {"unknown_to_us": [1]},
        {"messages": [{"role": "developer", "content": "x"}]},
    ],
)
def test_bodies_when_a_remote_engine_needs_no_change_then_are_the_very_bytes(
    members: dict[str, Any],
) -> None:
    raw = b"  " + body(**members).replace(b",", b" , ") + b"\n"
    (only,) = sent(raw, REMOTE)
    assert only is raw


def test_bodies_when_a_stream_has_no_options_then_usage_is_asked_for() -> None:
    raw = b'{"model":"m", "messages":[ %b ], "stream" :true, "x":{ "y":1.50 } }' % json.encode(USER)
    (only,) = sent(raw, REMOTE)
    assert json.decode(only) == json.decode(raw) | {"stream_options": {"include_usage": True}}
    assert b'{ "y":1.50 }' in only


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (None, {"include_usage": True}),
        ({}, {"include_usage": True}),
        ({"include_usage": False}, {"include_usage": True}),
        ({"include_usage": None}, {"include_usage": True}),
        (
            {"include_usage": False, "continuous_usage_stats": True},
            {"include_usage": True, "continuous_usage_stats": True},
        ),
    ],
)
@pytest.mark.parametrize("quirks", [REMOTE, LOCAL])
def test_bodies_when_usage_is_not_asked_for_then_it_is_and_other_options_stay(
    options: object, expected: dict[str, Any], quirks: Quirks
) -> None:
    (only,) = sent(body(stream=True, stream_options=options), quirks)
    assert json.decode(only)["stream_options"] == expected


@pytest.mark.parametrize("members", [{}, {"stream": None}, {"stream": False}, {"stream": True}])
def test_bodies_when_an_engine_must_stream_then_it_always_does(members: dict[str, Any]) -> None:
    assert changed(members, LOCAL) == {}


def test_bodies_when_the_engine_knows_the_model_by_another_name_then_it_is_used() -> None:
    raw = body(temperature=1, metadata={"model": "m"})
    (only,) = sent(raw, REMOTE, served_model="served")
    assert json.decode(only) == json.decode(raw) | {"model": "served"}


def test_bodies_when_a_client_sends_an_extra_member_itself_then_ours_counts() -> None:
    quirks = replace(LOCAL, parameters=PLAIN | {"timings_per_token"})
    (only,) = sent(body(timings_per_token=False), quirks)
    assert only.count(b"timings_per_token") == 1
    assert json.decode(only)["timings_per_token"] is True


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"user": "u", "metadata": {"k": "v"}, "store": False, "service_tier": "auto"}, {}),
        ({"safety_identifier": "u", "prompt_cache_key": "k", "modalities": ["text"]}, {}),
        ({"n": 1, "top_p": 1, "logprobs": False, "response_format": {"type": "text"}}, {}),
        ({"max_tokens": 5}, {"max_tokens": 5}),
        ({"max_completion_tokens": 5}, {"max_tokens": 5}),
        ({"max_completion_tokens": 5, "max_tokens": 5}, {"max_tokens": 5}),
        ({"top_k": 40, "temperature": 0.5}, {"top_k": 40, "temperature": 0.5}),
        ({"reasoning_effort": "none"}, {"chat_template_kwargs": {"enable_thinking": False}}),
        (
            {"reasoning_effort": "high"},
            {"chat_template_kwargs": {"enable_thinking": True, "reasoning_effort": "high"}},
        ),
        (
            {"reasoning_effort": "low", "chat_template_kwargs": {"enable_thinking": False, "x": 1}},
            {"chat_template_kwargs": {"enable_thinking": False, "reasoning_effort": "low", "x": 1}},
        ),
        ({"seed": 7}, {"seed": 7}),
        ({"seed": 2**32 - 2}, {"seed": 2**32 - 2}),
        ({"seed": 2**32 - 1}, {"seed": 0}),
        ({"seed": -1}, {"seed": 2**32 - 2}),
    ],
)
def test_bodies_when_an_engine_knows_few_parameters_then_it_is_told_in_its_words(
    members: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert changed(members, LOCAL) == expected


def test_bodies_when_the_engine_knows_the_new_name_only_then_the_old_is_translated() -> None:
    quirks = Quirks(parameters=frozenset({"max_completion_tokens"}))
    assert changed({"max_tokens": 5}, quirks) == {"max_completion_tokens": 5}


def test_bodies_when_the_engine_knows_reasoning_effort_then_it_stays() -> None:
    quirks = Quirks(parameters=frozenset({"reasoning_effort"}))
    assert changed({"reasoning_effort": "low"}, quirks) == {"reasoning_effort": "low"}


@pytest.mark.parametrize(
    ("choice", "tools", "told"),
    [
        ("auto", TOOLS, "auto"),
        ({"type": "function", "function": {"name": "g"}}, TOOLS[1:], "required"),
        (
            {
                "type": "allowed_tools",
                "allowed_tools": {
                    "mode": "auto",
                    "tools": [{"type": "function", "function": {"name": "f"}}],
                },
            },
            TOOLS[:1],
            "auto",
        ),
    ],
)
def test_bodies_when_an_engine_takes_no_named_choice_then_it_gets_those_tools_alone(
    choice: object, tools: list[Any], told: str
) -> None:
    got = changed({"tools": TOOLS, "tool_choice": choice}, LOCAL)
    assert got == {"tools": tools, "tool_choice": told}


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"functions": []}, {}),
        ({"function_call": "auto"}, {}),
        ({"functions": [F, G]}, {"tools": TOOLS, "parallel_tool_calls": False}),
    ],
)
@pytest.mark.parametrize("quirks", [REMOTE, LOCAL])
def test_bodies_when_a_caller_speaks_of_functions_then_the_engine_hears_of_tools(
    members: dict[str, Any], expected: dict[str, Any], quirks: Quirks
) -> None:
    assert changed(members, quirks) == expected


@pytest.mark.parametrize(
    "members",
    [
        {"functions": [F, G], "function_call": "none"},
        {"tools": TOOLS, "tool_choice": "none", "parallel_tool_calls": False},
    ],
)
def test_bodies_when_no_tool_may_be_called_then_a_weak_engine_sees_none(
    members: dict[str, Any],
) -> None:
    told = {"tools": TOOLS, "tool_choice": "none", "parallel_tool_calls": False}
    assert changed(members, REMOTE) == told
    assert changed(members, LOCAL) == {}
    assert changed(members, Quirks(named_tool_choice=False)) == {}


def test_bodies_when_a_function_is_named_then_each_engine_is_told_in_its_way() -> None:
    members = {"functions": [F, G], "function_call": {"name": "g"}}
    one_call = {"parallel_tool_calls": False}
    assert changed(members, LOCAL) == one_call | {"tools": TOOLS[1:], "tool_choice": "required"}
    choice = {"type": "function", "function": {"name": "g"}}
    assert changed(members, REMOTE) == one_call | {"tools": TOOLS, "tool_choice": choice}
    quirks = Quirks(parameters=frozenset({"tools", "tool_choice"}))
    assert changed(members, quirks) == {"tools": TOOLS, "tool_choice": choice}


def test_bodies_when_messages_are_of_the_older_form_then_are_told_in_todays() -> None:
    messages = [
        USER,
        {"role": "assistant", "function_call": {"name": "f", "arguments": "{}"}},
        {"role": "function", "name": "f", "content": "3"},
    ]
    (only,) = sent(body(messages=messages), REMOTE)
    got = json.decode(only)["messages"]
    assert got[0] == USER
    assert got[1]["tool_calls"][0]["id"] == got[2]["tool_call_id"]
    assert b"function_call" not in only


def test_bodies_when_an_engine_does_not_know_developers_then_they_are_the_system() -> None:
    messages = [{"role": "developer", "content": "be brief", "name": "d"}, USER]
    (only,) = sent(body(messages=messages), LOCAL)
    expected = [{"role": "system", "content": "be brief", "name": "d"}, USER]
    assert json.decode(only)["messages"] == expected


@pytest.mark.parametrize(
    ("quirks", "members", "name", "expected"),
    [
        (
            Quirks(named_tool_choice=False),
            {"tools": TOOLS, "tool_choice": {"type": "function", "function": {"name": "f"}}},
            "tool_choice",
            "required",
        ),
        (Quirks(max_seed=9), {"seed": 12}, "seed", 2),
        (Quirks(max_seed=9), {"seed": 9}, "seed", 9),
        (
            Quirks(developer_role=False),
            {"messages": [{"role": "developer", "content": "x"}]},
            "messages",
            [{"role": "system", "content": "x"}],
        ),
        (Quirks(always_stream=True), {"stream": False}, "stream", True),
        (Quirks(extra_body=b'"x":1'), {}, "x", 1),
        (Quirks(parameters=FIELDS - {"user"}), {"user": "u"}, "user", None),
    ],
)
def test_bodies_when_an_engine_has_one_quirk_alone_then_it_is_met(
    quirks: Quirks, members: dict[str, Any], name: str, expected: object
) -> None:
    (only,) = sent(body(**members), quirks)
    assert json.decode(only).get(name) == expected


def test_bodies_when_choices_are_fanned_out_then_each_has_a_seed_of_its_own() -> None:
    bodies = [json.decode(raw) for raw in sent(body(n=3, seed=2**32 - 3, temperature=1), LOCAL)]
    assert [got.pop("seed") for got in bodies] == [2**32 - 3, 2**32 - 2, 0]
    expected = {"model": "m", "messages": [USER], "temperature": 1, **ALWAYS_ADDED}
    assert bodies == [expected] * 3


def test_bodies_when_choices_are_fanned_out_without_a_seed_then_are_alike() -> None:
    bodies = sent(body(n=4), LOCAL)
    assert len(bodies) == 4
    assert len(set(bodies)) == 1
    assert b'"n"' not in bodies[0]
    assert b'"seed"' not in bodies[0]


def test_bodies_when_seeds_pass_the_largest_integer_then_wrap() -> None:
    quirks = Quirks(fans_out=True)
    seeds = [json.decode(raw)["seed"] for raw in sent(body(n=2, seed=2**63 - 1), quirks)]
    assert seeds == [2**63 - 1, -(2**63)]


def test_bodies_when_an_engine_counts_choices_well_then_n_stays() -> None:
    assert changed({"n": 3, "seed": 1}, REMOTE) == {"n": 3, "seed": 1}


TEXT = st.text(max_size=20)


@settings(deadline=None)
@given(
    content=TEXT,
    extra=st.dictionaries(TEXT.filter(lambda name: name not in FIELDS), st.integers(), max_size=3),
    stream=st.none() | st.booleans(),
    user=st.none() | TEXT,
    served=st.sampled_from(["m", "other"]),
)
def test_bodies_when_anything_is_sent_then_nothing_but_the_needed_changes(
    *, content: str, extra: dict[str, int], stream: bool | None, user: str | None, served: str
) -> None:
    members = {"messages": [{"role": "user", "content": content}], "stream": stream, "user": user}
    raw = body(**members, **extra)
    before = json.decode(raw)
    (remote,) = sent(raw, REMOTE, served)
    added = {"stream_options": {"include_usage": True}} if stream else {}
    assert json.decode(remote) == before | {"model": served} | added
    (local,) = sent(raw, LOCAL, served)
    after = json.decode(local)
    if user is not None:
        del before["user"]
    assert {**after, "user": None} == before | {"model": served, "user": None} | ALWAYS_ADDED
