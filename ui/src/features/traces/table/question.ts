import type { CallFilter, CallsAsked } from "~/api/weave/calls";
import { every, type SortBy } from "~/api/weave/query";
import { conditionsOf } from "../filter/filters";
import { sortOf, type TracesSearch } from "../search";

/** What a table asks the server for. Pure. */
export interface Question {
  filter: CallFilter;
  query: CallsAsked["query"];
  sort_by: SortBy[];
}

/** The question of a search, as of `now`. */
export function questionOf(search: TracesSearch, now: Date): Question {
  const { by, descending } = sortOf(search);
  return {
    filter: search.all ? {} : { trace_roots_only: true },
    query: every(conditionsOf(search.filters ?? [], now)),
    sort_by: [{ field: by, direction: descending ? "desc" : "asc" }],
  };
}

/** The same calls from the other end. */
export function turned(sort_by: SortBy[]): SortBy[] {
  return sort_by.map(({ field, direction }) => ({ field, direction: direction === "asc" ? "desc" : "asc" }));
}

/** What of calls a row shows; what is large and rarely looked at stays where it is. */
export const ROW_COLUMNS = [
  "id",
  "trace_id",
  "parent_id",
  "thread_id",
  "op_name",
  "display_name",
  "started_at",
  "ended_at",
  "exception",
  "wb_user_id",
  "wb_run_id",
  "attributes",
  "inputs",
  "output",
  "summary",
];

/** A cell shows one line of a value: a text of megabytes stays on the server. */
const SHOWN_CHARS = 600;

export const ROW_EXTRAS = {
  shorten: SHOWN_CHARS,
  include_costs: true,
  include_feedback: true,
  include_usernames: true,
} as const;
