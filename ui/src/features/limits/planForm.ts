/** Changing a plan: what was typed to the keys of `plans.toml`. Pure. */

import type { Schema } from "~/api/client";
import { exactUsd, nusd, parseUsd } from "~/lib/money";

export interface PlanForm {
  included: string;
  ends: string;
  cap: string;
  period: string;
  weight: string;
}

/** The form of a plan as it is. */
export function formOf(plan: Schema<"PlanInfo">): PlanForm {
  const dollars = (text: string) => exactUsd(nusd(text)).replace(/[$,]/g, "");
  return {
    included: dollars(plan.included_nusd_per_month),
    ends: plan.when_credit_ends,
    cap: plan.cap_nusd ? dollars(plan.cap_nusd) : "",
    period: plan.cap_period ?? "month",
    weight: String(plan.weight),
  };
}

/** What is wrong with each field. */
export function planMistakes(form: PlanForm): Partial<Record<keyof PlanForm, string>> {
  const found: Partial<Record<keyof PlanForm, string>> = {};
  if (parseUsd(form.included) === null) found.included = "Write dollars, such as 20.";
  if (form.cap.trim() !== "" && parseUsd(form.cap) === null) found.cap = "Write dollars, or nothing.";
  const weight = Number(form.weight);
  if (!/^\d{1,4}$/.test(form.weight) || weight < 1 || weight > 1000) found.weight = "From 1 to 1000.";
  return found;
}

/** What differs from the plan as it is, in the words of `plans.toml`; money stands in texts, exactly. */
export function planChanges(form: PlanForm, plan: Schema<"PlanInfo">): Record<string, string | number> {
  const before = formOf(plan);
  const changes: Record<string, string | number> = {};
  if (parseUsd(form.included) !== parseUsd(before.included))
    changes.included_usd_per_month = plain(form.included);
  if (form.ends !== before.ends) changes.when_credit_ends = form.ends;
  if (form.cap.trim() !== before.cap || (form.cap.trim() !== "" && form.period !== before.period)) {
    changes.cap_usd = form.cap.trim() === "" ? "none" : plain(form.cap);
    if (form.cap.trim() !== "") changes.cap_period = form.period;
  }
  if (form.weight !== before.weight) changes.weight = Number(form.weight);
  return changes;
}

function plain(text: string): string {
  return text.trim().replace(/[$,]/g, "");
}
