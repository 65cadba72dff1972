import type { Schema } from "~/api/client";
import type { Bar, Series } from "~/components/charts/stack";
import { short } from "~/lib/format";
import { exactUsd, NANO, nusd, usd } from "~/lib/money";
import { fullName, type Grain, type Period, shortName } from "./ranges";
import type { Group, Metric } from "./search";

export type UsageSums = Schema<"UsageSums">;

/** The group of everything beyond the largest, as the API calls it. */
export const OTHERS = "(others)";

/** Sums of some rows. Tokens and requests are counts; money is exact. */
export interface Sums {
  cost: bigint;
  requests: number;
  errors: number;
  input: number;
  cached: number;
  output: number;
}

export interface GroupSums extends Sums {
  key: string;
  label: string;
}

/** What a usage view draws: bars over time, and the table of groups below them with the same figures. */
export interface UsageView {
  bars: Bar[];
  series: Series[];
  groups: GroupSums[];
  total: Sums;
  /** By bar and series, and of each bar (`-1`), as `format` writes them. */
  cell: (bar: number, series: number) => Sums;
}

export const NOTHING: Sums = { cost: 0n, requests: 0, errors: 0, input: 0, cached: 0, output: 0 };

export function add(one: Sums, other: Sums): Sums {
  return {
    cost: one.cost + other.cost,
    requests: one.requests + other.requests,
    errors: one.errors + other.errors,
    input: one.input + other.input,
    cached: one.cached + other.cached,
    output: one.output + other.output,
  };
}

export function sumsOf(row: UsageSums): Sums {
  return {
    cost: nusd(row.cost_nusd),
    requests: row.requests,
    errors: row.errors,
    input: row.input_tokens,
    cached: row.cached_input_tokens,
    output: row.output_tokens,
  };
}

/** A report by time and something else as bars: groups come dearest first, what is beyond the largest last. */
export function viewOf(rows: UsageSums[], periods: Period[], grain: Grain, metric: Metric): UsageView {
  const byGroup = new Map<string, GroupSums>();
  const cells = new Map<string, Sums>();
  for (const row of rows) {
    const key = row.group2 ?? "";
    const sums = sumsOf(row);
    const before = byGroup.get(key);
    byGroup.set(key, { ...add(before ?? NOTHING, sums), key, label: row.name2 ?? key });
    cells.set(cellKey(row.group, key), sums);
  }
  const groups = [...byGroup.values()].sort((one, other) => order(one, other, metric));
  const cell = (bar: number, series: number): Sums => {
    const period = periods[bar]?.key ?? "";
    if (series >= 0) return cells.get(cellKey(period, groups[series]?.key ?? "")) ?? NOTHING;
    return groups.map((group) => cells.get(cellKey(period, group.key)) ?? NOTHING).reduce(add, NOTHING);
  };
  return {
    series: groups.map(({ key, label }) => ({ key, label: key === OTHERS ? "Everything else" : label })),
    bars: periods.map((period, bar) => ({
      key: period.key,
      label: shortName(grain, period.start),
      name: fullName(grain, period.start),
      values: groups.map((_, series) => amount(cell(bar, series), metric)),
    })),
    groups,
    total: groups.reduce<Sums>(add, NOTHING),
    cell,
  };
}

function cellKey(period: string, group: string): string {
  return `${period}\n${group}`;
}

function order(one: GroupSums, other: GroupSums, metric: Metric): number {
  if ((one.key === OTHERS) !== (other.key === OTHERS)) return one.key === OTHERS ? 1 : -1;
  if (metric === "cost" && one.cost !== other.cost) return one.cost < other.cost ? 1 : -1;
  return amount(other, metric) - amount(one, metric) || (one.key < other.key ? -1 : 1);
}

/** A figure as a number: for the height of bars, never to be summed or shown. Money in dollars. */
export function amount(sums: Sums, metric: Metric): number {
  if (metric === "cost") return Number(sums.cost) / Number(NANO);
  return metric === "tokens" ? sums.input + sums.output : sums.requests;
}

/** A figure for people. */
export function written(sums: Sums, metric: Metric): string {
  if (metric === "cost") return usd(sums.cost);
  const value = amount(sums, metric);
  return `${short(value)} ${metric === "tokens" ? "tokens" : value === 1 ? "request" : "requests"}`;
}

/** A round figure of the axis. */
export function tick(value: number, metric: Metric): string {
  if (metric !== "cost") return short(value);
  if (value === 0) return "$0";
  const nano = BigInt(Math.round(value * Number(NANO)));
  if (value >= 1_000) return `$${short(value)}`;
  return value >= 0.01 ? usd(nano) : exactUsd(nano).replace(/0+$/, "");
}

export const GROUP_LABELS: Record<Group, string> = {
  model: "Model",
  project: "Project",
  user: "User",
  key: "API key",
};
export const METRIC_LABELS: Record<Metric, string> = {
  cost: "Cost",
  tokens: "Tokens",
  requests: "Requests",
};
