import { PRESETS, type RangeSearch } from "./ranges";

export const GROUPS = ["model", "project", "user", "key"] as const;
export type Group = (typeof GROUPS)[number];
export const METRICS = ["cost", "tokens", "requests"] as const;
export type Metric = (typeof METRICS)[number];
export const OUTCOMES = ["completed", "cancelled", "failed", "refused", "interrupted"] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What usage is narrowed to, by id. */
export interface Narrow {
  model?: string;
  project?: string;
  user?: string;
  key?: string;
}

/** All that a usage view is made of. */
export interface UsageSearch extends RangeSearch, Narrow {
  by?: Group;
  metric?: Metric;
}

/** All that a list of requests is made of. */
export interface RequestsSearch extends RangeSearch, Narrow {
  outcome?: Outcome;
  cursor?: string;
}

type Given = Record<string, unknown>;
const TEXT_CHARS = 256;

/** The search of an address, taken as far as it makes sense: an old or broken link still opens. */
export function usageSearch(given: Given): UsageSearch {
  return drop({
    ...rangeSearch(given),
    ...narrow(given),
    by: one(given.by, GROUPS),
    metric: one(given.metric, METRICS),
  });
}

export function requestsSearch(given: Given): RequestsSearch {
  return drop({
    ...rangeSearch(given),
    ...narrow(given),
    outcome: one(given.outcome, OUTCOMES),
    cursor: text(given.cursor),
  });
}

export function narrow(given: Given): Narrow {
  return drop({
    model: text(given.model),
    project: text(given.project),
    user: text(given.user),
    key: text(given.key),
  });
}

function rangeSearch(given: Given): RangeSearch {
  const since = moment(given.since);
  if (since === undefined) return { range: one(given.range, PRESETS) };
  return { since, until: moment(given.until) };
}

function moment(value: unknown): string | undefined {
  const given = text(value);
  return given !== undefined && !Number.isNaN(Date.parse(given)) ? given : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" && value.length <= TEXT_CHARS ? value : undefined;
}

function one<Value extends string>(value: unknown, all: readonly Value[]): Value | undefined {
  return all.find((each) => each === value);
}

/** Without what is undefined, so that addresses stay short. */
function drop<Value extends object>(value: Value): Value {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Value;
}
