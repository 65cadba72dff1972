"""What agents did, asked as the Weave client asks, over spans that came by OpenTelemetry."""

import json
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from traces.doors import OURS, THEIRS, Door
from traces.otel.sent import request, span

QUESTION, ANSWER = "What is the weather in Paris?", "It is sunny in Paris."

UNSUPPORTED: list[dict[str, Any]] = [
    {"group_by": [{"key": "nothing"}]},
    {"group_by": [{"key": "a", "source": "custom_attrs_string"}]},
    {"group_by": [{"key": "agent_name"}], "measures": [{"aggregation": "sum", "alias": "x"}]},
    {"group_filters": [{}]},
    {"signal_filters": {"tags": ["x"]}},
]


def messages(*said: tuple[str, str]) -> str:
    return json.dumps(
        [{"role": role, "parts": [{"type": "text", "content": text}]} for role, text in said]
    )


def turn(trace: int, *, talk: str = "conv_7", version: str = "1") -> list[Any]:
    """A run of an agent: a call of a model, a tool, and the answer. Only the run says which agent it is."""
    base = trace * 10
    agent = {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": "forecaster",
        "gen_ai.agent.version": version,
        "gen_ai.conversation.id": talk,
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.usage.input_tokens": 30,
        "gen_ai.usage.output_tokens": 12,
        "gen_ai.input.messages": messages(("user", QUESTION)),
        "gen_ai.output.messages": messages(("assistant", ANSWER)),
        "city": "Paris",
        "tries": trace,
    }
    model = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.usage.input_tokens": 15,
        "gen_ai.usage.output_tokens": 6,
    }
    called: list[dict[str, Any]] = [
        {"type": "tool_call", "id": "c", "name": "get_weather", "arguments": {}}
    ]
    first = {
        **model,
        "gen_ai.input.messages": messages(("user", QUESTION)),
        "gen_ai.output.messages": json.dumps([{"role": "assistant", "parts": called}]),
    }
    tool = {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "get_weather",
        "gen_ai.tool.call.arguments": '{"city": "Paris"}',
        "gen_ai.tool.call.result": "sunny",
    }
    last = {
        **model,
        "gen_ai.input.messages": messages(("user", QUESTION), ("tool", "sunny")),
        "gen_ai.output.messages": messages(("assistant", ANSWER)),
    }
    return [
        span(base, agent, trace=trace),
        span(base + 1, first, parent=base, trace=trace),
        span(base + 2, tool, parent=base, trace=trace),
        span(base + 3, last, parent=base, trace=trace),
    ]


async def send(door: Door, told: ExportTraceServiceRequest) -> None:
    headers = {
        "content-type": "application/x-protobuf",
        "authorization": f"Bearer {door.keys['ada']}",
        "project_id": OURS,
    }
    body = told.SerializeToString()
    response = await door.client.post("/agents/otel/v1/traces", content=body, headers=headers)
    assert response.status_code == 200, response.text


@pytest.fixture
async def told(door: Door) -> Door:
    """Two turns of one conversation and one of another; one by a newer version."""
    spans = [*turn(1), *turn(2), *turn(3, talk="conv_8", version="2")]
    await send(door, request(*spans))
    return door


async def ask(door: Door, path: str, **body: Any) -> Any:
    return await door.get(f"/agents/{path}", {"project_id": OURS, **body})


async def test_agents_when_asked_for_then_have_figures_counted_once(told: Door) -> None:
    [agent] = (await ask(told, "query"))["agents"]
    assert agent["agent_name"] == "forecaster"
    assert (agent["span_count"], agent["invocation_count"], agent["error_count"]) == (12, 3, 0)
    assert (agent["total_input_tokens"], agent["total_output_tokens"]) == (90, 36)
    assert agent["total_duration_ms"] == 15
    assert agent["project_id"] == OURS
    nobody = await ask(told, "query", filters={"agent_name": "else"})
    assert nobody == {"agents": [], "total_count": 0}


async def test_versions_when_asked_for_then_are_pages_in_order(told: Door) -> None:
    asked = {"agent_name": "forecaster", "sort_by": [{"field": "span_count", "direction": "asc"}]}
    both = await ask(told, "agent-versions/query", **asked)
    assert [one["agent_version"] for one in both["versions"]] == ["2", "1"]
    page = await ask(told, "agent-versions/query", **asked, limit=1, offset=1)
    assert ([one["agent_version"] for one in page["versions"]], page["total_count"]) == (["1"], 2)
    asked["sort_by"] = [{"field": "nothing", "direction": "asc"}]
    refused = await told.ask("/agents/agent-versions/query", {"project_id": OURS, **asked})
    assert refused.status_code == 400


