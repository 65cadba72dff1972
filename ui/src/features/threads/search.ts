/** What of the list of threads stands in its address. Pure. */

export const SORTS = [
  "thread_id",
  "turn_count",
  "start_time",
  "last_updated",
  "p50_turn_duration_ms",
] as const;
export type SortField = (typeof SORTS)[number];

export interface ThreadsSearch {
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
  const sort = SORTS.find((one) => one === given.sort);
  if (sort && sort !== "last_updated") search.sort = sort;
  if (given.rising === true) search.rising = true;
  return search;
}
