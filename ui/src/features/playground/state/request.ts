/** From a chat to the request that is sent, and that "View code" shows: both are made here, so that they are the same. */

import { isWhole, said, sentMessages } from "./conversation";
import { maxTokensOf } from "./settings";
import type { Chat, ChatSettings, Json, Message, ResponseFormat, ToolFunction } from "./types";
import type { ChatRequest, ContentPart, WireMessage, WireTool } from "./wire";

/** What must be known of the model. */
export interface ModelFacts {
  /** Prompt and answer together; null where nobody said. */
  readonly limitTokens: number | null;
  readonly streams: boolean;
}

/** The body of the chat's next request. */
export function toRequest(chat: Chat, facts: ModelFacts): ChatRequest {
  return {
    model: chat.model,
    messages: sentMessages(chat).map(toWireMessage),
    ...toParameters(chat.settings, facts),
    ...(facts.streams ? { stream: true, stream_options: { include_usage: true } } : {}),
  };
}

/** The settings in OpenAI's words. What equals OpenAI's own default is left out: an engine need not know its name. */
export function toParameters(
  settings: ChatSettings,
  facts: ModelFacts,
): Omit<ChatRequest, "model" | "messages"> {
  const maxTokens = maxTokensOf(settings, facts.limitTokens);
  return {
    ...(maxTokens === null ? {} : { max_tokens: maxTokens }),
    temperature: settings.temperature,
    ...(settings.topP === 1 ? {} : { top_p: settings.topP }),
    ...(settings.frequencyPenalty === 0 ? {} : { frequency_penalty: settings.frequencyPenalty }),
    ...(settings.presencePenalty === 0 ? {} : { presence_penalty: settings.presencePenalty }),
    ...(settings.trials === 1 ? {} : { n: settings.trials }),
    ...(settings.stop.length === 0 ? {} : { stop: [...settings.stop] }),
    ...(settings.responseFormat.type === "text"
      ? {}
      : { response_format: toWireFormat(settings.responseFormat) }),
    ...(settings.functions.length === 0 ? {} : { tools: settings.functions.map(toWireTool) }),
  };
}

export function toWireMessage(message: Message): WireMessage {
  const { content, toolCalls } = said(message);
  if (message.role === "tool") return { role: "tool", tool_call_id: message.toolCallId ?? "", content };
  const calls = message.role === "assistant" ? toolCalls.filter(isWhole) : [];
  if (calls.length > 0) {
    const tool_calls = calls.map(({ id, name, arguments: given }) => ({
      id,
      type: "function" as const,
      function: { name, arguments: given },
    }));
    return { role: "assistant", content: content === "" ? null : content, tool_calls };
  }
  if (message.images.length === 0 || message.role !== "user") return { role: message.role, content };
  const text: ContentPart[] = content === "" ? [] : [{ type: "text", text: content }];
  const images = message.images.map((url): ContentPart => ({ type: "image_url", image_url: { url } }));
  return { role: "user", content: [...text, ...images] };
}

export function toWireTool(tool: ToolFunction): WireTool {
  return {
    type: "function",
    function: {
      name: tool.name,
      ...(tool.description === "" ? {} : { description: tool.description }),
      parameters: tool.parameters,
      ...(tool.strict ? { strict: true } : {}),
    },
  };
}

export function toWireFormat(format: ResponseFormat): { [name: string]: Json } {
  if (format.type !== "json_schema") return { type: format.type };
  const { name, schema, strict } = format;
  return { type: "json_schema", json_schema: { name, schema, ...(strict ? { strict: true } : {}) } };
}
