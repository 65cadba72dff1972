/** What the addresses of evaluations say. Pure; what is left out has its first value. */

import type { Schema } from "~/api/client";

type RowsAsked = Schema<"RowsAsked">;
export type Show = NonNullable<RowsAsked["show"]>;

export const STATUSES = [
  { value: "any", label: "Any status" },
  { value: "running", label: "Running" },
  { value: "done", label: "Done" },
  { value: "failed", label: "Failed" },
  { value: "lost", label: "Lost" },
] as const;

export interface ListSearch {
  q?: string;
  model?: string;
  dataset?: string;
  evaluation?: string;
  status?: string;
  /** Sorted by this column. */
  sort?: string;
  up?: boolean;
  /** Selected runs, with commas. */
  sel?: string;
  limit?: number;
}

export function readList(raw: Record<string, unknown>): ListSearch {
  const found: ListSearch = {};
  for (const name of ["q", "model", "dataset", "evaluation", "status", "sort", "sel"] as const) {
    const text = textOf(raw[name]);
    if (text) found[name] = text;
  }
  if (raw.up === true) found.up = true;
  if (typeof raw.limit === "number" && raw.limit > 500) found.limit = Math.min(5000, Math.round(raw.limit));
  return found;
}

export const SHOWS: { value: Show; label: string; many?: boolean }[] = [
  { value: "all", label: "All rows" },
  { value: "disagree", label: "Rows where models disagree", many: true },
  { value: "outputs", label: "Rows where outputs differ", many: true },
  { value: "baseline_only", label: "Baseline right, others wrong", many: true },
  { value: "worse", label: "Worse than the baseline somewhere", many: true },
  { value: "better", label: "Better than the baseline somewhere", many: true },
  { value: "missing", label: "Rows that not every run has", many: true },
  { value: "failed", label: "Rows that failed" },
];

/** One run's page, or several runs side by side. */
export interface RunSearch {
  /** Runs, with commas. */
  runs?: string;
  baseline?: string;
  /** What rows are filtered and shown by, and what the plot shows. */
  metric?: string;
  /** Metrics whose name misleads about what is better, with commas. */
  turn?: string;
  show?: Show;
  /** Rows whose value of the metric lies between these. */
  min?: number;
  max?: number;
  sort?: string;
  up?: boolean;
  /** What stands across in the plot. */
  x?: "cost" | "seconds";
  diff?: boolean;
  /** The row that is open, by its digest. */
  row?: string;
}

export function readRun(raw: Record<string, unknown>): RunSearch {
  const found: RunSearch = {};
  for (const name of ["runs", "baseline", "metric", "turn", "sort", "row"] as const) {
    const text = textOf(raw[name]);
    if (text) found[name] = text;
  }
  const show = SHOWS.find((one) => one.value === raw.show)?.value;
  if (show && show !== "all") found.show = show;
  for (const name of ["min", "max"] as const) {
    const value = raw[name];
    if (typeof value === "number" && Number.isFinite(value)) found[name] = value;
  }
  if (raw.up === true) found.up = true;
  if (raw.diff === true) found.diff = true;
  if (raw.x === "seconds") found.x = "seconds";
  return found;
}

/** Ids with commas between them, each once. */
export function idsOf(text: string | undefined): string[] {
  return [...new Set((text ?? "").split(",").filter(Boolean))];
}

/** A sort of the rows as the address has it: `<by>:<run>:<metric>`, where metrics may have colons themselves. */
export function sortOf(search: RunSearch): RowsAsked["sort"] {
  const found = /^(value|difference|change):([^:]*):(.+)$/.exec(search.sort ?? "");
  if (!found) return null;
  const [, by, run, metric] = found;
  return {
    by: by as "value" | "difference" | "change",
    run: run || null,
    metric: metric ?? "",
    descending: search.up !== true,
  };
}

/** The question that an address asks about rows, but for the page. */
export function rowsAsked(
  runs: string[],
  baseline: string,
  metric: string | undefined,
  search: RunSearch,
  higherIsBetter: boolean,
): Omit<RowsAsked, "offset" | "limit"> {
  const isCut = metric !== undefined && (search.min !== undefined || search.max !== undefined);
  return {
    runs,
    baseline,
    metric: metric ?? null,
    lower: metric === undefined ? null : !higherIsBetter,
    show: search.show ?? "all",
    within: isCut ? [{ metric, at_least: search.min ?? null, at_most: search.max ?? null }] : [],
    sort: sortOf(search) ?? null,
  };
}

function textOf(raw: unknown): string | undefined {
  if (typeof raw === "number" || typeof raw === "boolean") return String(raw);
  return typeof raw === "string" && raw.trim() !== "" ? raw.slice(0, 2000) : undefined;
}
