/** A run of the `wandb` client in figures. Pure. */

import type { Run } from "~/api/weave/runs";

type Values = Record<string, unknown>;

/** The config as the program gave it: the client wraps each value, and keeps its own under `_wandb`. */
export function configOf(run: Pick<Run, "config">): Values {
  const plain: Values = {};
  for (const [name, kept] of Object.entries(parsed(run.config))) {
    if (name === "_wandb") continue;
    plain[name] = isObject(kept) && "value" in kept ? kept.value : kept;
  }
  return plain;
}

/** The summary without the client's own figures. */
export function summaryOf(run: Pick<Run, "summaryMetrics">): Values {
  return Object.fromEntries(
    Object.entries(parsed(run.summaryMetrics)).filter(([name]) => !name.startsWith("_")),
  );
}

/** How long it ran, in seconds: as the client counts, or from its beginning until it was heard of last. */
export function secondsOf(run: Run, now: Date): number | null {
  const own = parsed(run.summaryMetrics);
  const counted = own._runtime ?? (isObject(own._wandb) ? own._wandb.runtime : undefined);
  if (typeof counted === "number" && run.state !== "running") return counted;
  if (!run.createdAt) return null;
  const end = run.state === "running" || !run.heartbeatAt ? now : new Date(run.heartbeatAt);
  return Math.max(0, (end.getTime() - new Date(run.createdAt).getTime()) / 1000);
}

export interface Series {
  name: string;
  points: { step: number; value: number }[];
}

/** The numbers that a run logged, each over its steps; nested ones by their path. */
export function seriesOf(history: string[]): Series[] {
  const found = new Map<string, Series["points"]>();
  history.forEach((line, at) => {
    const logged = parsed(line);
    const step = typeof logged._step === "number" ? logged._step : at;
    for (const [name, value] of numbersIn(logged, "")) {
      const points = found.get(name) ?? [];
      points.push({ step, value });
      found.set(name, points);
    }
  });
  return [...found].map(([name, points]) => ({ name, points })).sort((a, b) => a.name.localeCompare(b.name));
}

function numbersIn(values: Values, before: string): [string, number][] {
  return Object.entries(values).flatMap(([name, value]): [string, number][] => {
    if (before === "" && name.startsWith("_")) return [];
    const path = before + name;
    if (typeof value === "number") return [[path, value]];
    // What has a type is an image, a table or the like: its size is no metric.
    return isObject(value) && !("_type" in value) ? numbersIn(value, `${path}.`) : [];
  });
}

function parsed(text: string | null): Values {
  try {
    const value: unknown = JSON.parse(text ?? "{}");
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

function isObject(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
