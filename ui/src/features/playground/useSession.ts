import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { type CatalogModel, catalogQuery } from "~/api/catalog";
import type { Place } from "~/lib/place";
import { createBatcher, frames } from "./state/batch";
import { factsOf } from "./state/capabilities";
import { newPlayground } from "./state/make";
import { announcement } from "./state/meters";
import { keep, keyOf, restore } from "./state/persist";
import { postChat, usageOf } from "./state/post";
import { Session } from "./state/session";
import { createStore, type PlaygroundStore } from "./state/store";

/** How often what changes is kept: to write it out takes a moment, so not with each piece of an answer. */
const KEEP_EVERY_MS = 1_500;

interface Opened {
  store: PlaygroundStore;
  session: Session;
  /** By id. */
  catalog: ReadonlyMap<string, CatalogModel>;
  announcements: Announcements;
}

/** What screen readers are told; grows by one text for each answer. */
export interface Announcements {
  say(text: string): void;
  subscribe(listener: (text: string) => void): () => void;
}

/** The chats of a project as this tab kept them, and what can be done with them. */
export function useSession(place: Place): Opened {
  const { data } = useQuery(catalogQuery);
  const catalog = useMemo(() => new Map((data?.models ?? []).map((model) => [model.id, model])), [data]);
  const known = useRef(catalog);
  known.current = catalog;
  const [opened] = useState(() => {
    const store = createStore(restore(sessionStorage, keyOf(place.team, place.project)) ?? newPlayground());
    const announcements = createAnnouncements();
    const session = new Session(store, {
      post: (request, track, signal) => postChat(place, request, track, signal),
      usage: usageOf,
      facts: (model) => factsOf(known.current.get(model) ?? null),
      ended: (chatId, messageId) => {
        const { chats } = store.get();
        const at = chats.findIndex((chat) => chat.id === chatId);
        const answer = chats[at]?.messages.find((message) => message.id === messageId)?.answer;
        if (answer) announcements.say(announcement(at + 1, answer));
      },
      today: () => Date.now(),
      now: () => performance.now(),
      pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      batcher: createBatcher(frames()),
    });
    return { store, session, announcements };
  });
  useKept(opened.store, keyOf(place.team, place.project));
  return { ...opened, catalog };
}

/** Keeps the chats while they change, and when the page goes. */
function useKept(store: PlaygroundStore, key: string): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const save = () => {
      clearTimeout(timer);
      timer = undefined;
      keep(sessionStorage, key, store.get());
    };
    const stop = store.subscribe(() => {
      timer ??= setTimeout(save, KEEP_EVERY_MS);
    });
    window.addEventListener("pagehide", save);
    return () => {
      stop();
      window.removeEventListener("pagehide", save);
      if (timer !== undefined) save();
    };
  }, [store, key]);
}

function createAnnouncements(): Announcements {
  const listeners = new Set<(text: string) => void>();
  return {
    say: (text) => {
      for (const listener of listeners) listener(text);
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
