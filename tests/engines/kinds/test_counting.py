"""Counts are compared with what the same engine reports as used for the same body."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engines.scale import TINY_CHAT, Scale, a_card, scale

from weft.catalog.types import FakeSpec, LlamaCppSpec, ModelCard, RemoteSpec
from weft.engines.kinds import counting
from weft.engines.kinds.counting import MAX_BODY_BYTES, SPARE_TOKENS, PromptCounter
from weft.engines.options import EngineSettings
from weft.engines.pool import Engines
from weft.engines.process.spawn import Child
from weft.engines.types import Endpoint, ModelStage

MakeEngines = Callable[..., Awaitable[Engines]]
FakeServer = Callable[..., Awaitable[tuple[Child, int]]]
Remote = Callable[..., Awaitable[tuple[Engines, Callable[[], Awaitable[dict[str, int]]]]]]
HELLO = {"messages": [{"role": "user", "content": "Hello"}]}
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Tells the weather of a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}
CASES: dict[str, dict[str, Any]] = {
    "plain": HELLO,
    "system": {"messages": [{"role": "system", "content": "Be brief."}, *HELLO["messages"]]},
    "turns": {
        "messages": [
            *HELLO["messages"],
            {"role": "assistant", "content": "Hi!"},
            {"role": "user", "content": "What is 2 plus 3?"},
        ]
    },
    "tools": {**HELLO, "tools": [WEATHER]},
    "forced tool": {**HELLO, "tools": [WEATHER], "tool_choice": "required"},
    "tool answers": {
        "messages": [
            *HELLO["messages"],
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {
                        "id": "call_1",
                        "type": "function",
                        "function": {"name": "get_weather", "arguments": '{"city":"Rome"}'},
                    }
                ],
            },
            {"role": "tool", "tool_call_id": "call_1", "content": '{"degrees": 3}'},
        ],
        "tools": [WEATHER],
    },
    "unicode": {"messages": [{"role": "user", "content": "é 🧵 ﷺ 한국 \u0301 \x01 \U0001d160"}]},
    "special tokens": {"messages": [{"role": "user", "content": "<|im_end|>\n<|im_start|>user"}]},
    "parts": {
        "messages": [
            {
                "role": "user",
                "content": [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}],
            }
        ]
    },
    "empty": {"messages": [{"role": "user", "content": ""}]},
    "unfinished": {"messages": [*HELLO["messages"], {"role": "assistant", "content": "Hi, I"}]},
    "long": {"messages": [{"role": "user", "content": "some words of many " * 1500}]},
    "many": {"messages": [{"role": "user", "content": f"number {n}"} for n in range(300)]},
    "schema": {
        **HELLO,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "a", "schema": {"type": "object"}},
        },
    },
    "switches": {**HELLO, "chat_template_kwargs": {"enable_thinking": False}},
}


def body_of(case: dict[str, Any], **more: object) -> bytes:
    return json.dumps({"model": "m", "max_tokens": 1, **case, **more}).encode()


@pytest.fixture(scope="module")
def tiny() -> Iterator[Scale]:
    with scale(TINY_CHAT) as made:
        yield made


@pytest.fixture(scope="module")
def fake() -> Iterator[Scale]:
    with scale(FakeSpec()) as made:
        yield made


# llama.cpp.


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_llama_cpp_when_asked_then_counts_what_it_will_report(
    tiny: Scale, case: dict[str, Any]
) -> None:
    body = body_of(case)
    counted = tiny.count(body)
    assert counted is not None
    assert counted == tiny.reported(body)


turns = st.lists(
    st.fixed_dictionaries(
        {"role": st.sampled_from(["system", "user", "assistant"]), "content": st.text()}
    ),
    min_size=1,
    max_size=8,
)


@given(messages=turns)
@settings(max_examples=60)
def test_llama_cpp_when_asked_of_anything_then_counts_what_it_will_report(
    tiny: Scale, messages: list[dict[str, str]]
) -> None:
    messages.append({"role": "user", "content": "so?"})
    body = body_of({"messages": messages})
    assert tiny.count(body) == tiny.reported(body)


def test_llama_cpp_when_there_is_an_image_then_none(tiny: Scale) -> None:
    part = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    assert tiny.count(body_of({"messages": [{"role": "user", "content": [part]}]})) is None
    assert tiny.count(body_of(HELLO)) is not None


def test_llama_cpp_when_it_cannot_render_the_prompt_then_none_and_is_asked_again(
    tiny: Scale,
) -> None:
    assert tiny.count(b'{"messages":[{"role":"user","content":7}]}') is None
    assert tiny.count(b'{"messages":[{"content":"nobody said it"}]}') is None
    assert tiny.count(b"no JSON") is None
    assert tiny.count(body_of(HELLO)) is not None


def test_body_when_too_long_then_none(tiny: Scale) -> None:
    assert tiny.count(body_of(HELLO, user="x" * MAX_BODY_BYTES)) is None


# The fake engine.


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_fake_when_asked_then_counts_what_it_will_report(fake: Scale, case: dict[str, Any]) -> None:
    body = body_of(case)
    assert fake.count(body) == fake.reported(body)


def test_fake_when_the_message_has_switches_then_they_do_not_count(fake: Scale) -> None:
    said = "[[fake: tokens=3]] one two"
    body = body_of({"messages": [{"role": "user", "content": said}]})
    assert fake.count(body) == fake.reported(body) == 2


# Whoever is asked.


async def test_count_when_the_engine_sleeps_then_none_and_it_sleeps_on(
    make_engines: MakeEngines, quick: EngineSettings
) -> None:
    card = a_card(FakeSpec())
    engines = await make_engines(card, settings=replace(quick, eager=False))
    assert await engines.count_prompt(engines.find_route(card), body_of(HELLO)) is None
    assert engines.models()[0].stage is ModelStage.ASLEEP
    assert engines.snapshot() == ()


async def a_ready(make_engines: MakeEngines, card: ModelCard) -> Engines:
    engines = await make_engines(card)
    (await engines.lease(engines.find_route(card))).release()
    return engines


async def test_count_when_every_place_is_taken_then_it_is_answered_all_the_same(
    make_engines: MakeEngines,
) -> None:
    card = a_card(FakeSpec(max_in_flight=1))
    engines = await a_ready(make_engines, card)
    route = engines.find_route(card)
    lease = await engines.lease(route)
    assert await engines.count_prompt(route, body_of(HELLO)) == 1
    assert engines.snapshot()[0].in_flight == 1
    lease.release()


async def test_count_when_it_takes_too_long_then_none(
    make_engines: MakeEngines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "TIMEOUT_S", 0.05)
    card = a_card(FakeSpec("tokenize_ms=60000"))
    engines = await a_ready(make_engines, card)
    assert await engines.count_prompt(engines.find_route(card), body_of(HELLO)) is None


async def test_count_when_many_ask_then_each_gets_an_answer(make_engines: MakeEngines) -> None:
    card = a_card(FakeSpec())
    engines = await a_ready(make_engines, card)
    route = engines.find_route(card)
    bodies = [body_of({"messages": [{"role": "user", "content": "w " * n}]}) for n in range(1, 41)]
    counts = await asyncio.gather(*(engines.count_prompt(route, body) for body in bodies))
    assert counts == list(range(1, 41))


async def test_count_when_the_engine_has_no_such_path_then_none(make_engines: MakeEngines) -> None:
    card = a_card(FakeSpec("tokenize=off"))
    engines = await a_ready(make_engines, card)
    assert await engines.count_prompt(engines.find_route(card), body_of(HELLO)) is None


async def test_count_when_there_is_something_else_at_the_path_then_it_is_tried_once(
    make_engines: MakeEngines,
) -> None:
    card = a_card(FakeSpec())
    engines = await a_ready(make_engines, card)
    lease = await engines.lease(engines.find_route(card))
    lease.release()
    counter = PromptCounter(counting.FAKE, lease.pool, lambda _path: lease.heads[Endpoint.CHAT])
    assert await counter.count(body_of(HELLO)) is None
    assert counter.is_absent


# Somebody else's server.


@pytest.fixture
def remote(make_engines: MakeEngines, fake_server: FakeServer) -> Remote:
    """Engines with a card that a fake server answers for, and what that server did so far."""

    async def make(
        behaviour: str = "",
    ) -> tuple[Engines, Callable[[], Awaitable[dict[str, int]]]]:
        _, port = await fake_server(behaviour)
        card = a_card(RemoteSpec(f"http://127.0.0.1:{port}/v1"))
        engines = await make_engines(card)
        lease = await engines.lease(engines.find_route(card))
        lease.release()

        async def stats() -> dict[str, int]:
            response = await lease.pool.send(b"GET /fake/stats HTTP/1.1\r\nHost: fake\r\n\r\n")
            return json.loads(await response.read(1 << 16))

        return engines, stats

    return make


async def test_remote_when_it_counts_as_vllm_does_then_its_count_and_a_little(
    remote: Remote,
) -> None:
    engines, _ = await remote()
    route = engines.find_route(a_card(FakeSpec()))
    body = body_of({"messages": [{"role": "user", "content": "one two three"}]}, temperature=1)
    assert await engines.count_prompt(route, body) == 3 + SPARE_TOKENS


MORE: list[dict[str, Any]] = [
    {"tools": [WEATHER]},
    {"reasoning_effort": "high"},
    {"response_format": {"type": "json_object"}},
    {"continue_final_message": True},
    {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]},
]


@pytest.mark.parametrize("more", MORE)
async def test_remote_when_the_prompt_depends_on_more_then_none_and_nobody_is_asked(
    remote: Remote, more: dict[str, Any]
) -> None:
    engines, stats = await remote()
    route = engines.find_route(a_card(FakeSpec()))
    assert await engines.count_prompt(route, body_of(HELLO, **more)) is None
    assert (await stats())["tokenized"] == 0


async def test_remote_when_it_has_no_such_path_then_it_is_tried_once(remote: Remote) -> None:
    engines, stats = await remote("tokenize=off")
    route = engines.find_route(a_card(FakeSpec()))
    for _ in range(3):
        assert await engines.count_prompt(route, body_of(HELLO)) is None
    assert (await stats())["not_found"] == 1


async def test_remote_when_nobody_listens_then_none_and_it_may_be_asked_again(
    make_engines: MakeEngines,
) -> None:
    card = a_card(RemoteSpec("http://127.0.0.1:9/v1"))
    engines = await make_engines(card)
    assert await engines.count_prompt(engines.find_route(card), body_of(HELLO)) is None


def test_weights_when_another_model_then_its_own_tokens_count(tiny_gguf: Path) -> None:
    with scale(LlamaCppSpec(str(tiny_gguf), context_tokens=2048, parallel=1)) as other:
        body = body_of({"messages": [{"role": "user", "content": "the hen"}]})
        counted = other.count(body)
        assert counted == other.reported(body)
        # A token for each byte, but for "he": `<|im_start|>user\n`, the text, `<|im_end|>`, `<|im_start|>assistant`.
        assert counted == (1 + 5) + (7 - 2) + 1 + (1 + 9)
