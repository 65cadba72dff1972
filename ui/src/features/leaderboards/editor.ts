import type { Choice, ColumnWire } from "./queries";

/** Changes to the columns of a leaderboard that is being made. Pure. */

/** A column with a key of its own, that stays when columns move. */
export interface Draft {
  key: number;
  column: ColumnWire;
}

/** `list` with the one at `at` moved by `by` places; unchanged at the ends. */
export function moved<One>(list: readonly One[], at: number, by: number): One[] {
  const to = at + by;
  const one = list[at];
  if (one === undefined || to < 0 || to >= list.length) return [...list];
  const rest = list.filter((_, place) => place !== at);
  return [...rest.slice(0, to), one, ...rest.slice(to)];
}

/** A copy behind the one at `at`. */
export function duplicated(list: readonly Draft[], at: number): Draft[] {
  const one = list[at];
  if (!one) return [...list];
  return [...list.slice(0, at + 1), { key: nextKey(list), column: { ...one.column } }, ...list.slice(at + 1)];
}

export function nextKey(list: readonly Draft[]): number {
  return Math.max(0, ...list.map((one) => one.key)) + 1;
}

export function drafts(columns: readonly ColumnWire[]): Draft[] {
  return columns.map((column, key) => ({ key, column }));
}

/** The evaluation that a reference is a version of, among those with runs. */
export function choiceOf(choices: readonly Choice[], ref: string): Choice | undefined {
  return (
    choices.find((choice) => choice.versions.some((version) => version.ref === ref)) ??
    choices.find((choice) => ref.includes(`/object/${choice.name}:`))
  );
}

export function scorersOf(choice: Choice | undefined): string[] {
  return [...new Set(choice?.metrics.map((metric) => metric.scorer) ?? [])];
}

export function pathsOf(choice: Choice | undefined, scorer: string): string[] {
  return choice?.metrics.filter((metric) => metric.scorer === scorer).map((metric) => metric.path) ?? [];
}

/** The first column one would make of an evaluation: its newest version, the first scorer's mean. */
export function firstColumn(choice: Choice): ColumnWire {
  const scorers = scorersOf(choice);
  const scorer = scorers.find((name) => name !== "model_latency") ?? scorers[0] ?? "";
  return withScorer(
    {
      evaluation_object_ref: choice.versions[0]?.ref ?? "",
      scorer_name: "",
      summary_metric_path: "",
      should_minimize: null,
    },
    choice,
    scorer,
  );
}

/** Another evaluation, with the scorer kept where it has that, too. */
export function withEvaluation(column: ColumnWire, choice: Choice): ColumnWire {
  const ref = choice.versions[0]?.ref ?? column.evaluation_object_ref;
  const kept = choice.metrics.some(
    (metric) => metric.scorer === column.scorer_name && metric.path === column.summary_metric_path,
  );
  return kept
    ? { ...column, evaluation_object_ref: ref }
    : { ...firstColumn(choice), evaluation_object_ref: ref };
}

/** Another scorer, with what a reader would look at first: a mean or a share, no count. */
export function withScorer(column: ColumnWire, choice: Choice | undefined, scorer: string): ColumnWire {
  const paths = pathsOf(choice, scorer);
  const path = paths.find((one) => /(^|\.)(mean|true_fraction)$/.test(one)) ?? paths[0] ?? "";
  return { ...column, scorer_name: scorer, summary_metric_path: path };
}

/** `options` with what is chosen among them, though no run has it any more. */
export function withChosen(options: readonly string[], chosen: string): string[] {
  return chosen === "" || options.includes(chosen) ? [...options] : [chosen, ...options];
}
