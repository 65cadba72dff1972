/** What of a call's page stands in its address. Pure. */

export const TABS = ["call", "chat", "code", "feedback", "scores", "summary", "use"] as const;
export type Tab = (typeof TABS)[number];
export const VIEWS = ["tree", "code", "flame"] as const;
export type View = (typeof VIEWS)[number];

export interface CallSearch {
  tab?: Tab;
  view?: View;
  /** A regular expression on names of calls. */
  name?: string;
}

const NAME_CHARS = 200;

/** The address's search, without what it is by default or cannot be. */
export function callSearch(given: Record<string, unknown>): CallSearch {
  const search: CallSearch = {};
  const tab = TABS.find((one) => one === given.tab);
  if (tab && tab !== "call") search.tab = tab;
  const view = VIEWS.find((one) => one === given.view);
  if (view && view !== "tree") search.view = view;
  // A name that looks like a number comes as one.
  const name = ["string", "number", "boolean"].includes(typeof given.name) ? String(given.name) : "";
  if (name) search.name = name.slice(0, NAME_CHARS);
  return search;
}
