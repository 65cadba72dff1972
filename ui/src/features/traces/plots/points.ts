import type { Call } from "~/api/weave/calls";
import { callName } from "~/api/weave/told";
import { duration, short } from "~/lib/format";
import { usd } from "~/lib/money";
import { costOf, latencyMs, modelsOf, statusOf, tokensOf } from "../table/figures";
import { type Aggregate, aggregatesOf, BINS, GROUPS, type Plot, TIME } from "./plot";

/** Calls as points, bins and their figures. Pure. */

export interface CallPoint {
  /** The call's id. */
  key: string;
  label: string;
  x: number;
  y: number;
  group: string;
}

/** One stretch of the axis, or one group. */
export interface Bin {
  key: string;
  label: string;
  name: string;
  /** Milliseconds, or whatever the axis counts; null for groups. */
  from: number | null;
  to: number | null;
  /** By series; null where there is nothing. */
  values: (number | null)[];
}

export interface Binned {
  series: string[];
  bins: Bin[];
}

const GROUPS_SHOWN = 7;
export const REST = "Others";
const LABEL_CHARS = 9;

/** The number at a field of a call: seconds, dollars, tokens, milliseconds since 1970, or whatever a path leads to. */
export function numberAt(call: Call, field: string): number | null {
  switch (field) {
    case TIME:
      return new Date(call.started_at).getTime();
    case "latency": {
      const ms = latencyMs(call);
      return ms === null ? null : ms / 1000;
    }
    case "cost": {
      const cost = costOf(call);
      return cost === null ? null : Number(cost) / 1e9;
    }
    case "input_tokens":
      return tokensOf(call)?.input ?? null;
    case "output_tokens":
      return tokensOf(call)?.output ?? null;
    case "total_tokens": {
      const tokens = tokensOf(call);
      return tokens && tokens.input + tokens.output;
    }
    default:
      return plainNumber(valueAt(call, field));
  }
}

/** What a call is grouped by. */
export function groupAt(call: Call, field: string): string {
  switch (field) {
    case "op":
      return call.op_name.split("/").at(-1)?.split(":")[0] ?? call.op_name;
    case "model":
      return modelsOf(call).join(", ") || "no model";
    case "status":
      return statusOf(call);
    case "user":
      return call.wb_username ?? call.wb_user_id ?? "unknown";
    default: {
      const value = valueAt(call, field);
      return value === null || value === undefined ? "none" : String(value).slice(0, 60);
    }
  }
}

function valueAt(call: Call, path: string): unknown {
  let value: unknown = call;
  for (const part of path.split(".")) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}

