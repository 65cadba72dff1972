import type { Filter } from "../filter/filters";

const FIELD = "started_at";

/** Filters that keep to a span of time, ends included, in place of what they said of time before. Pure. */
export function withinSpan(filters: readonly Filter[], fromMs: number, toMs: number): Filter[] {
  const others = filters.filter((one) => one.field !== FIELD);
  const [from, to] = [Math.floor(fromMs) - 1, Math.ceil(toMs) + 1];
  return [
    ...others,
    { field: FIELD, op: "after", value: new Date(from).toISOString() },
    { field: FIELD, op: "before", value: new Date(to).toISOString() },
  ];
}
