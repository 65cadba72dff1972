"""Each convention's spans become calls that read alike."""

from typing import Any

import msgspec
import pytest

from traces.otel import examples as ex
from weft.traces.calls.facts import facts_of
from weft.traces.calls.parts import CallPart
from weft.traces.otel.calls import call_of
from weft.traces.otel.reading import Reading
from weft.traces.otel.spans import Span
from weft.traces.otel.understand import understand

SYSTEM = {"role": "system", "content": "Be brief."}
USER = {"role": "user", "content": ex.QUESTION}
CALLED = {"role": "assistant", "content": None, "tool_calls": [ex.TOOL_CALL]}
TOLD = {"role": "tool", "tool_call_id": "call_1", "content": "sunny"}


def call(span: Span) -> CallPart:
    return call_of(span, understand(span), "user_1")


def inputs(span: Span) -> Any:
    return msgspec.json.decode(call(span).inputs)


def output(span: Span) -> Any:
    told = call(span).output
    return None if told is None else msgspec.json.decode(told)


def said(span: Span) -> Any:
    [choice] = output(span)["choices"]
    return choice["message"]


LLM = [
    pytest.param(ex.span(ex.GENAI), [SYSTEM, USER, CALLED, TOLD], id="genai"),
    pytest.param(ex.span(ex.GENAI_BEFORE, events=ex.GENAI_EVENTS), [SYSTEM, USER], id="events"),
    pytest.param(ex.span(ex.GENAI_BEFORE, events=ex.GENAI_OLDEST), [USER], id="oldest"),
    pytest.param(ex.span(ex.LOGFIRE_OPENAI), [USER], id="logfire-openai"),
    pytest.param(ex.span(ex.VERCEL), [SYSTEM, USER, TOLD], id="vercel"),
    pytest.param(ex.span(ex.TRACELOOP), [USER], id="traceloop"),
]


@pytest.mark.parametrize(("span", "messages"), LLM)
def test_llm_span_when_read_then_is_a_chat_with_model_and_tokens(
    span: Span, messages: list[dict[str, Any]]
) -> None:
    found = [
        {name: one[name] for name in one if name != "name"} for one in inputs(span)["messages"]
    ]
    assert [{**one, "content": one.get("content")} for one in found] == messages
    assert inputs(span)["model"] == "gpt-4o"
    answer = said(span) if "choices" in output(span) else output(span)["message"]
    assert (answer["role"], answer["content"]) == ("assistant", ex.ANSWER)
    facts = facts_of(call(span))
    assert facts.model is not None
    assert facts.model.startswith("gpt-4o")
    assert (facts.input_tokens, facts.output_tokens) == (12, 8)
    assert understand(span).kind == "llm"


def test_genai_span_when_it_tells_more_then_all_of_it_is_read() -> None:
    reading = understand(ex.span(ex.GENAI))
    assert (reading.thread_id, reading.provider) == ("conv_7", "openai")
    assert reading.parameters == {"temperature": 0.2, "n": 1}
    assert reading.usage.cache_read == 4
    part = call(ex.span(ex.GENAI))
    assert (part.id, part.trace_id, part.parent_id) == (ex.SPAN, ex.TRACE, ex.PARENT)
    assert part.thread_id == "conv_7"
    attributes = msgspec.json.decode(part.attributes)
    assert attributes["weave"] == {"kind": "llm", "source": "otel"}
    assert attributes["gen_ai"]["request"]["temperature"] == 0.2
    assert ex.QUESTION not in part.attributes
    assert ex.QUESTION in (part.otel_dump or "")


def test_openinference_span_when_read_then_names_are_lists_again() -> None:
    span = ex.span(ex.OPENINFERENCE)
    assert inputs(span) == {
        "model": "gpt-4o",
        "temperature": 0.2,
        "messages": [
            SYSTEM,
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": ex.QUESTION},
                    {"type": "image_url", "image_url": {"url": "https://x/y.png"}},
                ],
            },
        ],
    }
    assert said(span) == CALLED
    reading = understand(span)
    assert (reading.usage.total, reading.usage.reasoning, reading.cost_usd) == (20, 3, 0.25)
    assert reading.thread_id == "session_1"


@pytest.mark.parametrize(
    ("span", "kind", "went_in", "came_out"),
    [
        (ex.span(ex.OPENINFERENCE_CHAIN), "chain", {"question": "why"}, "because"),
        (
            ex.span(ex.OPENINFERENCE_RETRIEVER),
            "retriever",
            {"input": "why"},
            [{"content": "because", "score": 0.9}],
        ),
        (ex.span(ex.GENAI_TOOL), "tool", {"city": "Paris"}, "sunny"),
        (ex.span(ex.LOGFIRE_TOOL), "tool", {"city": "Paris"}, "sunny"),
        (ex.span(ex.VERCEL_TOOL), "tool", {"city": "Paris"}, {"weather": "sunny"}),
        (
            ex.span(ex.TRACELOOP_WORKFLOW),
            "chain",
            {"args": [], "kwargs": {"city": "Paris"}},
            '"sunny"',
        ),
        (ex.span(ex.GENAI_AGENT), "agent", {"model": "gpt-4o"}, None),
        (ex.span({"http.route": "/"}), None, {}, None),
    ],
)
def test_other_span_when_read_then_has_what_went_in_and_came_out(
    span: Span, kind: str | None, went_in: Any, came_out: Any
) -> None:
    assert understand(span).kind == kind
    assert inputs(span) == went_in
    assert output(span) == came_out


