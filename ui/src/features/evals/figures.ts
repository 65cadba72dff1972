/** Figures of evaluations in words, and what is worked out of them for pictures. Pure. */

import type { Schema } from "~/api/client";
import { count, duration, short } from "~/lib/format";
import { usd } from "~/lib/money";

export type Comparison = Schema<"ComparisonTold">;
export type Compared = Schema<"RunCompared">;
export type Metric = Schema<"MetricTold">;
export type Figure = Schema<"Figure">;
export type Verdict = Schema<"Verdict">;
export type EvalRun = Schema<"RunTold">;
type Kind = Metric["kind"];

/** A value as its kind is read: `87.5 %`, `0.412`, `1.2 s`, `$0.0031`. */
export function valueText(kind: Kind, value: number): string {
  switch (kind) {
    case "passes":
      return `${digits(value * 100, 3)} %`;
    case "seconds":
      return value < 0 ? `−${duration(-value)}` : duration(value);
    case "tokens":
      return short(Number(value.toPrecision(4)));
    case "usd":
      return usd(BigInt(Math.round(value * 1e9)));
    default:
      return digits(value, 4);
  }
}

/** A difference, with its sign: `+12.5 points`, `−0.2`. */
export function changeText(kind: Kind, difference: number): string {
  const sign = difference > 0 ? "+" : difference < 0 ? "−" : "±";
  const size = Math.abs(difference);
  return `${sign}${kind === "passes" ? `${digits(size * 100, 3)} points` : valueText(kind, size)}`;
}

/** `72.1 % to 95.0 %`; null where the rows do not tell. */
export function intervalText(kind: Kind, figure: Figure): string | null {
  const ends = figure.estimate?.interval;
  return ends ? `${valueText(kind, ends.low)} to ${valueText(kind, ends.high)}` : null;
}

export type Estimate = Schema<"EstimateTold">;

/** Where a mean lies, and of how many rows, beside the mean in a list: `0.21–0.94, n 3`. */
export function spreadText({ n, interval }: Estimate): string {
  const ends = interval ? `${valueText("number", interval.low)}–${valueText("number", interval.high)}, ` : "";
  return `${ends}n ${count(n)}`;
}

/** The same for a reader who hovers over it. */
export function spreadTitle({ n, interval }: Estimate): string {
  if (!interval) return `n = ${count(n)}; its rows do not tell an interval`;
  const [low, high] = [interval.low, interval.high].map((end) => valueText("number", end));
  return `n = ${count(n)}; 95 % interval ${low} to ${high} (${methodText(interval.method)})`;
}

/** `p = 0.032`, `p < 0.001`. */
export function pText(p: number): string {
  return p < 0.001 ? "p < 0.001" : `p = ${digits(p, p < 0.1 ? 2 : 3)}`;
}

export const VERDICTS: Record<
  Verdict,
  { mark: string; word: string; tone: "good" | "bad" | "plain" | "warn" }
> = {
  better: { mark: "▲", word: "better", tone: "good" },
  worse: { mark: "▼", word: "worse", tone: "bad" },
  no_significant_difference: { mark: "=", word: "no significant difference", tone: "plain" },
  not_comparable: { mark: "?", word: "not comparable", tone: "warn" },
};

const METHODS: Record<string, string> = {
  wilson: "Wilson",
  bca_bootstrap: "bootstrap",
  student_t: "Student's t",
  mcnemar_exact: "McNemar, exact",
  sign_flip_exact: "sign flips, exact",
  sign_flip_monte_carlo: "sign flips, drawn",
  sign_flip_normal: "sign flips, closed form",
};

/** How a figure was worked out, in words. */
export function methodText(method: string): string {
  return METHODS[method] ?? method;
}

/** All that is known of a figure, for tooltips and screen readers. */
export function told(metric: Metric, figure: Figure): string {
  const { estimate, versus } = figure;
  if (!estimate) return "no values";
  const parts = [valueText(metric.kind, estimate.mean), `n = ${estimate.n}`];
  const ends = intervalText(metric.kind, figure);
  if (ends) parts.push(`95 % interval ${ends} (${methodText(estimate.interval?.method ?? "")})`);
  if (figure.missing > 0) parts.push(`${figure.missing} rows without a value`);
  if (versus) {
    const verdict = VERDICTS[versus.verdict].word;
    const by = `${changeText(metric.kind, versus.difference)} on ${versus.n} shared rows`;
    parts.push(`${by}: ${verdict} (${pText(versus.p_corrected)} corrected, ${methodText(versus.method)})`);
  } else if (figure.verdict === "not_comparable") parts.push("shares no row with the baseline");
  return parts.join("; ");
}

/** Groups of runs that the rows cannot tell apart, the best first, where there is more than one group. */
export function groupsOf(metric: Metric): string[][] {
  const by = new Map<number, string[]>();
  for (const one of metric.figures) {
    if (one.rank === null) continue;
    by.set(one.rank, [...(by.get(one.rank) ?? []), one.run]);
  }
  return [...by.entries()].sort(([a], [b]) => a - b).map(([, runs]) => runs);
}

/** Each run's share of the best by a metric, 0 to 1, for a radar; null where it has no value. */
export function sharesOf(metric: Metric): (number | null)[] {
  const means = metric.figures.map((one) => one.estimate?.mean ?? null);
  if (metric.kind === "passes")
    return means.map((mean) => (mean === null ? null : metric.higher_is_better ? mean : 1 - mean));
  const known = means.filter((mean): mean is number => mean !== null);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  return means.map((mean) => {
    if (mean === null) return null;
    if (low < 0 || high === 0) return high === low ? 1 : share(mean, low, high, metric.higher_is_better);
    return metric.higher_is_better ? mean / high : low === 0 && mean === 0 ? 1 : low / mean;
  });
}

function share(mean: number, low: number, high: number, higher: boolean): number {
  const part = (mean - low) / (high - low);
  return higher ? part : 1 - part;
}

export interface Spot {
  key: string;
  x: number;
  y: number;
}

/** The points that no other beats in both (x: less is better; y as told), from left to right. */
export function frontOf(points: readonly Spot[], higherY: boolean): string[] {
  const up = (point: Spot) => (higherY ? point.y : -point.y);
  const ordered = [...points].sort((a, b) => a.x - b.x || up(b) - up(a));
  const front: string[] = [];
  let best = Number.NEGATIVE_INFINITY;
  for (const point of ordered) {
    if (up(point) <= best) continue;
    best = up(point);
    front.push(point.key);
  }
  return front;
}

/** Names of runs that can be told apart: the model where all differ, else with the run's own name. */
export function namesOf(runs: readonly EvalRun[]): Map<string, string> {
  const models = runs.map((run) => run.model?.name ?? "");
  const apart = new Set(models).size === runs.length && !models.includes("");
  const long = runs.map((run, index) =>
    apart ? (models[index] ?? "") : [models[index], run.name].filter(Boolean).join(" · "),
  );
  const seen = new Map<string, number>();
  return new Map(
    runs.map((run, index) => {
      const name = long[index] ?? run.id;
      const times = (seen.get(name) ?? 0) + 1;
      seen.set(name, times);
      return [run.id, times > 1 ? `${name} (${times})` : name];
    }),
  );
}

function digits(value: number, most: number): string {
  const text = value.toPrecision(most);
  const plain = text.includes("e") ? String(Number(text)) : text;
  return (plain.includes(".") ? plain.replace(/\.?0+$/, "") : plain).replace("-", "−");
}
