/**
 * Reads chats that come from outside: a shared link, or what this tab kept. Nothing is trusted: what does not fit is
 * left out or becomes the default, and everything has a bound.
 */

import { isImageUrl, MAX_IMAGES_PER_CHAT } from "./images";
import { MAX_CHATS, newChat, newChoice, newId, newMessage } from "./make";
import { isObject, nameProblem } from "./schemas";
import {
  clamp,
  DEFAULTS,
  MAX_FUNCTIONS,
  MAX_STOP_SEQUENCES,
  RANGES,
  type Range,
  stopProblem,
} from "./settings";
import type {
  Answer,
  AnswerStatus,
  Chat,
  ChatSettings,
  Choice,
  JsonObject,
  Message,
  ResponseFormat,
  Role,
  ToolCall,
  ToolFunction,
  Usage,
} from "./types";

const MAX_MESSAGES = 4096;
const MAX_TEXT_CHARS = 2_000_000;
const MAX_MODEL_CHARS = 512;
const ROLES: readonly Role[] = ["system", "user", "assistant", "tool"];

/** The chats in `value`; none where it holds none. */
export function parseChats(value: unknown): Chat[] {
  return list(value, MAX_CHATS).flatMap((each) => (isObject(each) ? parseChat(each) : []));
}

function parseChat(value: JsonObject): Chat {
  return newChat(text(value.model, MAX_MODEL_CHARS), {
    settings: parseSettings(value.settings),
    prompt: parseMessages(value.prompt).filter((message) => message.role !== "tool"),
    messages: parseMessages(value.messages),
    saved: parseSaved(value.saved),
  });
}

export function parseMessages(value: unknown): Message[] {
  let images = 0;
  return list(value, MAX_MESSAGES).flatMap((each) => {
    const role = isObject(each) ? ROLES.find((known) => known === each.role) : undefined;
    if (!isObject(each) || role === undefined) return [];
    const pictures = list(each.images, MAX_IMAGES_PER_CHAT)
      .filter((url): url is string => typeof url === "string" && isImageUrl(url))
      .slice(0, MAX_IMAGES_PER_CHAT - images);
    images += pictures.length;
    const toolCallId = typeof each.toolCallId === "string" ? each.toolCallId.slice(0, 512) : null;
    const answer = role === "assistant" && isObject(each.answer) ? parseAnswer(each.answer) : null;
    return newMessage(role, text(each.content), { images: pictures, toolCallId, answer });
  });
}

export function parseSettings(value: unknown): ChatSettings {
  if (!isObject(value)) return DEFAULTS;
  const within = (given: unknown, range: Range, otherwise: number) =>
    typeof given === "number" ? clamp(given, range, otherwise) : otherwise;
  const tokens = value.maxTokens;
  return {
    responseFormat: parseFormat(value.responseFormat),
    functions: parseFunctions(value.functions),
    stop: parseStop(value.stop),
    trials: within(value.trials, RANGES.trials, DEFAULTS.trials),
    maxTokens: typeof tokens === "number" ? clamp(tokens, { min: 0, max: 100_000_000, step: 1 }, 0) : null,
    temperature: within(value.temperature, RANGES.temperature, DEFAULTS.temperature),
    topP: within(value.topP, RANGES.topP, DEFAULTS.topP),
    frequencyPenalty: within(value.frequencyPenalty, RANGES.frequencyPenalty, 0),
    presencePenalty: within(value.presencePenalty, RANGES.presencePenalty, 0),
    track: value.track !== false,
  };
}

function parseStop(value: unknown): string[] {
  const kept: string[] = [];
  for (const each of list(value, MAX_STOP_SEQUENCES)) {
    if (typeof each === "string" && stopProblem(each, kept) === null) kept.push(each);
  }
  return kept;
}

