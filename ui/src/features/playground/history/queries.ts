/** What the history asks the server. */

import { infiniteQueryOptions, keepPreviousData } from "@tanstack/react-query";
import { api, must, type Schema } from "~/api/client";
import type { Place } from "~/lib/place";

export type ChatTold = Schema<"ChatTold">;
export type ChatWhole = Schema<"ChatWhole">;

/** The chats, or those with each word of `text` in model, messages or answer. The last answer stays while another comes. */
export function historyQuery({ team, project }: Place, mine: boolean, text: string) {
  return infiniteQueryOptions({
    queryKey: ["playground", team, project, "history", mine, text],
    queryFn: ({ signal, pageParam }) => {
      const query = { mine, q: text, ...(pageParam === null ? {} : { cursor: pageParam }) };
      const params = { path: { team, project }, query };
      return must(api.GET("/api/playground/{team}/{project}/history", { params, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    staleTime: 0,
    placeholderData: keepPreviousData,
  });
}

export function readChat(place: Place, chatId: string): Promise<ChatWhole> {
  const path = { ...place, chat_id: chatId };
  return must(api.GET("/api/playground/{team}/{project}/history/{chat_id}", { params: { path } }));
}
