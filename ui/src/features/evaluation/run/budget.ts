/** Budgets that are worth proposing, and whether one will do. Pure. */

import type { Schema } from "~/api/client";
import { NANO, nusd, parseUsd, usd } from "~/lib/money";
import type { Draft, EvalEstimate } from "../draft/types";

export type Standing = Schema<"OwnLimits">;

/**
 * A budget with room above the estimate: the dear end and a fifth more, and what must be free for the last question.
 * Rounded up to two digits, and never more than the evaluation can cost at the very worst.
 */
export function suggestBudget(estimate: EvalEstimate): bigint {
  const high = nusd(estimate.high_nusd);
  const most = nusd(estimate.most_nusd);
  const wanted = (high * 6n) / 5n + nusd(estimate.keeps_nusd);
  const capped = most > 0n && wanted > most ? most : wanted;
  return roundUp(capped);
}

/** What a proposed budget is made of. */
export function proposalText(estimate: EvalEstimate): string {
  const keeps = nusd(estimate.keeps_nusd);
  if (keeps * 2n < suggestBudget(estimate)) return "Proposed: a fifth above the dear end.";
  return `Proposed: mostly ${usd(keeps)}, the worst case of one question, which must be free. Fewer max. tokens need less.`;
}

/** What was typed as dollars, exactly; without more zeros than it takes. */
export function dollars(amount: bigint): string {
  const fraction = (amount % NANO).toString().padStart(9, "0").replace(/0+$/, "");
  return `${amount / NANO}${fraction === "" ? "" : `.${fraction}`}`;
}

/** The budget of a draft; null where there is none; a problem where it is no amount. */
export function budgetOf(
  budget: Draft["budget"],
  estimate: EvalEstimate | undefined,
): { nusd: bigint | null; problem: string | null } {
  if (budget.by === "none") return { nusd: null, problem: null };
  if (budget.by === "suggested")
    return estimate ? { nusd: suggestBudget(estimate), problem: null } : { nusd: null, problem: "" };
  // A comma that parts no thousands is somebody's decimal point, and ten times the money.
  if (/,(?!\d{3}(?!\d))/.test(budget.typed))
    return { nusd: null, problem: "Write the point as a point: 2.50." };
  const typed = parseUsd(budget.typed);
  if (typed === null) return { nusd: null, problem: "Type dollars, such as 2.50." };
  if (typed === 0n) return { nusd: null, problem: "Nothing can be asked for nothing." };
  return { nusd: typed, problem: null };
}

/** What to expect of a budget, where it is tight. */
export function budgetWarning(budget: bigint | null, estimate: EvalEstimate): string | null {
  if (budget === null) return null;
  const keeps = nusd(estimate.keeps_nusd);
  if (budget < keeps)
    return `Not one question can be asked: the worst case of one is ${usd(keeps)}, and that must be free.`;
  if (budget < nusd(estimate.cost_nusd) + keeps)
    return "It will likely run out before the end. What is done by then is kept, and can be resumed.";
  if (budget < nusd(estimate.high_nusd) + keeps) return "It may run out before the end, if answers are long.";
  return null;
}

/** Why the team's credit or caps do not pay for what is likely; null where they do. */
export function standingProblem(standing: Standing, estimate: EvalEstimate): string | null {
  const cost = nusd(estimate.cost_nusd);
  if (cost === 0n) return null;
  const { credit } = standing;
  if (credit.when_it_ends === "refuse" && nusd(credit.left_nusd) < cost)
    return `The team has ${usd(nusd(credit.left_nusd))} of credit left, and ${usd(cost)} are likely. Ask an admin to buy credit, take fewer rows, or a cheaper model.`;
  const short = standing.limits.find(
    (limit) => limit.kind === "spend" && limit.model === null && nusd(String(limit.left)) < cost,
  );
  if (short)
    return `The cap of ${short.scope} ${short.name} has ${usd(nusd(String(short.left)))} left, and ${usd(cost)} are likely. Ask an admin to raise it, or take fewer rows.`;
  return null;
}

function roundUp(amount: bigint): bigint {
  const digits = amount.toString().length;
  if (digits <= 2) return amount === 0n ? 0n : amount;
  const unit = 10n ** BigInt(digits - 2);
  return ((amount + unit - 1n) / unit) * unit;
}
