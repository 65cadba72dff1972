/** What a call cost. Pure. */

import type { Call } from "~/api/weave/calls";

/** Dollars to nano-dollars: the Weave API tells costs as floats. */
export function nanoOf(dollars: number): bigint {
  return BigInt(Math.round(dollars * 1e9));
}

export interface Cost {
  nanoUsd: bigint;
  /** What was charged, not what prices make of tokens. */
  isCharged: boolean;
}

/** What a call cost: of a request at our own door, what was charged; else its tokens by their prices; null if unknown. */
export function costOf(call: Call): Cost | null {
  const charged = call.summary?.weft?.cost_nusd;
  if (typeof charged === "string" && /^-?\d+$/.test(charged))
    return { nanoUsd: BigInt(charged), isCharged: true };
  const costs = Object.values(call.summary?.weave?.costs ?? {});
  if (costs.length === 0) return null;
  return { nanoUsd: costs.reduce((sum, one) => sum + modelCost(one), 0n), isCharged: false };
}

const PARTS = [
  "prompt_tokens_total_cost",
  "completion_tokens_total_cost",
  "cache_read_input_tokens_total_cost",
  "cache_creation_input_tokens_total_cost",
];

/** What one model's use cost. */
export function modelCost(costs: Record<string, unknown>): bigint {
  return PARTS.reduce((sum, part) => {
    const dollars = costs[part];
    return typeof dollars === "number" && Number.isFinite(dollars) ? sum + nanoOf(dollars) : sum;
  }, 0n);
}

export interface ModelTokens {
  model: string;
  requests: number;
  input: number;
  output: number;
}

/** What models were used for in a call and below it, in the words of either API. */
export function tokensOf(call: Call): ModelTokens[] {
  return Object.entries(call.summary?.usage ?? {}).map(([model, usage]) => ({
    model,
    requests: usage.requests ?? 0,
    input: usage.prompt_tokens || usage.input_tokens || 0,
    output: usage.completion_tokens || usage.output_tokens || 0,
  }));
}
