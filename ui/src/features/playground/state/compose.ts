/** Whom the composer speaks to, and why it cannot. */

import { pendingToolCalls } from "./conversation";
import { isRunning } from "./make";
import type { Chat, Playground } from "./types";

/** "all", or the id of one chat. */
export type Target = string;

/** The chats that are meant; a chat that is gone means all. */
export function targets(state: Playground, target: Target): readonly Chat[] {
  const one = state.chats.filter((chat) => chat.id === target);
  return one.length > 0 ? one : state.chats;
}

/** Why nothing can be sent, in a sentence; null where at least one chat can go on and none would be left behind. */
export function composerProblem(state: Playground, target: Target, hasText: boolean): string | null {
  const chats = targets(state, target);
  const name = (chat: Chat) =>
    state.chats.length > 1 ? `chat ${state.chats.indexOf(chat) + 1}` : "this chat";
  const without = chats.find((chat) => chat.model === "");
  if (without !== undefined) return `Select a model for ${name(without)}.`;
  const busy = chats.find((chat) => chat.messages.some(isRunning));
  if (busy !== undefined) return `Wait for ${name(busy)}, or stop it.`;
  const waiting = chats.find((chat) => pendingToolCalls(chat).length > 0);
  if (waiting !== undefined) return `Give ${name(waiting)} the result of its call first.`;
  const says = (chat: Chat) => [...chat.prompt, ...chat.messages].some((message) => message.content !== "");
  if (!hasText && !chats.every(says)) return "";
  return null;
}
