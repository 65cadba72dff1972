/** Holds the Playground outside of React, so that a chat that streams draws its own column and no other. */

import type { Action } from "./actions";
import { reduce } from "./reducer";
import type { Chat, Playground } from "./types";

export interface PlaygroundStore {
  get(): Playground;
  /** The chat with this id, if it is still there. */
  find(chatId: string): Chat | undefined;
  dispatch(...actions: readonly Action[]): void;
  /** @returns stops calling `listener` */
  subscribe(listener: () => void): () => void;
}

export function find(state: Playground, chatId: string): Chat | undefined {
  return state.chats.find((chat) => chat.id === chatId);
}

export function createStore(initial: Playground): PlaygroundStore {
  let state = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => state,
    find: (chatId) => find(state, chatId),
    dispatch: (...actions) => {
      const next = actions.reduce(reduce, state);
      if (next === state) return;
      state = next;
      for (const listener of listeners) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
