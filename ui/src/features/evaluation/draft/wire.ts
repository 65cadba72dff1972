/** From a draft to what the server is asked, and what is missing for it. Pure. */

import type { RowsColumn } from "~/lib/rows/types";
import { shownName } from "./make";
import { canBeNamed, unknownPlaces } from "./templates";
import type { Draft, EvalWanted, Missing, ModelDraft, ScorerDraft, Step } from "./types";

type WireModel = EvalWanted["models"][number];
type WireScorer = EvalWanted["scorers"][number];
type Note = (text: string, key?: string) => void;

export interface Readiness {
  /** Null while something is missing. */
  wanted: EvalWanted | null;
  missing: Missing[];
}

export const MAX_MODELS = 16;
export const MAX_SCORERS = 20;
const MAX_TRIALS = 100;
const MAX_PARALLEL = 64;
const USER_INPUT = "user_input";

/** What the server is asked, without a budget; or all that is missing, each where it belongs. */
export function readinessOf(draft: Draft): Readiness {
  const missing: Missing[] = [];
  const at =
    (step: Step): Note =>
    (text, key) =>
      missing.push({ step, key: key ?? null, text });
  const columns = draft.dataset?.sheet?.columns ?? null;
  checkDataset(draft, columns, at("dataset"));
  const models = draft.models.map((model) => wireModel(model, at("models")));
  if (models.length === 0) at("models")("Add the models that are to be compared, at least one.");
  refuseDoubles(
    draft.models.map((model) => [model.key, shownName(model)]),
    at("models"),
  );
  const scorers = draft.scorers.map((scorer) => wireScorer(scorer, draft, columns, at("scorers")));
  if (scorers.length === 0) at("scorers")("Add a scorer, at least one: it says how good an answer is.");
  refuseDoubles(
    draft.scorers.map((scorer) => [scorer.key, scorer.name]),
    at("scorers"),
  );
  const trials = wholeOf(draft.trials, "Trials", MAX_TRIALS, at("run"));
  const concurrency = wholeOf(draft.concurrency, "Questions at a time", MAX_PARALLEL, at("run"));
  const published = draft.dataset?.published;
  if (missing.length > 0 || !published) return { wanted: null, missing };
  const wanted: EvalWanted = {
    name: draft.name.trim() || `${draft.dataset?.name} evaluation`.slice(0, 128),
    description: draft.description.trim() || null,
    dataset_ref: published.ref,
    models,
    scorers,
    input: draft.input.by === "template" ? { template: draft.input.template } : { field: draft.input.field },
    trials,
    concurrency,
    pilot_rows: 0,
  };
  return { wanted, missing };
}

function checkDataset(draft: Draft, columns: readonly RowsColumn[] | null, note: Note): void {
  const { dataset, input, target } = draft;
  if (!dataset || dataset.total === 0) {
    note(dataset ? "The dataset has no rows. Add some." : "Choose the rows: a file, new ones, or a dataset.");
    return;
  }
  const names = columns?.map((column) => column.name);
  if (dataset.name.trim() === "") note("Give the dataset a name.");
  if (!dataset.published)
    note("Publish the dataset, so that the evaluation names a version that stays as it is.");
  if (names?.includes(USER_INPUT) && (input.by === "template" || input.field !== USER_INPUT))
    note(`Every model is asked with ${USER_INPUT} by itself: choose it as the input, or rename that column.`);
  if (input.by === "template") {
    if (input.template.trim() === "") note("Write the template that the models are asked with.");
    const unknown = names ? unknownPlaces(input.template, names) : [];
    if (unknown.length > 0) note(`The template names what is no column: ${unknown.join(", ")}.`);
  } else if (input.field === "" || names?.includes(input.field) === false)
    note("Choose the column that the models are asked with.");
  else if (!canBeNamed(input.field))
    note(
      `Rename the column ${input.field}: models can be asked with names of letters, digits and underscores.`,
    );
  if (target !== "" && names?.includes(target) === false) note("Choose the column with what is expected.");
}

function wireModel(model: ModelDraft, note: Note): WireModel {
  if (model.saved) return { ref: model.saved.ref, system: "", params: { messages_template: [] } };
  const figure = (text: string, label: string, most: number, isWhole = false): number | undefined => {
    if (text.trim() === "") return undefined;
    const value = Number(text);
    if (Number.isFinite(value) && value >= 0 && value <= most && (!isWhole || Number.isInteger(value)))
      return value;
    note(
      `${label} is ${isWhole ? "a whole number" : "a number"} from 0 to ${most.toLocaleString("en")}.`,
      model.key,
    );
    return undefined;
  };
  const temperature = figure(model.temperature, "Temperature", 2);
  const topP = figure(model.topP, "Top P", 1);
  const maxTokens = figure(model.maxTokens, "Maximum tokens", 100_000_000, true);
  if (model.name.trim() === "") note("Give it a name.", model.key);
  return {
    model: model.model,
    name: model.name.trim(),
    system: model.system,
    params: {
      messages_template: [],
      ...(temperature === undefined ? {} : { temperature }),
      ...(topP === undefined ? {} : { top_p: topP }),
      ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
    },
  };
}

