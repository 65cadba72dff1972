/** Keeps the chats of a project for this tab, so that a reload loses nothing. Bounded, and never in the way. */

import { ofChats } from "./make";
import { parseChats } from "./parse";
import type { Chat, Message, Playground } from "./types";

/** Browsers give a site about 5 MB of characters; the rest of the console keeps things, too. */
export const MAX_KEPT_CHARS = 3_000_000;

export interface Kept {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

export function keyOf(team: string, project: string): string {
  return `weft.playground/${team}/${project}`;
}

/** What was kept; null where there is nothing, or nothing that can be read. */
export function restore(store: Kept, key: string): Playground | null {
  try {
    const kept: unknown = JSON.parse(store.getItem(key) ?? "null");
    if (typeof kept !== "object" || kept === null || !("chats" in kept)) return null;
    const chats = parseChats(kept.chats);
    if (chats.length === 0) return null;
    const active = "active" in kept ? chats[Number(kept.active)] : undefined;
    return { ...ofChats(chats), ...(active === undefined ? {} : { activeId: active.id }) };
  } catch {
    return null;
  }
}

/** Keep `state`; false where it did not fit even without its pictures. */
export function keep(store: Kept, key: string, state: Playground): boolean {
  const active = state.chats.findIndex((chat) => chat.id === state.activeId);
  for (const chats of [state.chats, state.chats.map(withoutImages)]) {
    const text = JSON.stringify({ chats, active });
    if (text.length > MAX_KEPT_CHARS) continue;
    try {
      store.setItem(key, text);
      return true;
    } catch {
      // Full, or not allowed: try with less.
    }
  }
  try {
    store.removeItem(key);
  } catch {
    // Nothing can be kept in this browser.
  }
  return false;
}

export function withoutImages(chat: Chat): Chat {
  const strip = (message: Message): Message =>
    message.images.length === 0 ? message : { ...message, images: [] };
  return { ...chat, prompt: chat.prompt.map(strip), messages: chat.messages.map(strip) };
}