async def test_spans_when_filtered_and_sorted_then_are_rows_with_their_words(told: Door) -> None:
    tools = {"$expr": {"$eq": [{"$getField": "tool_name"}, {"$literal": "get_weather"}]}}
    found = await ask(told, "spans/query", query=tools, include_details=True, limit=2)
    assert found["total_count"] == 3
    row = found["spans"][0]
    assert json.loads(row["tool_call_arguments"]) == {"city": "Paris"}
    assert (row["agent_name"], row["conversation_id"]) == ("forecaster", "conv_8")
    first = {"field": "started_at", "direction": "asc"}
    rows = (await ask(told, "spans/query", sort_by=[first], include_details=True))["spans"]
    assert [one["span_name"] for one in rows[:2]] == ["span 10", "span 11"]
    assert rows[0]["custom_attrs_string"] == {"city": "Paris"}
    assert rows[0]["custom_attrs_int"] == {"tries": 1}
    assert rows[3]["output_messages"] == [
        {"role": "assistant", "content": ANSWER, "finish_reason": ""}
    ]
    deep = {"$expr": {"$eq": [{"$getField": "attributes.tries"}, {"$literal": 2}]}}
    assert (await ask(told, "spans/query", query=deep))["total_count"] == 1


async def test_spans_when_grouped_then_have_figures_and_measures(told: Door) -> None:
    measures = [
        {"aggregation": "sum", "alias": "tokens", "value": {"key": "output_tokens"}},
        {"aggregation": "count_distinct", "alias": "traces", "value": {"key": "trace_id"}},
        {"aggregation": "avg", "alias": "ms", "value": {"key": "duration_ms"}},
        {"aggregation": "min", "alias": "begun", "value": {"key": "started_at"}},
        {
            "aggregation": "count",
            "alias": "tools",
            "filter": {"$expr": {"$eq": [{"$getField": "tool_name"}, {"$literal": "get_weather"}]}},
        },
    ]
    found = await ask(told, "spans/query", group_by=[{"key": "conversation_id"}], measures=measures)
    assert found["total_count"] == 2
    groups = {one["group_keys"]["conversation_id"]: one for one in found["groups"]}
    talk = groups["conv_7"]
    assert (talk["span_count"], talk["total_output_tokens"]) == (8, 24)
    assert (talk["agent_names"], talk["request_models"]) == (["forecaster"], ["gpt-4o"])
    assert talk["agent_versions"] == ["1"]
    begun = talk["metrics"].pop("begun")
    assert begun.startswith("2025-")
    assert talk["metrics"] == {"tokens": 48, "traces": 2, "ms": 5, "tools": 2}


@pytest.mark.parametrize("body", UNSUPPORTED)
async def test_spans_when_asked_what_is_not_there_then_says_so(
    door: Door, body: dict[str, Any]
) -> None:
    await send(door, request(*turn(1)))
    refused = await door.ask("/agents/spans/query", {"project_id": OURS, **body})
    assert (refused.status_code, refused.json()["error_code"]) == (501, "not_supported")


async def test_turn_when_asked_for_then_is_a_chat(told: Door) -> None:
    found = await ask(told, "traces/chat", trace_id="00" * 15 + "01")
    kinds = [one["type"] for one in found["messages"]]
    assert kinds == ["agent_start", "user_message", "tool_call", "assistant_message"]
    assert found["messages"][1]["user_message"]["text"] == QUESTION
    assert found["messages"][2]["tool_call"]["tool_name"] == "get_weather"
    assert found["messages"][3]["assistant_message"]["text"] == ANSWER
    assert (found["total_input_tokens"], found["agent_name"]) == (30, "forecaster")
    assert found["root_span_name"] == "span 10"
    nothing = await ask(told, "traces/chat", trace_id="none")
    assert nothing["messages"] == []


async def test_conversation_when_asked_for_then_leaves_the_latest_turns_out(told: Door) -> None:
    whole = await ask(told, "conversations/chat", conversation_id="conv_7")
    assert [one["trace_id"][-2:] for one in whole["turns"]] == ["01", "02"]
    assert (whole["total_turns"], whole["has_more"]) == (2, False)
    page = await ask(told, "conversations/chat", conversation_id="conv_7", limit=1)
    assert ([one["trace_id"][-2:] for one in page["turns"]], page["has_more"]) == (["02"], True)
    older = await ask(told, "conversations/chat", conversation_id="conv_7", limit=1, offset=1)
    assert [one["trace_id"][-2:] for one in older["turns"]] == ["01"]
    spans = await ask(told, "conversations/spans", conversation_ids=["conv_8", "none"])
    told_spans = {one["conversation_id"]: len(one["spans"]) for one in spans["conversations"]}
    assert told_spans == {"conv_8": 4, "none": 0}


