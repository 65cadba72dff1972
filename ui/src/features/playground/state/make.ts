/** Makes new chats and messages. */

import { DEFAULTS } from "./settings";
import type { Answer, Chat, ChatSettings, Choice, Message, Playground, Role, ToolCall } from "./types";

export const MAX_CHATS = 16;

/** A name for something in this tab. `crypto.randomUUID` is missing where the page came over plain HTTP. */
export function newId(): string {
  const words = crypto.getRandomValues(new Uint32Array(3));
  return [...words].map((word) => word.toString(36)).join("");
}

export function newChat(model = "", changed: Partial<Omit<Chat, "id" | "model">> = {}): Chat {
  return {
    id: newId(),
    model,
    settings: DEFAULTS,
    prompt: [],
    messages: [],
    saved: null,
    ...changed,
  };
}

export function newPlayground(models: readonly string[] = []): Playground {
  const chats = models.slice(0, MAX_CHATS).map((model) => newChat(model));
  return ofChats(chats.length > 0 ? chats : [newChat()]);
}

/** @param chats at least one */
export function ofChats(chats: readonly Chat[]): Playground {
  return { chats, activeId: chats[0]?.id ?? "" };
}

export function newMessage(
  role: Role,
  content: string,
  changed: Partial<Omit<Message, "id" | "role" | "content">> = {},
): Message {
  return { id: newId(), role, content, images: [], toolCallId: null, answer: null, ...changed };
}

export function newChoice(content = "", toolCalls: readonly ToolCall[] = []): Choice {
  return { content, reasoning: "", toolCalls, finishReason: null };
}

/** An answer that has been asked for and has not begun. */
export function newAnswer(model: string, settings: ChatSettings, startedAt: number): Answer {
  return {
    status: "waiting",
    model,
    choices: [newChoice()],
    selected: 0,
    requestId: null,
    traced: settings.track,
    note: null,
    failure: null,
    startedAt,
    ttftMs: null,
    writingMs: 0,
    pieces: 0,
    usage: null,
    edited: false,
  };
}

/** A copy under new names, so that both can change apart. */
export function copyOf(chat: Chat): Chat {
  const renew = (message: Message): Message => ({ ...message, id: newId() });
  return {
    ...chat,
    id: newId(),
    prompt: chat.prompt.map(renew),
    messages: chat.messages.filter((message) => !isRunning(message)).map(renew),
  };
}

export function isRunning(message: Message): boolean {
  return message.answer?.status === "waiting" || message.answer?.status === "streaming";
}
