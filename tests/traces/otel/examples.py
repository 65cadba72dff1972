"""Spans as instrumentations write them, each after the public description of its convention; and how to send them."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from weft.traces.otel.spans import Event, Span

TRACE, SPAN, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", "00f067aa0ba902b7"
START_US = 1_764_000_000_000_000
QUESTION, ANSWER = "What is the weather in Paris?", "It is sunny in Paris."
TOOL_CALL = {
    "id": "call_1",
    "type": "function",
    "function": {"name": "get_weather", "arguments": '{"city":"Paris"}'},
}
_PLAIN = Span(TRACE, SPAN, PARENT, "chat", "CLIENT", START_US, START_US + 1_500_000, {}, "OK")


def span(attributes: Mapping[str, Any], **changes: Any) -> Span:
    """A span with these attributes."""
    return replace(_PLAIN, attributes=attributes, **changes)


def event(name: str, **attributes: Any) -> Event:
    """An event within it."""
    told = {key.replace("__", "."): value for key, value in attributes.items()}
    return Event(name, START_US, told)


GENAI = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.response.model": "gpt-4o-2024-08-06",
    "gen_ai.response.id": "chatcmpl-1",
    "gen_ai.response.finish_reasons": ["stop"],
    "gen_ai.request.temperature": 0.2,
    "gen_ai.request.choice.count": 1,
    "gen_ai.usage.input_tokens": 12,
    "gen_ai.usage.output_tokens": 8,
    "gen_ai.usage.cache_read.input_tokens": 4,
    "gen_ai.conversation.id": "conv_7",
    "gen_ai.system_instructions": json.dumps([{"type": "text", "content": "Be brief."}]),
    "gen_ai.input.messages": json.dumps(
        [
            {"role": "user", "parts": [{"type": "text", "content": QUESTION}]},
            {
                "role": "assistant",
                "parts": [
                    {
                        "type": "tool_call",
                        "id": "call_1",
                        "name": "get_weather",
                        "arguments": {"city": "Paris"},
                    }
                ],
            },
            {
                "role": "tool",
                "parts": [{"type": "tool_call_response", "id": "call_1", "result": "sunny"}],
            },
        ]
    ),
    "gen_ai.output.messages": json.dumps(
        [
            {
                "role": "assistant",
                "parts": [{"type": "text", "content": ANSWER}],
                "finish_reason": "stop",
            }
        ]
    ),
}
GENAI_EVENTS = (
    event("gen_ai.system.message", content="Be brief.", role="system"),
    event("gen_ai.user.message", content=QUESTION),
    event("gen_ai.choice", index=0, finish_reason="stop", message=json.dumps({"content": ANSWER})),
)
GENAI_BEFORE = {
    "gen_ai.operation.name": "chat",
    "gen_ai.system": "openai",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.usage.prompt_tokens": 12,
    "gen_ai.usage.completion_tokens": 8,
}
GENAI_OLDEST = (
    event(
        "gen_ai.content.prompt", gen_ai__prompt=json.dumps([{"role": "user", "content": QUESTION}])
    ),
    event("gen_ai.content.completion", gen_ai__completion=ANSWER),
)
GENAI_TOOL = {
    "gen_ai.operation.name": "execute_tool",
    "gen_ai.tool.name": "get_weather",
    "gen_ai.tool.call.id": "call_1",
    "gen_ai.tool.type": "function",
    "gen_ai.tool.call.arguments": '{"city": "Paris"}',
    "gen_ai.tool.call.result": "sunny",
}
GENAI_AGENT = {
    "gen_ai.operation.name": "invoke_agent",
    "gen_ai.agent.name": "forecaster",
    "gen_ai.agent.id": "agent_1",
    "gen_ai.agent.version": "2",
    "gen_ai.conversation.id": "conv_7",
    "gen_ai.request.model": "gpt-4o",
}
OPENINFERENCE = {
    "openinference.span.kind": "LLM",
    "llm.provider": "openai",
    "llm.model_name": "gpt-4o",
    "llm.invocation_parameters": '{"temperature": 0.2}',
    "llm.input_messages.0.message.role": "system",
    "llm.input_messages.0.message.content": "Be brief.",
    "llm.input_messages.1.message.role": "user",
    "llm.input_messages.1.message.contents.0.message_content.type": "text",
    "llm.input_messages.1.message.contents.0.message_content.text": QUESTION,
    "llm.input_messages.1.message.contents.1.message_content.type": "image",
    "llm.input_messages.1.message.contents.1.message_content.image.image.url": "https://x/y.png",
    "llm.output_messages.0.message.role": "assistant",
    "llm.output_messages.0.message.tool_calls.0.tool_call.id": "call_1",
    "llm.output_messages.0.message.tool_calls.0.tool_call.function.name": "get_weather",
    "llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments": '{"city":"Paris"}',
    "llm.token_count.prompt": 12,
    "llm.token_count.completion": 8,
    "llm.token_count.total": 20,
    "llm.token_count.completion_details.reasoning": 3,
    "llm.cost.total": 0.25,
    "session.id": "session_1",
    "input.value": "[[HumanMessage]]",
    "output.value": "AIMessage",
}
OPENINFERENCE_CHAIN = {
    "openinference.span.kind": "CHAIN",
    "input.value": '{"question": "why"}',
    "input.mime_type": "application/json",
    "output.value": "because",
}
OPENINFERENCE_RETRIEVER = {
    "openinference.span.kind": "RETRIEVER",
    "input.value": "why",
    "retrieval.documents.0.document.content": "because",
    "retrieval.documents.0.document.score": 0.9,
}
LOGFIRE = {
    "gen_ai.operation.name": "chat",
    "gen_ai.system": "openai",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.usage.input_tokens": 12,
    "gen_ai.usage.output_tokens": 8,
    "gen_ai.usage.details.reasoning_tokens": 3,
    "operation.cost": 0.25,
    "events": json.dumps(
        [
            {"event.name": "gen_ai.system.message", "content": "Be brief.", "role": "system"},
            {"event.name": "gen_ai.user.message", "content": QUESTION, "role": "user"},
            {
                "event.name": "gen_ai.choice",
                "index": 0,
                "message": {"role": "assistant", "tool_calls": [TOOL_CALL]},
            },
        ]
    ),
    "logfire.msg": "chat gpt-4o",
    "logfire.json_schema": "{}",
}
LOGFIRE_AGENT = {
    "agent_name": "forecaster",
    "model_name": "gpt-4o",
    "final_result": ANSWER,
    "gen_ai.usage.input_tokens": 24,
    "gen_ai.usage.output_tokens": 16,
    "pydantic_ai.all_messages": json.dumps(
        [
            {"role": "user", "parts": [{"type": "text", "content": QUESTION}]},
            {"role": "assistant", "parts": [{"type": "text", "content": ANSWER}]},
        ]
    ),
    "logfire.msg": "forecaster run",
}
LOGFIRE_TOOL = {
    "gen_ai.tool.name": "get_weather",
    "gen_ai.tool.call.id": "call_1",
    "tool_arguments": '{"city": "Paris"}',
    "tool_response": "sunny",
    "logfire.msg": "running tool: get_weather",
}
LOGFIRE_OPENAI = {
    "request_data": json.dumps(
        {"model": "gpt-4o", "messages": [{"role": "user", "content": QUESTION}]}
    ),
    "response_data": json.dumps({"message": {"role": "assistant", "content": ANSWER}}),
    "gen_ai.usage.input_tokens": 12,
    "gen_ai.usage.output_tokens": 8,
    "logfire.span_type": "span",
}
VERCEL = {
    "operation.name": "ai.generateText.doGenerate answer",
    "ai.operationId": "ai.generateText.doGenerate",
    "ai.model.id": "gpt-4o",
    "ai.model.provider": "openai.chat",
    "ai.settings.maxRetries": 2,
    "ai.prompt.messages": json.dumps(
        [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": QUESTION}]},
            {
                "role": "tool",
                "content": [{"type": "tool-result", "toolCallId": "call_1", "output": "sunny"}],
            },
        ]
    ),
    "ai.prompt.tools": ['{"type":"function","name":"get_weather"}'],
    "ai.response.text": ANSWER,
    "ai.response.model": "gpt-4o-2024-08-06",
    "ai.response.finishReason": "stop",
    "ai.response.id": "chatcmpl-1",
    "ai.usage.promptTokens": 12,
    "ai.usage.completionTokens": 8,
    "ai.telemetry.functionId": "answer",
    "ai.telemetry.metadata.sessionId": "session_1",
    "gen_ai.system": "openai.chat",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.usage.input_tokens": 12,
    "gen_ai.usage.output_tokens": 8,
}
VERCEL_TOOL = {
    "ai.operationId": "ai.toolCall",
    "ai.toolCall.name": "get_weather",
    "ai.toolCall.id": "call_1",
    "ai.toolCall.args": '{"city":"Paris"}',
    "ai.toolCall.result": '{"weather":"sunny"}',
}
VERCEL_OUTER = {
    "ai.operationId": "ai.streamText",
    "ai.model.id": "gpt-4o",
    "ai.prompt": json.dumps({"system": "Be brief.", "prompt": QUESTION}),
    "ai.response.text": ANSWER,
    "ai.usage.inputTokens": 12,
    "ai.usage.outputTokens": 8,
    "ai.telemetry.functionId": "answer",
}
TRACELOOP = {
    "llm.request.type": "chat",
    "gen_ai.system": "OpenAI",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.response.model": "gpt-4o-2024-08-06",
    "gen_ai.prompt.0.role": "user",
    "gen_ai.prompt.0.content": QUESTION,
    "gen_ai.completion.0.role": "assistant",
    "gen_ai.completion.0.content": ANSWER,
    "gen_ai.completion.0.finish_reason": "stop",
    "gen_ai.usage.prompt_tokens": 12,
    "gen_ai.usage.completion_tokens": 8,
    "llm.usage.total_tokens": 20,
    "traceloop.association.properties.session_id": "session_1",
    "traceloop.workflow.name": "weather",
}
TRACELOOP_WORKFLOW = {
    "traceloop.span.kind": "workflow",
    "traceloop.entity.name": "weather",
    "traceloop.entity.input": '{"args": [], "kwargs": {"city": "Paris"}}',
    "traceloop.entity.output": '"sunny"',
}
