import { stamp } from "~/lib/format";
import { knownOf, labelOf } from "../table/known";
import type { Seen } from "../table/paths";
import { type Filter, type Kind, operatorsOf, takesValue, textOf } from "./filters";

/** Changes of the list of filters, and filters in words. Pure. */

/** The filters with those on a field replaced by one, or by none. */
export function replaced(filters: Filter[], field: string, next: Filter | null): Filter[] {
  const at = filters.findIndex((one) => one.field === field);
  const others = filters.filter((one) => one.field !== field);
  if (next === null) return others;
  const place = at < 0 ? others.length : Math.min(at, others.length);
  return [...others.slice(0, place), next, ...others.slice(place)];
}

/** The value of the quick choice of a field, if its filter is one that a quick choice makes; else "". */
export function quickValue(filters: Filter[], field: string, op: Filter["op"]): string {
  const own = filters.filter((one) => one.field === field);
  const [first] = own;
  return own.length === 1 && first?.op === op ? textOf(first.value) : "";
}

/** What a field holds, as far as anybody knows. */
export function kindOf(path: string, seen: Seen[]): Kind {
  const found = knownOf(path)?.kind ?? seen.find((one) => one.path === path)?.kind;
  if (found) return found;
  return path.endsWith("_at") ? "time" : "any";
}

/** A filter for a field that has just been chosen. */
export function startOf(path: string, seen: Seen[]): Filter {
  const known = knownOf(path);
  const [first = "contains"] = operatorsOf(kindOf(path, seen));
  const op = known?.choices || path === "wb_user_id" ? "equals" : first;
  return { field: path, op };
}

const SPANS: Record<string, string> = { m: "minutes", h: "hours", d: "days", w: "weeks" };

/** A filter as people say it: "Started after 7 days ago". */
export function told({ field, op, value }: Filter): { field: string; op: string; value: string } {
  if (!takesValue(op)) return { field: labelOf(field), op, value: "" };
  const text = textOf(value);
  const choice = knownOf(field)?.choices?.find((one) => one.value === text)?.label;
  const span = /^(\d+)([mhdw])$/.exec(text);
  const isTime = op === "after" || op === "before";
  if (isTime && span) return { field: labelOf(field), op, value: `${span[1]} ${SPANS[span[2] ?? ""]} ago` };
  const moment = isTime ? new Date(text) : null;
  const shown = moment && !Number.isNaN(moment.getTime()) ? stamp(moment) : text;
  return { field: labelOf(field), op, value: choice ?? shown };
}
