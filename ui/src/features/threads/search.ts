/** What of the list of threads stands in its address, and what is asked for it. Pure. */

import { type Condition, field, literal } from "~/api/weave/query";

export const SORTS = [
  "thread_id",
  "turn_count",
  "start_time",
  "last_updated",
  "p50_turn_duration_ms",
] as const;
export type SortField = (typeof SORTS)[number];

export interface ThreadsSearch {
  /** What is looked for in names of threads, and in what went in and came out. */
  q?: string;
  /** The thread that is open. */
  thread?: string;
  sort?: SortField;
  /** Whether the least comes first. */
  rising?: true;
}

/** The address's search, without what it is by default or cannot be. */
export function threadsSearch(given: Record<string, unknown>): ThreadsSearch {
  const search: ThreadsSearch = {};
  if (["string", "number"].includes(typeof given.thread)) search.thread = String(given.thread);
  if (["string", "number"].includes(typeof given.q) && given.q !== "") search.q = String(given.q);
  const sort = SORTS.find((one) => one === given.sort);
  if (sort && sort !== "last_updated") search.sort = sort;
  if (given.rising === true) search.rising = true;
  return search;
}

/** Calls that have a text in the name of their thread, their inputs or their output, in whatever case. */
export function mentions(text: string): Condition {
  const has = (path: string): Condition => ({
    $contains: { input: field(path), substr: literal(text), case_insensitive: true },
  });
  return { $or: [has("thread_id"), has("inputs"), has("output")] };
}