async def test_search_when_a_text_is_said_then_its_conversations_are_found(told: Door) -> None:
    found = await ask(told, "search", query="SUNNY in")
    assert found["total_conversations"] == 2
    talks = {one["conversation_id"]: one["matched_messages"] for one in found["results"]}
    assert {one["role"] for one in talks["conv_7"]} == {"assistant"}
    assert talks["conv_7"][0]["content_preview"] == ANSWER
    by_user = await ask(told, "search", query="weather", roles=["user"], conversation_id="conv_8")
    assert [one["conversation_id"] for one in by_user["results"]] == ["conv_8"]
    assert (await ask(told, "search", query="rain"))["results"] == []


async def test_stats_when_asked_for_then_are_figures_by_time_and_group(told: Door) -> None:
    asked: dict[str, Any] = {
        "start": "2025-11-24T00:00:00Z",
        "end": "2025-11-26T00:00:00Z",
        "granularity": 24 * 3600,
        "group_by": [{"key": "conversation_id"}],
        "metrics": [
            {
                "alias": "tokens",
                "value": {"key": "output_tokens"},
                "aggregations": ["sum", "avg", "count"],
                "percentiles": [50],
            },
            {"alias": "traces", "value": {"key": "trace_id"}, "aggregations": ["count_distinct"]},
        ],
    }
    found = await ask(told, "spans/stats", **asked)
    assert [one["name"] for one in found["columns"]] == [
        *("timestamp", "conversation_id", "sum_tokens", "avg_tokens", "count_tokens"),
        *("p50_tokens", "count_distinct_traces"),
    ]
    first, second = found["rows"]
    assert (first["conversation_id"], second["conversation_id"]) == ("conv_7", "conv_8")
    assert first == {
        "timestamp": "2025-11-24T00:00:00Z",
        "conversation_id": "conv_7",
        "sum_tokens": 48,
        "avg_tokens": 8,
        "count_tokens": 6,
        "p50_tokens": 6,
        "count_distinct_traces": 2,
    }
    asked["timezone"] = "Asia/Tokyo"
    shifted = await ask(told, "spans/stats", **asked)
    assert shifted["rows"][0]["timestamp"] in {"2025-11-23T15:00:00Z", "2025-11-24T15:00:00Z"}
    for broken in ({"timezone": "No/Where"}, {"granularity": 1}, {"end": "2025-01-01T00:00:00Z"}):
        body = {"project_id": OURS, **asked, **broken}
        assert (await told.ask("/agents/spans/stats", body)).status_code == 400


async def test_attributes_when_asked_for_then_are_named_with_their_kinds(told: Door) -> None:
    found = await ask(told, "spans/custom-attrs/schema")
    assert [(one["key"], one["value_type"], one["span_count"]) for one in found["attributes"]] == [
        ("city", "string", 3),
        ("tries", "int", 3),
    ]


async def test_spans_when_their_calls_are_deleted_then_are_gone(told: Door) -> None:
    await told.get("/calls/delete", {"project_id": OURS, "call_ids": ["00" * 7 + "0a"]})
    assert (await ask(told, "spans/query"))["total_count"] == 8
    nothing = await ask(told, "traces/chat", trace_id="00" * 15 + "01")
    assert nothing["messages"] == []


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("query", {}),
        ("agent-versions/query", {"agent_name": "forecaster"}),
        ("spans/query", {}),
        ("spans/query", {"group_by": [{"key": "agent_name"}]}),
        ("spans/custom-attrs/schema", {}),
        ("spans/stats", {"start": "2025-01-01T00:00:00Z", "granularity": 86400}),
        ("traces/chat", {"trace_id": "00" * 15 + "01"}),
        ("conversations/chat", {"conversation_id": "conv_7"}),
        ("conversations/spans", {}),
        ("search", {}),
    ],
)
async def test_agents_when_asked_by_another_team_then_are_not_there(
    told: Door, path: str, more: dict[str, Any]
) -> None:
    refused = await told.ask(f"/agents/{path}", {"project_id": OURS, **more}, user="mel")
    assert refused.status_code == 404
    theirs = await told.get(f"/agents/{path}", {"project_id": THEIRS, **more}, user="mel")
    assert "forecaster" not in json.dumps(theirs)
