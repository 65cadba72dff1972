import type { Schema } from "~/api/client";
import { type Signal, signalPrompt } from "./signals";

export type ScorerKind =
  | "judge"
  | "kept"
  | "FailureScorer"
  | "ValidJSONScorer"
  | "JSONSchemaScorer"
  | "RegexScorer"
  | "ContainsScorer"
  | "ExactMatchScorer";

/** A scorer as it is written. */
export interface ScorerForm {
  key: string;
  kind: ScorerKind;
  name: string;
  /** Of one that stays as it is. */
  ref: string;
  asksModel: boolean;
  model: string;
  prompt: string;
  maxTokens: string;
  /** A regular expression; a JSON schema; the name of an input. */
  detail: string;
}

/** Kinds that ask no model, and what each needs. */
export const PLAIN_KINDS: { kind: ScorerKind; label: string; detail: string; hint: string }[] = [
  {
    kind: "FailureScorer",
    label: "Failures by kind",
    detail: "",
    hint: "What kind of failure a failed call is: rate limited, request too large, network error, bad request, bad response, or a bug.",
  },
  { kind: "ValidJSONScorer", label: "Valid JSON", detail: "", hint: "The output is JSON." },
  {
    kind: "JSONSchemaScorer",
    label: "Fits a JSON schema",
    detail: "JSON schema",
    hint: "The output is JSON, and as the schema says.",
  },
  {
    kind: "RegexScorer",
    label: "Regular expression",
    detail: "Pattern",
    hint: "The pattern is found anywhere in the output.",
  },
  {
    kind: "ContainsScorer",
    label: "Contains an input",
    detail: "Name of the input",
    hint: "The output holds the text of that input of the call.",
  },
  {
    kind: "ExactMatchScorer",
    label: "Equals an input",
    detail: "Name of the input",
    hint: "The output is that input of the call.",
  },
];

const NAME = /^[\w-]{1,128}$/;
const BASES = ["Model", "Object", "BaseModel"];
const MODEL = "LLMStructuredCompletionModel";
const PARAMS = "LLMStructuredCompletionModelDefaultParams";

export function newScorer(key: string, kind: ScorerKind, more: Partial<ScorerForm> = {}): ScorerForm {
  const blank = { ref: "", asksModel: kind === "judge", model: "", prompt: "", maxTokens: "300", detail: "" };
  return { key, kind, name: kind === "judge" ? "Judge" : kind.replace(/Scorer$/, ""), ...blank, ...more };
}

export function signalScorer(key: string, signal: Signal, model: string): ScorerForm {
  return newScorer(key, "judge", { name: signal.name, prompt: signalPrompt(signal), model });
}

/** What is wrong with it; empty where nothing is. */
export function scorerProblem(form: ScorerForm): string {
  if (form.kind === "kept") return "";
  if (!NAME.test(form.name)) return "A scorer's name has letters, digits, dashes and underscores.";
  if (form.kind === "judge") {
    if (!form.model) return `${form.name} needs a model.`;
    if (!form.prompt.includes("{output}")) return `${form.name}: its prompt has to name {output}.`;
    const most = Number(form.maxTokens);
    if (!Number.isInteger(most) || most < 1 || most > 100_000) return `${form.name}: 1 to 100000 tokens.`;
    return "";
  }
  const plain = PLAIN_KINDS.find((one) => one.kind === form.kind);
  if (plain?.detail && !form.detail.trim()) return `${form.name}: ${plain.detail.toLowerCase()} is missing.`;
  if (form.kind === "JSONSchemaScorer" && !isJson(form.detail)) return `${form.name}: the schema is no JSON.`;
  return "";
}

/** As the server takes it. */
export function scorerWanted(form: ScorerForm): Schema<"MonitorScorerWanted"> {
  if (form.kind === "kept") return { ref: form.ref, kind: "", name: "" };
  if (form.kind !== "judge") {
    return { ref: "", kind: form.kind, name: form.name, settings: plainSettings(form) };
  }
  const model = {
    _type: MODEL,
    name: null,
    description: null,
    llm_model_id: form.model,
    default_params: {
      _type: PARAMS,
      messages_template: [],
      temperature: 0,
      max_tokens: Number(form.maxTokens),
      response_format: "json_object",
      _class_name: PARAMS,
      _bases: ["BaseModel"],
    },
    _class_name: MODEL,
    _bases: BASES,
  };
  const settings = { column_map: null, model, scoring_prompt: form.prompt };
  return { ref: "", kind: "LLMAsAJudgeScorer", name: form.name, settings };
}

/** A scorer of a monitor that is there: to be changed where this form knows all of it, else as it is. */
export function scorerForm(told: Schema<"MonitorScorer">): ScorerForm {
  const { ref, name, settings } = told;
  const key = ref || name;
  const model = settings.model as {
    llm_model_id?: unknown;
    default_params?: { max_tokens?: unknown };
  } | null;
  if (told.kind === "LLMAsAJudgeScorer" && model && typeof model === "object") {
    const { llm_model_id: id, default_params: params } = model;
    if (typeof settings.scoring_prompt === "string" && typeof id === "string") {
      const maxTokens = String(params?.max_tokens ?? 300);
      return newScorer(key, "judge", { name, model: id, prompt: settings.scoring_prompt, maxTokens });
    }
  }
  return newScorer(key, "kept", { name, ref, asksModel: Boolean(told.model) });
}

function plainSettings(form: ScorerForm): Record<string, unknown> {
  switch (form.kind) {
    case "RegexScorer":
      return { pattern: form.detail };
    case "JSONSchemaScorer":
      return { json_schema: JSON.parse(form.detail) as unknown };
    case "ContainsScorer":
    case "ExactMatchScorer":
      return { column: form.detail.trim() };
    default:
      return {};
  }
}

function isJson(text: string): boolean {
  try {
    return typeof JSON.parse(text) === "object";
  } catch {
    return false;
  }
}
