/** An evaluation that is being put together: figures are texts as they were typed. */

import type { Schema } from "~/api/client";
import type { PublishedDataset } from "~/api/weave/datasets";
import type { Sheet } from "~/lib/rows/types";

export type EvalWanted = Schema<"EvalWanted">;
export type EvalEstimate = Schema<"EvalEstimate">;
export type EvalBatch = Schema<"EvalBatch">;
export type EvalRun = EvalBatch["runs"][number];
export type ScorerKind = NonNullable<Schema<"EvalScorer">["kind"]>;

export interface DatasetDraft {
  /** Another one for other rows: the editor begins anew. */
  key: string;
  name: string;
  description: string;
  /** Null until its rows are read again. */
  sheet: Sheet | null;
  /** Whether the sheet has all rows; longer ones are shown in part, and not edited. */
  isWhole: boolean;
  total: number;
  /** The version that has just these rows; null after a change. */
  published: PublishedDataset | null;
  notes: string[];
}

export interface ModelDraft {
  key: string;
  /** The catalog's id; of a saved model the one that it asks. */
  model: string;
  /** Of a saved model; null for a new one. */
  saved: { ref: string; name: string; version: number } | null;
  name: string;
  system: string;
  temperature: string;
  topP: string;
  maxTokens: string;
}

export interface JudgeDraft {
  model: string;
  template: string;
  answer: "pass_fail" | "score";
  system: string;
  maxTokens: string;
}

export interface ScorerDraft {
  key: string;
  kind: ScorerKind | "saved";
  name: string;
  /** Of a published scorer. */
  ref: string;
  /** A column; empty: that of the dataset. */
  target: string;
  ignoreCase: boolean;
  pattern: string;
  schema: string;
  absolute: string;
  relative: string;
  judge: JudgeDraft;
}

export interface Draft {
  name: string;
  description: string;
  dataset: DatasetDraft | null;
  input: { by: "field" | "template"; field: string; template: string };
  /** The column that holds what is expected; empty if there is none. */
  target: string;
  models: ModelDraft[];
  scorers: ScorerDraft[];
  trials: string;
  concurrency: string;
  /** `suggested` follows the estimate; `own` is what was typed. */
  budget: { by: "suggested" | "own" | "none"; typed: string };
}

export type Step = "dataset" | "models" | "scorers" | "run";

/** What keeps the evaluation from starting. */
export interface Missing {
  step: Step;
  /** The card that it is about; null for the step. */
  key: string | null;
  text: string;
}