def test_logfire_agent_when_read_then_its_result_is_the_output() -> None:
    span = ex.span(ex.LOGFIRE_AGENT, scope="pydantic-ai")
    assert (understand(span).kind, understand(span).agent_name) == ("agent", "forecaster")
    assert inputs(span)["messages"] == [USER]
    assert output(span) == ex.ANSWER


def test_logfire_events_when_a_tool_is_called_then_the_call_is_kept() -> None:
    span = ex.span(ex.LOGFIRE)
    assert inputs(span)["messages"] == [SYSTEM, USER]
    assert said(span)["tool_calls"] == [ex.TOOL_CALL]
    assert (understand(span).cost_usd, understand(span).usage.reasoning) == (0.25, 3)


def test_vercel_outer_span_when_read_then_its_prompt_is_a_conversation() -> None:
    span = ex.span(ex.VERCEL_OUTER)
    assert inputs(span)["messages"] == [SYSTEM, USER]
    assert output(span) == ex.ANSWER
    assert understand(span).agent_name == "answer"
    assert understand(ex.span(ex.VERCEL)).thread_id == "session_1"


def test_span_when_it_failed_then_its_exception_is_the_call_s() -> None:
    raised = ex.event(
        "exception",
        exception__type="ValueError",
        exception__message="no such city",
        exception__stacktrace="Traceback",
    )
    part = call(ex.span({}, status="ERROR", events=(raised,)))
    assert msgspec.json.decode(part.exception or "") == {
        "type": "ValueError",
        "message": "no such city",
        "traceback": ["Traceback"],
    }
    assert facts_of(part).status == "error"
    bare = call(ex.span({"error.type": "timeout"}, status="ERROR", status_message="too slow"))
    assert msgspec.json.decode(bare.exception or "")["message"] == "too slow"


def test_span_when_a_weave_call_is_around_it_then_hangs_under_it() -> None:
    linked = {"weave.parent_call.id": "call-1", "weave.parent_call.trace_id": "trace-1"}
    root = call(ex.span(linked, parent_id=""))
    assert (root.parent_id, root.trace_id) == ("call-1", "trace-1")
    child = call(ex.span(linked))
    assert (child.parent_id, child.trace_id) == (ex.PARENT, "trace-1")


def test_span_when_litellm_names_thread_and_display_then_the_call_has_them() -> None:
    told = {"wandb.display_name": "openai__gpt", "wandb.thread_id": "t1", "wandb.is_turn": True}
    part = call(ex.span(told))
    assert (part.display_name, part.thread_id, part.turn_id) == ("openai__gpt", "t1", ex.SPAN)


@pytest.mark.parametrize(
    "attributes",
    [
        {"gen_ai.input.messages": "[1, 2]"},
        {"gen_ai.input.messages": '[{"parts": 3}]', "gen_ai.output.messages": "nonsense"},
        {"gen_ai.prompt.0": "x", "gen_ai.prompt.0.role": "user"},
        {"gen_ai.usage.input_tokens": -1, "gen_ai.usage.output_tokens": "many"},
        {"llm.input_messages.0.message": 7, "llm.input_messages.x": 1},
        {"llm.input_messages.99999.message.role": "user", "llm.token_count.prompt": 1e300},
        {"ai.prompt": "[", "ai.prompt.messages": '[{"role": "user", "content": [1, {"type": 2}]}]'},
        {"events": '[{"event.name": 1}]', "logfire.msg": ""},
        {"request_data": "[]", "response_data": "{}"},
        {"traceloop.entity.input": "{", "traceloop.span.kind": 5},
        {"weave": 1, "weave.kind": "x", "a.b": 1, "a": 2, "": 3, ".": 4},
        {"input.value": "\0", "openinference.span.kind": "\0"},
    ],
)
def test_span_when_its_attributes_are_nonsense_then_is_a_call_all_the_same(
    attributes: dict[str, Any],
) -> None:
    part = call(ex.span(attributes, name="\0" * 5000))
    for text in (part.attributes, part.inputs, part.summary, part.otel_dump):
        assert isinstance(msgspec.json.decode(text or "{}"), dict)
    assert "\0" not in part.op_name
    assert len(part.op_name) == 4096


def test_readings_when_merged_then_the_first_that_tells_counts() -> None:
    assert understand(ex.span({})) == Reading()
    both = {**ex.OPENINFERENCE, **ex.GENAI}
    assert understand(ex.span(both)).response_model == "gpt-4o"
    assert understand(ex.span(both)).request_model == "gpt-4o"