function plainNumber(value: unknown): number | null {
  if (typeof value === "boolean") return Number(value);
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** The calls that have both figures. */
export function pointsOf(calls: readonly Call[], plot: Plot): CallPoint[] {
  return calls.flatMap((call) => {
    const [x, y] = [numberAt(call, plot.x), numberAt(call, plot.y)];
    if (x === null || y === null) return [];
    const group = plot.group ? groupAt(call, plot.group) : "";
    return [{ key: call.id, label: callName(call), x, y, group }];
  });
}

/** Calls in bins of the axis, or in groups; a series for each group and each way to sum up. */
export function binned(calls: readonly Call[], plot: Plot): Binned {
  const aggregates = aggregatesOf(plot);
  const isGrouped = plot.x in GROUPS;
  const told = calls.flatMap((call) => {
    const [x, y] = [isGrouped ? 0 : numberAt(call, plot.x), numberAt(call, plot.y)];
    if (x === null || y === null) return [];
    return [{ x, y, bin: groupAt(call, plot.x), group: plot.group ? groupAt(call, plot.group) : "" }];
  });
  const groups = plot.group ? largest(told.map((one) => one.group)) : [""];
  const groupOf = (group: string) => (groups.includes(group) ? group : REST);
  const places = isGrouped ? groupBins(told) : axisBins(told, plot);
  const bins = places.map(({ has, ...bin }) => {
    const inside = told.filter(has);
    const values = groups.flatMap((group) => {
      const own = inside.filter((one) => groupOf(one.group) === group).map((one) => one.y);
      return aggregates.map((how) => aggregate(own, how));
    });
    return { ...bin, values };
  });
  const series = groups.flatMap((group) =>
    aggregates.map((how) => [group, aggregates.length > 1 || !group ? how : ""].filter(Boolean).join(" ")),
  );
  return { series, bins };
}

interface Told {
  x: number;
  y: number;
  bin: string;
  group: string;
}

type Place = Omit<Bin, "values"> & { has: (one: Told) => boolean };

function groupBins(told: readonly Told[]): Place[] {
  const names = largest(told.map((one) => one.bin));
  return names.map((name, at) => ({
    ...placeOf(null, at, name, 0),
    has: (one) => (names.includes(one.bin) ? one.bin : REST) === name,
  }));
}

/** A group, or a stretch of an axis that is so long, as it is written. */
export function placeOf(plot: Plot | null, at: number, place: string | [number, number], length: number) {
  if (typeof place === "string") {
    const label = place.length > LABEL_CHARS ? `${place.slice(0, LABEL_CHARS)}…` : place;
    return { key: place, label, name: place, from: null, to: null };
  }
  const [from, to] = place;
  const isTime = plot?.x === TIME;
  return {
    key: String(at),
    label: isTime ? timeText(from, length) : short(from),
    name: isTime ? `${timeText(from, 0)} to ${timeText(to, 0)}` : `${short(from)} to ${short(to)}`,
    from,
    to,
  };
}

function axisBins(told: readonly Told[], plot: Plot): Place[] {
  if (told.length === 0) return [];
  const count = plot.bins ?? BINS;
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { x } of told) [low, high] = [Math.min(low, x), Math.max(high, x)];
  const step = (high - low) / count || 1;
  return Array.from({ length: high > low ? count : 1 }, (_, at) => {
    const [from, to] = [low + at * step, low + (at + 1) * step];
    const isLast = at === count - 1 || high === low;
    return {
      ...placeOf(plot, at, [from, to], high - low),
      has: (one) => one.x >= from && (one.x < to || isLast),
    };
  });
}

/** The groups with the most calls, the largest first; the others together last. */
function largest(names: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const ordered = [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).map(([name]) => name);
  if (ordered.length <= GROUPS_SHOWN) return ordered;
  return [...ordered.slice(0, GROUPS_SHOWN - 1), REST];
}

/** Percentiles are those of the nearest rank. */
export function aggregate(values: readonly number[], how: Aggregate): number | null {
  if (how === "count") return values.length;
  if (values.length === 0) return null;
  const sum = values.reduce((all, one) => all + one, 0);
  const ordered = () => [...values].sort((a, b) => a - b);
  const nearest = (share: number) => ordered()[Math.max(0, Math.ceil(share * values.length) - 1)] ?? null;
  switch (how) {
    case "sum":
      return sum;
    case "average":
      return sum / values.length;
    case "min":
      return ordered()[0] ?? null;
    case "max":
      return ordered().at(-1) ?? null;
    case "p50":
      return nearest(0.5);
    case "p95":
      return nearest(0.95);
    case "p99":
      return nearest(0.99);
  }
}

const DAY_MS = 86_400_000;
const DATE = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const EXACT = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const BOTH = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
});

/** A moment, as exactly as an axis of this length needs; in full for none. */
export function timeText(ms: number, spanMs: number): string {
  return formOf(spanMs).format(new Date(ms));
}

function formOf(spanMs: number): Intl.DateTimeFormat {
  if (spanMs === 0) return BOTH;
  if (spanMs > 3 * DAY_MS) return DATE;
  if (spanMs > DAY_MS) return BOTH;
  return spanMs > DAY_MS / 144 ? CLOCK : EXACT;
}

/** A figure of a field, written. */
export function figureText(field: string, value: number): string {
  if (field === "latency") return duration(value);
  if (field === "cost") return usd(BigInt(Math.round(value * 1e9)));
  if (field === TIME) return timeText(value, 0);
  return short(value);
}