export function parseFormat(value: unknown): ResponseFormat {
  if (!isObject(value)) return { type: "text" };
  if (value.type === "json_object") return { type: "json_object" };
  const { type, name, schema, strict } = value;
  if (type !== "json_schema" || typeof name !== "string" || nameProblem(name) !== null || !isObject(schema))
    return { type: "text" };
  return { type, name, schema, strict: strict === true };
}

function parseFunctions(value: unknown): ToolFunction[] {
  const kept = new Map<string, ToolFunction>();
  for (const each of list(value, MAX_FUNCTIONS)) {
    if (!isObject(each)) continue;
    const { name, description, parameters, strict } = each;
    if (typeof name !== "string" || nameProblem(name) !== null || !isObject(parameters)) continue;
    kept.set(name, { name, description: text(description), parameters, strict: strict === true });
  }
  return [...kept.values()];
}

function parseAnswer(value: JsonObject): Answer | null {
  const choices = list(value.choices, RANGES.trials.max).map(parseChoice);
  if (choices.length === 0) return null;
  const known: readonly AnswerStatus[] = ["done", "stopped", "failed"];
  const status = known.find((each) => each === value.status) ?? "stopped";
  const selected = Number(value.selected);
  return {
    // A request that ran when the page went away was cut off with it.
    status,
    model: text(value.model, MAX_MODEL_CHARS),
    choices,
    selected: selected in choices ? selected : 0,
    requestId: typeof value.requestId === "string" ? value.requestId.slice(0, 128) : null,
    traced: value.traced === true,
    note: null,
    failure: isObject(value.failure) ? parseFailure(value.failure) : null,
    startedAt: Number(value.startedAt) || 0,
    ttftMs: typeof value.ttftMs === "number" ? value.ttftMs : null,
    writingMs: Number(value.writingMs) || 0,
    pieces: Number(value.pieces) || 0,
    usage: isObject(value.usage) ? parseUsage(value.usage) : null,
    edited: value.edited === true,
  };
}

function parseFailure(value: JsonObject): Answer["failure"] {
  return {
    status: Number(value.status) || 0,
    code: text(value.code, 128),
    message: text(value.message, 4000),
    remedy: text(value.remedy, 4000),
    param: typeof value.param === "string" ? value.param.slice(0, 256) : null,
    retryAfterS: typeof value.retryAfterS === "number" ? value.retryAfterS : null,
  };
}

function parseUsage(value: JsonObject): Usage | null {
  const { costNusd } = value;
  if (typeof costNusd !== "string" || !/^\d{1,30}$/.test(costNusd)) return null;
  return {
    inputTokens: Number(value.inputTokens) || 0,
    cachedInputTokens: Number(value.cachedInputTokens) || 0,
    outputTokens: Number(value.outputTokens) || 0,
    reasoningTokens: Number(value.reasoningTokens) || 0,
    costNusd,
    ttftMs: Number(value.ttftMs) || 0,
    totalMs: Number(value.totalMs) || 0,
    queueMs: Number(value.queueMs) || 0,
  };
}

function parseChoice(value: unknown): Choice {
  if (!isObject(value)) return newChoice();
  const toolCalls = list(value.toolCalls, 128).flatMap((call): ToolCall[] =>
    isObject(call)
      ? [{ id: text(call.id, 512) || newId(), name: text(call.name, 64), arguments: text(call.arguments) }]
      : [],
  );
  const finishReason = typeof value.finishReason === "string" ? value.finishReason.slice(0, 64) : null;
  return { content: text(value.content), reasoning: text(value.reasoning), toolCalls, finishReason };
}

function parseSaved(value: unknown): Chat["saved"] {
  if (!isObject(value)) return null;
  const { objectId, digest, versionIndex } = value;
  if (typeof objectId !== "string" || typeof digest !== "string" || typeof versionIndex !== "number")
    return null;
  return { objectId: objectId.slice(0, 256), digest: digest.slice(0, 256), versionIndex };
}

function list(value: unknown, most: number): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, most) : [];
}

function text(value: unknown, most = MAX_TEXT_CHARS): string {
  return typeof value === "string" ? value.slice(0, most) : "";
}