function wireScorer(
  scorer: ScorerDraft,
  draft: Draft,
  columns: readonly RowsColumn[] | null,
  note: Note,
): WireScorer {
  const say = (text: string) => note(text, scorer.key);
  const base = { target_field: "expected", case_insensitive: false, tolerance: { absolute: 0, relative: 0 } };
  if (scorer.kind === "saved") return { ...base, ref: scorer.ref };
  if (scorer.name.trim() === "") say("Give it a name.");
  const target = scorer.target || draft.target;
  const wire: WireScorer = { ...base, kind: scorer.kind, name: scorer.name.trim() };
  if (target !== "") wire.target_field = target;
  const names = columns?.map((column) => column.name);
  if (needsTarget(scorer) && (target === "" || names?.includes(target) === false))
    say("Choose the column with what is expected.");
  switch (scorer.kind) {
    case "exact":
    case "contains":
      return { ...wire, case_insensitive: scorer.ignoreCase };
    case "regex":
      return {
        ...wire,
        case_insensitive: scorer.ignoreCase,
        ...(scorer.pattern === "" ? {} : { pattern: scorer.pattern }),
      };
    case "json_schema":
      return { ...wire, json_schema: schemaOf(scorer.schema, say) };
    case "numeric":
      return {
        ...wire,
        tolerance: {
          absolute: tolerance(scorer.absolute, "The tolerance", say),
          relative: tolerance(scorer.relative, "The share", say) / 100,
        },
      };
    case "judge":
      return { ...wire, judge: judgeOf(scorer, target, names, say) };
  }
}

/** Whether it compares with a column. */
export function needsTarget(scorer: ScorerDraft): boolean {
  if (scorer.kind === "regex") return scorer.pattern === "";
  return scorer.kind === "exact" || scorer.kind === "contains" || scorer.kind === "numeric";
}

function judgeOf(
  { judge }: ScorerDraft,
  target: string,
  names: readonly string[] | undefined,
  say: (text: string) => void,
): NonNullable<WireScorer["judge"]> {
  if (judge.model === "") say("Choose the model that judges.");
  if (!/\{\{\s*output\s*\}\}/.test(judge.template))
    say("Name {{output}} in the template: else nothing is judged.");
  const unknown = names ? unknownPlaces(judge.template, judgePlaces(names, target)) : [];
  if (unknown.length > 0) say(`The template names what is no column: ${unknown.join(", ")}.`);
  const tokens = Number(judge.maxTokens);
  if (judge.maxTokens.trim() !== "" && !(Number.isInteger(tokens) && tokens >= 1))
    say("The longest verdict is a whole number of tokens.");
  return {
    model: judge.model,
    template: judge.template,
    answer: judge.answer,
    system: judge.system,
    params: { messages_template: [], ...(tokens >= 1 ? { max_tokens: tokens } : {}) },
  };
}

/** What a judge's template may name. */
export function judgePlaces(columns: readonly string[], target: string): string[] {
  const own = ["input", "output", ...(target === "" ? [] : ["target"])];
  return [...own, ...columns.filter((column) => canBeNamed(column) && !own.includes(column))];
}

function schemaOf(text: string, say: (text: string) => void): WireScorer["json_schema"] {
  try {
    const value: unknown = text.trim() === "" ? {} : JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as WireScorer["json_schema"];
  } catch {
    // Said below.
  }
  say("The schema is no JSON object.");
  return {};
}

function tolerance(text: string, label: string, say: (text: string) => void): number {
  const value = Number(text.trim() || "0");
  if (Number.isFinite(value) && value >= 0) return value;
  say(`${label} is a number from 0 on.`);
  return 0;
}

function wholeOf(text: string, label: string, most: number, note: Note): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  note(`${label}: a whole number from 1 to ${most}.`);
  return 1;
}

function refuseDoubles(named: [key: string, name: string][], note: Note): void {
  for (const [index, [key, name]] of named.entries())
    if (named.findIndex(([, other]) => other === name) < index)
      note(`Another one is called ${name}: give it a name of its own.`, key);
}
