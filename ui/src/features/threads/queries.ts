import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { type CallsAsked, findCalls } from "~/api/weave/calls";
import { field } from "~/api/weave/query";
import { findThreads } from "~/api/weave/threads";
import type { ThreadsSearch } from "./search";

const PAGE = 200;
export const MOST_TURNS = 200;

/** Threads, page after page. */
export const threadsQuery = (of: string, search: ThreadsSearch) => {
  const sort = search.sort ?? "last_updated";
  const direction = search.rising ? "asc" : "desc";
  return infiniteQueryOptions({
    queryKey: ["weave", of, "threads", sort, direction],
    queryFn: ({ pageParam, signal }) =>
      findThreads(of, { sort_by: [{ field: sort, direction }], limit: PAGE, offset: pageParam }, signal),
    initialPageParam: 0,
    getNextPageParam: (last, pages) => (last.length === PAGE ? pages.length * PAGE : undefined),
  });
};

/** The newest turns of a thread, the oldest of them first. A turn is a call that is named as its own turn. */
export const turnsQuery = (of: string, thread: string) =>
  queryOptions({
    queryKey: ["weave", of, "turns", thread],
    queryFn: async ({ signal }) => {
      const asked: CallsAsked = {
        filter: { thread_ids: [thread] },
        query: { $expr: { $eq: [field("turn_id"), field("id")] } },
        sort_by: [{ field: "started_at", direction: "desc" }],
        limit: MOST_TURNS,
      };
      return (await findCalls(of, asked, signal)).reverse();
    },
  });
