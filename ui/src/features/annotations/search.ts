/** What of a queue's page stands in its address. Pure. */

export type Shown = "todo" | "done" | "all";

export interface QueueSearch {
  /** Which items; those that nobody is done with if not given. */
  show?: "done" | "all";
  /** The item that is looked at. */
  item?: string;
}

export function queueSearch(given: Record<string, unknown>): QueueSearch {
  const search: QueueSearch = {};
  if (given.show === "done" || given.show === "all") search.show = given.show;
  if (typeof given.item === "string" || typeof given.item === "number") search.item = String(given.item);
  return search;
}
