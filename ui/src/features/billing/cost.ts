import type { Schema } from "~/api/client";
import { exactUsd, nusd } from "~/lib/money";

export type CostStep = Schema<"CostStep">;

const MILLION = 1_000_000n;

/** Millionths of nano-dollars as nano-dollars, with as many decimals as it takes: `600`, `0.000001`. */
export function inNano(product: string): string {
  const amount = BigInt(product);
  const rest = (amount % MILLION).toString().padStart(6, "0").replace(/0+$/, "");
  const whole = (amount / MILLION).toString().replace(/\B(?=(\d{3})+$)/g, ",");
  return rest ? `${whole}.${rest}` : whole;
}

/** What a step of a cost is about. */
export function stepLabel(step: CostStep): string {
  switch (step.what) {
    case "input":
      return "Input, not cached";
    case "cached_input":
      return "Input from the cache";
    case "output":
      return "Output, reasoning included";
    default:
      return step.what;
  }
}

/** The last lines of the sum: what it comes to, rounded up once, and what was charged. */
export function costLines(cost: Schema<"CostInfo">): { label: string; figure: string }[] {
  const lines = [
    { label: "Sum", figure: `${inNano(cost.sum)} nano-dollars` },
    { label: "Rounded up once", figure: `${inNano(`${cost.rounded_nusd}000000`)} nano-dollars` },
  ];
  if (cost.capped)
    lines.push({ label: "But no more than was reserved", figure: exactUsd(nusd(cost.charged_nusd)) });
  else if (cost.charged_nusd !== cost.rounded_nusd)
    lines.push({ label: "Not charged in full", figure: exactUsd(nusd(cost.charged_nusd)) });
  return lines;
}
