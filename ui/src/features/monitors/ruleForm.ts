import type { Schema } from "~/api/client";
import type { Rule } from "./queries";
import { figureName } from "./words";

/** An alert rule as it is written. */
export interface RuleForm {
  key: string;
  /** Empty for a new one. */
  id: string;
  measure: Rule["measure"];
  /** `Scorer.field`, or `Scorer`. */
  figure: string;
  side: "above" | "below";
  /** Of a share: percent. */
  threshold: string;
  window: string;
  every: string;
  least: string;
}

export const MEASURES: { value: Rule["measure"]; label: string }[] = [
  { value: "share", label: "Share that is true" },
  { value: "mean", label: "Mean" },
  { value: "count_true", label: "How many are true" },
  { value: "count_false", label: "How many are false" },
  { value: "errors", label: "Judgements that failed" },
];

const MOST_MINUTES = 7 * 24 * 60;

export function newRule(key: string, figure: string): RuleForm {
  return {
    ...{ key, id: "", measure: "share", figure, side: "above" },
    ...{ threshold: "10", window: "60", every: "60", least: "10" },
  };
}

export function ruleForm(rule: Rule): RuleForm {
  return {
    key: rule.id,
    id: rule.id,
    measure: rule.measure,
    figure: figureName(rule),
    side: rule.is_above ? "above" : "below",
    threshold: String(rule.measure === "share" ? rule.threshold * 100 : rule.threshold),
    window: String(rule.window_minutes),
    every: String(rule.every_minutes),
    least: String(rule.least_n),
  };
}

export function ruleProblem(form: RuleForm): string {
  if (form.measure !== "errors" && !form.figure.trim())
    return "A rule names a figure, such as Judge.flagged.";
  if (form.threshold.trim() === "" || Number.isNaN(Number(form.threshold))) return "A threshold is a number.";
  for (const text of [form.window, form.every]) {
    const minutes = Number(text);
    if (!Number.isInteger(minutes) || minutes < 1 || minutes > MOST_MINUTES) {
      return `Minutes are 1 to ${MOST_MINUTES}, a week.`;
    }
  }
  const least = Number(form.least);
  return Number.isInteger(least) && least >= 1 && least <= 100_000 ? "" : "Results are 1 to 100000.";
}

export function ruleWanted(form: RuleForm): Schema<"MonitorRule"> {
  const [scorer = "", ...field] = form.measure === "errors" ? [] : form.figure.trim().split(".");
  const number = Number(form.threshold);
  return {
    id: form.id,
    measure: form.measure,
    scorer,
    field: field.join("."),
    is_above: form.side === "above",
    threshold: form.measure === "share" ? number / 100 : number,
    window_minutes: Number(form.window),
    every_minutes: Number(form.every),
    least_n: Number(form.least),
  };
}
