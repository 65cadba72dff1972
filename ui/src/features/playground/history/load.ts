/** From a chat of the history, in OpenAI's words, to a chat that can be gone on with. Nothing of it is trusted. */

import { newChat } from "../state/make";
import { parseMessages, parseSettings } from "../state/parse";
import { DEFAULTS } from "../state/settings";
import type { Chat, Json, JsonObject, Message } from "../state/types";
import type { ChatWhole } from "./queries";

export function chatOfHistory(whole: ChatWhole): Chat {
  const request = whole.request as unknown as JsonObject;
  const messages = parseMessages([...items(request.messages).map(fromWire), ...answerOf(whole, request)]);
  const at = messages.findIndex((message) => message.role !== "system");
  const start = at < 0 ? messages.length : at;
  return newChat(typeof request.model === "string" ? request.model : "", {
    settings: settingsOf(request),
    prompt: messages.slice(0, start),
    messages: messages.slice(start) as Message[],
  });
}

function settingsOf(request: JsonObject): Chat["settings"] {
  const format = object(request.response_format);
  return parseSettings({
    temperature: request.temperature ?? DEFAULTS.temperature,
    topP: request.top_p ?? DEFAULTS.topP,
    maxTokens: request.max_tokens ?? request.max_completion_tokens ?? null,
    presencePenalty: request.presence_penalty ?? 0,
    frequencyPenalty: request.frequency_penalty ?? 0,
    stop: typeof request.stop === "string" ? [request.stop] : (request.stop ?? []),
    trials: request.n ?? 1,
    functions: items(request.tools).map((tool) => object(object(tool).function)),
    responseFormat: { type: format.type ?? "text", ...object(format.json_schema) },
  });
}

/** The answer as a message; nothing where there was none. */
function answerOf(whole: ChatWhole, request: JsonObject): JsonObject[] {
  const choices = items(whole.response?.choices as Json | undefined).map((choice) =>
    choiceOf(object(object(choice).message), object(choice).finish_reason ?? null),
  );
  if (choices.length === 0) return [];
  const answer = { status: "done", model: request.model ?? "", choices, requestId: whole.id };
  return [{ role: "assistant", content: "", answer }];
}

function choiceOf(message: JsonObject, finishReason: Json): JsonObject {
  return {
    content: typeof message.content === "string" ? message.content : "",
    reasoning: message.reasoning_content ?? message.reasoning ?? "",
    toolCalls: items(message.tool_calls).map((call) => {
      const { name = "", arguments: given = "" } = object(object(call).function);
      return { id: object(call).id ?? "", name, arguments: given };
    }),
    finishReason,
  };
}

function fromWire(value: Json): JsonObject {
  const message = object(value);
  const { role, content } = message;
  if (role === "assistant" && items(message.tool_calls).length > 0)
    return { role, content: "", answer: { status: "done", model: "", choices: [choiceOf(message, null)] } };
  const parts = items(content).map(object);
  const texts = parts.flatMap((part) => (typeof part.text === "string" ? part.text : []));
  const images = parts.flatMap((part) => object(part.image_url).url ?? []);
  return {
    role: role === "developer" ? "system" : (role ?? ""),
    content: typeof content === "string" ? content : texts.join("\n"),
    images,
    ...(typeof message.tool_call_id === "string" ? { toolCallId: message.tool_call_id } : {}),
  };
}

function items(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

function object(value: Json | undefined): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}
