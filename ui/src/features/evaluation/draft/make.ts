/** Beginnings of drafts. Pure but for keys. */

import type { RowsColumn, Sheet } from "~/lib/rows/types";
import type { DatasetDraft, Draft, ModelDraft, ScorerDraft } from "./types";

export const JUDGE_TEMPLATE = `Question:
{{input}}

Answer:
{{output}}

Expected answer:
{{target}}

Does the answer say the same as the expected answer?`;

const INPUTS = ["user_input", "input", "question", "prompt"];
const TARGETS = ["expected", "target", "answer", "output", "label", "expected_output"];

export function newKey(): string {
  return crypto.randomUUID();
}

export function newDraft(): Draft {
  return {
    name: "",
    description: "",
    dataset: null,
    input: { by: "field", field: "", template: "" },
    target: "",
    models: [],
    scorers: [],
    trials: "1",
    concurrency: "8",
    budget: { by: "suggested", typed: "" },
  };
}

export function newDataset(name: string, sheet: Sheet, more: Partial<DatasetDraft> = {}): DatasetDraft {
  return {
    key: newKey(),
    name,
    description: "",
    sheet,
    isWhole: true,
    total: sheet.rows.length,
    published: null,
    notes: [],
    ...more,
  };
}

/** A model under a name that no other one of the draft has. */
export function newModel(model: string, others: readonly ModelDraft[]): ModelDraft {
  const plain = model.split(/\/|::/).at(-1) ?? model;
  return {
    key: newKey(),
    model,
    saved: null,
    name: unused(plain, others.map(shownName)),
    system: "",
    temperature: "",
    topP: "",
    maxTokens: "",
  };
}

/** A scorer under a name that no other one of the draft has. */
export function newScorer(kind: ScorerDraft["kind"], others: readonly ScorerDraft[]): ScorerDraft {
  return {
    key: newKey(),
    kind,
    name: unused(
      kind,
      others.map((one) => one.name),
    ),
    ref: "",
    target: "",
    ignoreCase: false,
    pattern: "",
    schema: '{\n  "type": "object"\n}',
    absolute: "0",
    relative: "0",
    judge: { model: "", template: JUDGE_TEMPLATE, answer: "pass_fail", system: "", maxTokens: "" },
  };
}

export function shownName(model: ModelDraft): string {
  return model.saved?.name ?? model.name;
}

/** The columns that are likely meant as question and as what is expected. */
export function guessRoles(columns: readonly RowsColumn[]): { field: string; target: string } {
  const names = columns.map((column) => column.name);
  const like = (wanted: string[]): string | undefined =>
    wanted.flatMap((one) => names.filter((name) => name.toLowerCase() === one))[0];
  const field = like(INPUTS) ?? names[0] ?? "";
  return { field, target: like(TARGETS.filter((one) => one !== field)) ?? "" };
}

function unused(wanted: string, taken: string[]): string {
  if (!taken.includes(wanted)) return wanted;
  for (let number = 2; ; number += 1)
    if (!taken.includes(`${wanted}-${number}`)) return `${wanted}-${number}`;
}
