import { parseUsd } from "~/lib/money";
import type { MonitorWanted } from "./queries";
import { type RuleForm, ruleProblem, ruleWanted } from "./ruleForm";
import { type ScorerForm, scorerProblem, scorerWanted } from "./scorerForm";

/** A monitor as it is written. */
export interface MonitorForm {
  name: string;
  description: string;
  /** None: every op. */
  ops: string[];
  /** JSON, or nothing. */
  query: string;
  /** Percent. */
  sampling: string;
  scorers: ScorerForm[];
  /** Dollars for a day. */
  budget: string;
  rules: RuleForm[];
}

export type Problems = Partial<
  Record<"name" | "query" | "sampling" | "scorers" | "budget" | "rules", string>
>;

export const EMPTY_FORM: MonitorForm = {
  name: "",
  description: "",
  ops: [],
  query: "",
  sampling: "10",
  scorers: [],
  budget: "1",
  rules: [],
};

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;

/** What is wrong, by field; empty where nothing is. `max` is the most that a budget may be, in nano-dollars. */
export function problemsOf(form: MonitorForm, max: bigint): Problems {
  const problems: Problems = {};
  if (!NAME.test(form.name)) problems.name = "1 to 128 letters, digits, dots, dashes and underscores.";
  else if (form.name === "new") problems.name = "Another name: this one is the form's own address.";
  const query = queryOf(form.query);
  if (query === undefined) problems.query = 'JSON of a query: {"$expr": ...}.';
  const share = Number(form.sampling);
  if (form.sampling.trim() === "" || !(share >= 0 && share <= 100)) problems.sampling = "0 to 100.";
  if (form.scorers.length === 0) problems.scorers = "Add a scorer.";
  else {
    const names = form.scorers.map((one) => one.name);
    const wrong = form.scorers.map(scorerProblem).find(Boolean);
    if (wrong) problems.scorers = wrong;
    else if (new Set(names).size < names.length) problems.scorers = "Each scorer has a name of its own.";
  }
  const budget = parseUsd(form.budget);
  if (budget === null || budget < 0n) problems.budget = "Write an amount, such as 2.50.";
  else if (max > 0n && budget > max) problems.budget = "More than this server allows for a day.";
  const rule = form.rules.map(ruleProblem).find(Boolean);
  if (rule) problems.rules = rule;
  return problems;
}

/** The query that a text writes; null for none, undefined for what is no JSON object. */
export function queryOf(text: string): Record<string, unknown> | null | undefined {
  if (text.trim() === "") return null;
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === "object" && read !== null && !Array.isArray(read)
      ? (read as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Whether one of its scorers asks a model. */
export function asksModels(form: MonitorForm): boolean {
  return form.scorers.some((one) => one.kind === "judge" || one.asksModel);
}

/** The form as the server takes it; only where `problemsOf` finds nothing. */
export function wantedOf(form: MonitorForm): MonitorWanted {
  return {
    description: form.description.trim(),
    active: true,
    sampling_rate: Number(form.sampling) / 100,
    op_names: form.ops,
    query: queryOf(form.query) ?? null,
    scorers: form.scorers.map(scorerWanted),
    budget_nusd: asksModels(form) ? String(parseUsd(form.budget) ?? 0n) : "0",
    rules: form.rules.map(ruleWanted),
  };
}
