/** What every part of the Playground reaches: the chats, what one can do, and the models that there are. */

import { createContext, use, useMemo, useSyncExternalStore } from "react";
import type { CatalogModel } from "~/api/catalog";
import type { Place } from "~/lib/place";
import type { Session } from "./state/session";
import type { PlaygroundStore } from "./state/store";
import type { Chat, Playground } from "./state/types";

export interface PlaygroundParts {
  readonly place: Place;
  readonly store: PlaygroundStore;
  readonly session: Session;
  /** By id; empty until the catalog is there. */
  readonly models: ReadonlyMap<string, CatalogModel>;
}

export const PlaygroundContext = createContext<PlaygroundParts | null>(null);

export function useParts(): PlaygroundParts {
  const parts = use(PlaygroundContext);
  if (parts === null) throw new Error("outside of the Playground");
  return parts;
}

/** Part of the state; draws again only when that part is another value. */
export function usePlayground<Part>(part: (state: Playground) => Part): Part {
  const { store } = useParts();
  return useSyncExternalStore(store.subscribe, () => part(store.get()));
}

export function useChat(chatId: string): Chat | undefined {
  return usePlayground((state) => state.chats.find((chat) => chat.id === chatId));
}

/** The ids of all chats in order; the same array while they are the same. */
export function useChatIds(): readonly string[] {
  const joined = usePlayground((state) => state.chats.map((chat) => chat.id).join(" "));
  return useMemo(() => joined.split(" "), [joined]);
}

export function useModel(modelId: string): CatalogModel | null {
  return useParts().models.get(modelId) ?? null;
}
