import { leaves } from "./leaves";
import type { Metric, Subject } from "./subject";

/** Lines of a comparison: a value of each subject, and whether they differ. Pure. */

export interface Line<Value> {
  name: string;
  /** In the order of the subjects; undefined where one has none. */
  cells: (Value | undefined)[];
  differs: boolean;
}

function linesOf<Value>(
  subjects: Subject[],
  partsOf: (subject: Subject) => [string, Value][],
  keyOf: (value: Value | undefined) => unknown,
): Line<Value>[] {
  const maps = subjects.map((subject) => new Map(partsOf(subject)));
  const names = new Set(maps.flatMap((map) => [...map.keys()]));
  return [...names].map((name) => {
    const cells = maps.map((map) => map.get(name));
    return { name, cells, differs: new Set(cells.map(keyOf)).size > 1 };
  });
}

export function propertyLines(subjects: Subject[]): Line<string>[] {
  return linesOf(
    subjects,
    (one) => one.properties,
    (value) => value ?? "",
  ).filter((line) => line.cells.some(Boolean));
}

export function metricLines(subjects: Subject[]): Line<Metric>[] {
  return linesOf(
    subjects,
    (one) => one.metrics.map((metric): [string, Metric] => [metric.name, metric]),
    (metric) => metric?.value,
  );
}

export function valueLines(subjects: Subject[]): Line<unknown>[] {
  return linesOf(
    subjects,
    (one) => leaves(one.value),
    (value) => JSON.stringify(value),
  );
}

export interface Difference {
  text: string;
  tone: "good" | "bad" | "plain";
}

/** How far a metric is from the baseline's; null where there is nothing to tell. */
export function difference(
  metric: Metric | undefined,
  base: Metric | undefined,
  as: "number" | "percent" | "times",
): Difference | null {
  if (!metric || !base || metric.value === base.value) return null;
  const by = metric.value - base.value;
  const better = metric.lowerIsBetter === null ? null : by < 0 === metric.lowerIsBetter;
  const tone = better === null ? "plain" : better ? "good" : "bad";
  const sign = by > 0 ? "+" : "−";
  const plain = `${sign}${figure({ ...metric, value: Math.abs(by) })}`;
  if (as === "number") return { text: plain, tone };
  // Of nothing there is no share.
  if (base.value === 0) return { text: plain, tone };
  if (as === "percent") return { text: `${sign}${trimmed(Math.abs(by / base.value) * 100, 3)} %`, tone };
  return { text: `${trimmed(metric.value / base.value, 3)}×`, tone };
}

const WHOLE = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** A metric for reading. */
export function figure({ unit, value }: Pick<Metric, "unit" | "value">): string {
  if (unit === "tokens" || unit === "bytes") return WHOLE.format(value);
  if (unit === "usd") return `$${value === 0 ? "0" : trimmed(value, 4)}`;
  if (unit === "ms") return value >= 1000 ? `${trimmed(value / 1000, 3)} s` : `${trimmed(value, 3)} ms`;
  return Number.isInteger(value) && Math.abs(value) < 1e15 ? WHOLE.format(value) : trimmed(value, 4);
}

function trimmed(value: number, digits: number): string {
  return String(Number(value.toPrecision(digits)));
}
