/** A request that was kept as a trace, as a chat again: what was sent, with its settings, ready to be sent once more. */

import { newAnswer, newChat, newChoice, newMessage } from "./make";
import { parseMessages, parseSettings } from "./parse";
import type { Chat, ChatSettings, Message, ToolCall } from "./types";

type Given = Record<string, unknown>;

/** The chat that the inputs of a call describe: OpenAI's words. What is no chat is one without messages. */
export function chatOf(inputs: unknown): Chat {
  const given = isObject(inputs) ? inputs : {};
  const model = typeof given.model === "string" ? given.model : "";
  const settings = parseSettings(settingsOf(given));
  const messages = Array.isArray(given.messages) ? given.messages : [];
  return newChat(model, {
    settings,
    messages: messages.flatMap((each) => (isObject(each) ? messageOf(each, model, settings) : [])),
  });
}

function settingsOf(given: Given): Given {
  const format = isObject(given.response_format) ? given.response_format : {};
  return {
    maxTokens: given.max_completion_tokens ?? given.max_tokens,
    temperature: given.temperature,
    topP: given.top_p,
    frequencyPenalty: given.frequency_penalty,
    presencePenalty: given.presence_penalty,
    trials: given.n,
    stop: typeof given.stop === "string" ? [given.stop] : given.stop,
    responseFormat: isObject(format.json_schema) ? { type: format.type, ...format.json_schema } : format,
    functions: list(given.tools).map((tool) => tool.function),
  };
}

function messageOf(given: Given, model: string, settings: ChatSettings): Message[] {
  const role = given.role === "developer" ? "system" : given.role;
  const parts = list(given.content);
  const content =
    typeof given.content === "string"
      ? given.content
      : parts.flatMap((part) => (typeof part.text === "string" ? [part.text] : [])).join("\n");
  const images = parts.flatMap((part) => (isObject(part.image_url) ? [part.image_url.url] : []));
  const calls = list(given.tool_calls).flatMap(toolCallOf);
  const [message] = parseMessages([{ role, content, images, toolCallId: given.tool_call_id }]);
  if (!message) return [];
  if (role !== "assistant" || calls.length === 0) return [message];
  const choices = [newChoice(content, calls)];
  return [
    newMessage("assistant", "", { answer: { ...newAnswer(model, settings, 0), status: "done", choices } }),
  ];
}

function toolCallOf(given: Given): ToolCall[] {
  const called = isObject(given.function) ? given.function : {};
  if (typeof given.id !== "string" || typeof called.name !== "string") return [];
  return [
    {
      id: given.id,
      name: called.name,
      arguments: typeof called.arguments === "string" ? called.arguments : "{}",
    },
  ];
}

function list(value: unknown): Given[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function isObject(value: unknown): value is Given {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
