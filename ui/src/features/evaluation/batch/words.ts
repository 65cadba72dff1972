/** What becomes of a batch, in words. Pure. */

import type { Tone } from "~/components/Badge";
import { sentence } from "~/lib/format";
import { nusd, percent } from "~/lib/money";
import type { EvalBatch, EvalRun } from "../draft/types";

type State = EvalBatch["state"] | EvalRun["state"];

const STATES: Record<State, { word: string; tone: Tone }> = {
  waiting: { word: "waiting", tone: "plain" },
  running: { word: "running", tone: "accent" },
  stopped: { word: "stopped", tone: "warn" },
  done: { word: "done", tone: "good" },
  out_of_budget: { word: "out of budget", tone: "warn" },
  failed: { word: "failed", tone: "bad" },
};

export function stateOf(state: State): { word: string; tone: Tone } {
  return STATES[state];
}

/** Why a batch is in its state and what to do about it, as sentences; empty where that goes without words. */
export function whyAndWhatNow({ reason, remedy }: Pick<EvalBatch, "reason" | "remedy">): string {
  return [reason, remedy].map(sentence).filter(Boolean).join(" ");
}

/** How far a run is, from 0 to 100. */
export function shareOf(done: number, total: number): number {
  return total === 0 ? 0 : (100 * done) / total;
}

/** The share of the budget that is spent; null without one. */
export function spentShare(batch: Pick<EvalBatch, "budget_nusd" | "spent_nusd">): number | null {
  return batch.budget_nusd === null ? null : percent(nusd(batch.spent_nusd), nusd(batch.budget_nusd));
}

/** Seconds until the last run ends, as far as anybody knows. */
export function secondsLeft(batch: Pick<EvalBatch, "state" | "runs">): number | null {
  if (batch.state !== "running") return null;
  const known = batch.runs.flatMap((run) => (run.seconds_left === null ? [] : [run.seconds_left]));
  return known.length === 0 ? null : Math.max(...known);
}

/** A larger budget that is worth proposing: what is left of the work at the price of what was done, and a fifth more. */
export function nextBudget(batch: EvalBatch): bigint | null {
  if (batch.budget_nusd === null) return null;
  const spent = nusd(batch.spent_nusd);
  const budget = nusd(batch.budget_nusd);
  if (batch.questions_done === 0) return budget * 2n;
  const whole = (spent * BigInt(batch.questions_total)) / BigInt(batch.questions_done);
  const wanted = (whole * 6n) / 5n + (budget - spent > 0n ? budget - spent : 0n);
  return wanted > budget ? wanted : budget;
}
