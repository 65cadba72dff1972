/** The list of runs: which are shown, in which order, with which metrics. Pure. */

import type { EvalRun } from "./figures";
import type { ListSearch } from "./search";

/** What a select offers of a property of runs. */
export function optionsOf(runs: readonly EvalRun[], of: "model" | "dataset" | "evaluation", all: string) {
  const names = [...new Set(runs.flatMap((run) => run[of]?.name ?? []))].sort();
  return [{ value: "", label: all }, ...names.map((name) => ({ value: name, label: name }))];
}

/** The metrics of all runs, those that most runs have first. */
export function metricsOf(runs: readonly EvalRun[], most = 40): string[] {
  const counts = new Map<string, number>();
  for (const run of runs) for (const id of Object.keys(run.means)) counts.set(id, (counts.get(id) ?? 0) + 1);
  return [...counts.entries()]
    .sort(([, a], [, b]) => b - a)
    .map(([id]) => id)
    .slice(0, most);
}

/** The runs that the address asks for, in its order. */
export function chooseRuns(runs: readonly EvalRun[], search: ListSearch): EvalRun[] {
  const words = (search.q ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const found = runs.filter(
    (run) =>
      (!search.model || run.model?.name === search.model) &&
      (!search.dataset || run.dataset?.name === search.dataset) &&
      (!search.evaluation || run.evaluation?.name === search.evaluation) &&
      (!search.status || run.status === search.status) &&
      words.every((word) => textOf(run).includes(word)),
  );
  const by = search.sort;
  if (!by) return found;
  const sign = search.up ? 1 : -1;
  return found.sort((a, b) => {
    const [x, y] = [keyOf(a, by), keyOf(b, by)];
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    return (
      sign * (typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y)))
    );
  });
}

function textOf(run: EvalRun): string {
  const names = [run.name, run.id, run.model?.name, run.dataset?.name, run.evaluation?.name, run.user];
  return names.filter(Boolean).join("\n").toLowerCase();
}

function keyOf(run: EvalRun, by: string): number | string | null {
  switch (by) {
    case "name":
      return run.name;
    case "model":
      return run.model?.name ?? null;
    case "dataset":
      return run.dataset?.name ?? null;
    case "rows":
      return run.trials_done;
    case "latency":
      return run.latency_s;
    case "tokens":
      return run.tokens;
    case "cost":
      return run.cost_nusd === null ? null : Number(run.cost_nusd);
    case "started":
      return run.started_at;
    default:
      return run.means[by] ?? null;
  }
}
