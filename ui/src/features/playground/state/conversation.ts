/** What a chat says: which message counts, what still needs a result, and where a retry begins. */

import { isRunning, newChoice } from "./make";
import type { Chat, Choice, Message, ToolCall } from "./types";

/** What a message says: of an answer, the choice that is selected. */
export function said(message: Message): Choice {
  const { answer } = message;
  return answer?.choices[answer.selected] ?? newChoice(message.content);
}

/** Whether a message goes along with the next request: thoughts alone, and what failed before it said anything, do not. */
export function counts(message: Message): boolean {
  if (message.answer === null) return true;
  const { content, toolCalls } = said(message);
  return content !== "" || toolCalls.some(isWhole);
}

/** Whether the arguments are a JSON object: those of an answer that was cut short are none, and are refused. */
export function isWhole(call: ToolCall): boolean {
  try {
    const value: unknown = JSON.parse(call.arguments);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** Every message that the model is sent, in order. */
export function sentMessages(chat: Chat): readonly Message[] {
  return [...chat.prompt, ...chat.messages.filter((message) => counts(message) && !isRunning(message))];
}

/** The calls of the last answer that nobody has answered yet. */
export function pendingToolCalls(chat: Chat): readonly ToolCall[] {
  const at = chat.messages.findLastIndex((message) => message.role !== "tool");
  const last = chat.messages[at];
  if (last === undefined || last.role !== "assistant" || isRunning(last)) return [];
  const answered = new Set(chat.messages.slice(at + 1).map((message) => message.toolCallId));
  return said(last).toolCalls.filter((call) => isWhole(call) && !answered.has(call.id));
}

/**
 * The messages that stay when one is retried: up to it where somebody wrote it, before it where a model did. The
 * results of tools belong to the answer before them.
 */
export function keptForRetry(messages: readonly Message[], messageId: string): readonly Message[] {
  const at = messages.findIndex((message) => message.id === messageId);
  const message = messages[at];
  if (message === undefined) return messages;
  return messages.slice(0, message.role === "assistant" ? at : at + 1);
}

/** Without a message, and without the results of its tools: the server refuses a result that nothing asked for. */
export function withoutMessage(messages: readonly Message[], messageId: string): readonly Message[] {
  const gone = messages.find((message) => message.id === messageId);
  if (gone === undefined) return messages;
  const calls = new Set(said(gone).toolCalls.map((call) => call.id));
  return messages.filter(
    (message) => message.id !== messageId && !(message.toolCallId !== null && calls.has(message.toolCallId)),
  );
}

/** Why nothing can be sent now, in a sentence; null where it can. */
export function sendProblem(chat: Chat): string | null {
  if (chat.model === "") return "Select a model first.";
  if (chat.messages.some(isRunning)) return "This chat is still answering.";
  if (pendingToolCalls(chat).length > 0) return "Give the result of each tool call first.";
  if (sentMessages(chat).length === 0) return "Write a message first.";
  return null;
}

export function runningMessage(chat: Chat): Message | null {
  return chat.messages.find(isRunning) ?? null;
}

/** The last answer's request, for the chat's header. */
export function lastRequestId(chat: Chat): string | null {
  return chat.messages.findLast((message) => message.answer?.requestId)?.answer?.requestId ?? null;
}
