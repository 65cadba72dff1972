/** Limits in words and figures. Pure. Money is text of nano-dollars, counts are numbers. */

import type { Schema } from "~/api/client";
import { count } from "~/lib/format";
import { nusd, parseUsd, percent, usd } from "~/lib/money";

export type Limit = Schema<"StandingLimit">;
export type Own = Schema<"LimitCount">;
export type Kind = Own["kind"];
export type Scope = Own["scope"];
export type Period = NonNullable<Own["period"]>;

export const KIND_LABELS: Record<Kind, string> = {
  concurrency: "Requests in flight",
  requests: "Requests",
  tokens: "Tokens",
  spend: "Spend",
  credits: "Credit",
};

export const SCOPE_LABELS: Record<string, string> = {
  team: "Team",
  project: "Project",
  project_model: "Project and model",
  key: "Key",
  user: "User",
};

/** Which kinds are counted for whom, and over which windows: as the server has it (`limits/rules.py`). */
export const CHOICES: Record<string, { scopes: Scope[]; periods: Period[] }> = {
  spend: { scopes: ["key", "user", "project", "team"], periods: ["day", "month", "year"] },
  concurrency: { scopes: ["user", "project", "project_model"], periods: [] },
  requests: { scopes: ["key", "user", "project"], periods: ["minute"] },
  tokens: { scopes: ["key", "user", "project"], periods: ["minute"] },
};

/** `$5.00` of money, `1,200` of counts. */
export function figure(kind: Kind, amount: number | string): string {
  return typeof amount === "string" && (kind === "spend" || kind === "credits")
    ? usd(nusd(amount))
    : count(Number(amount));
}

/** `Spend per day`, `Requests in flight`. */
export function title(limit: { kind: Kind; period: Period | null; model?: string | null }): string {
  const window = limit.period ? ` per ${limit.period}` : "";
  return `${KIND_LABELS[limit.kind]}${window}${limit.model ? ` of ${limit.model}` : ""}`;
}

/** How much is used, in percent; a limit of 0 is used up. */
export function used(limit: { current: number | string; max: number | string }): number {
  const whole = BigInt(limit.max);
  return whole === 0n ? 100 : percent(BigInt(limit.current), whole);
}

/** What was typed as the highest figure, as the server takes it; or what is wrong with it. */
export function readMax(kind: Kind, text: string): { max: number | string } | { error: string } {
  if (kind === "spend") {
    const amount = parseUsd(text);
    return amount === null
      ? { error: "Write dollars with at most nine decimals, such as 25 or 0.50." }
      : { max: amount.toString() };
  }
  const plain = text.trim().replaceAll(",", "");
  return /^\d{1,12}$/.test(plain) ? { max: Number(plain) } : { error: "Write a whole number, such as 60." };
}

/** Whether some of a list is worth showing to whoever only wants what was set, or is in use. */
export function isTelling(limit: Limit): boolean {
  return limit.rule !== null || limit.kind === "spend" || used(limit) > 0;
}
