import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { type Call, type CallsAsked, countCalls, findCalls } from "~/api/weave/calls";
import { type Condition, every, field } from "~/api/weave/query";
import { findThreads } from "~/api/weave/threads";
import { mentions, type ThreadsSearch } from "./search";

const PAGE = 200;
export const PAGE_TURNS = 100;
/** Threads that a search shows, and the turns that it takes them from. */
const MOST_FOUND = 1_000;
const MOST_LOOKED_AT = 10_000;
/** A turn is a call that is named as its own turn. */
const IS_TURN: Condition = { $eq: [field("turn_id"), field("id")] };

/** Threads, page after page; with a text, those that have it in their name or in what was said. */
export const threadsQuery = (of: string, search: ThreadsSearch) => {
  const { q = "", sort = "last_updated" } = search;
  const direction = search.rising ? "asc" : "desc";
  return infiniteQueryOptions({
    queryKey: ["weave", of, "threads", sort, direction, q],
    queryFn: async ({ pageParam, signal }) => {
      const thread_ids = q === "" ? undefined : await threadsWith(of, q, signal);
      if (thread_ids?.length === 0) return [];
      const filter = thread_ids && { filter: { thread_ids } };
      const sort_by = [{ field: sort, direction } as const];
      return findThreads(of, { sort_by, limit: PAGE, offset: pageParam, ...filter }, signal);
    },
    initialPageParam: 0,
    getNextPageParam: (last, pages) => (last.length === PAGE ? pages.length * PAGE : undefined),
  });
};

/** The newest threads that have a text in them. */
async function threadsWith(of: string, text: string, signal: AbortSignal): Promise<string[]> {
  const asked: CallsAsked = {
    query: every([IS_TURN, mentions(text)]),
    columns: ["thread_id"],
    sort_by: [{ field: "started_at", direction: "desc" }],
    limit: MOST_LOOKED_AT,
  };
  const ids = new Set<string>();
  for (const call of await findCalls(of, asked, signal)) if (call.thread_id) ids.add(call.thread_id);
  return [...ids].slice(0, MOST_FOUND);
}

const turnsOf = (thread: string): Pick<CallsAsked, "filter" | "query"> => ({
  filter: { thread_ids: [thread] },
  query: { $expr: IS_TURN },
});

/** Turns of a thread from the end, page after page. */
export const turnsQuery = (of: string, thread: string) =>
  infiniteQueryOptions({
    queryKey: ["weave", of, "turns", thread],
    queryFn: ({ pageParam, signal }) => {
      const sort_by = [{ field: "started_at", direction: "desc" } as const];
      return findCalls(of, { ...turnsOf(thread), sort_by, limit: PAGE_TURNS, offset: pageParam }, signal);
    },
    initialPageParam: 0,
    getNextPageParam: (last, pages) => (last.length === PAGE_TURNS ? pages.length * PAGE_TURNS : undefined),
    structuralSharing: false,
  });

/** How many turns a thread has. */
export const turnCountQuery = (of: string, thread: string) =>
  queryOptions({
    queryKey: ["weave", of, "turn-count", thread],
    queryFn: async ({ signal }) => (await countCalls(of, turnsOf(thread), signal)).count,
  });

/** The pages as one list, the oldest first; a thread that grows tells of a turn twice. */
export function inOrder(pages: Call[][]): Call[] {
  return [...new Map(pages.flat().map((turn) => [turn.id, turn])).values()].reverse();
}
