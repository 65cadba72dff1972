import type { Call, Feedback } from "~/api/weave/calls";

/** Figures of a call that stand in several places of it. Pure. */

export interface TokenSum {
  input: number;
  output: number;
}

/** Tokens of a call and all below it, over all models; null if it tells of none. */
export function tokensOf(call: Call): TokenSum | null {
  const told = Object.values(call.summary?.usage ?? {});
  if (told.length === 0) return null;
  let [input, output] = [0, 0];
  for (const one of told) {
    input += number(one.prompt_tokens) || number(one.input_tokens);
    output += number(one.completion_tokens) || number(one.output_tokens);
  }
  return { input, output };
}

/** What a call cost, in nano-dollars: what our own door charged, else its tokens at their prices; null if unknown. */
export function costOf(call: Call): bigint | null {
  const charged = call.summary?.weft?.cost_nusd;
  if (typeof charged === "string" && /^\d{1,30}$/.test(charged)) return BigInt(charged);
  if (typeof charged === "number" && Number.isSafeInteger(charged)) return BigInt(charged);
  const costs = Object.values(call.summary?.weave?.costs ?? {});
  if (costs.length === 0) return null;
  let dollars = 0;
  for (const one of costs)
    for (const part of PARTS) dollars += number((one as Record<string, unknown>)[`${part}_total_cost`]);
  return BigInt(Math.round(dollars * 1e9));
}

const PARTS = [
  "prompt_tokens",
  "completion_tokens",
  "cache_read_input_tokens",
  "cache_creation_input_tokens",
];

/** The models that a call and all below it used. */
export function modelsOf(call: Call): string[] {
  return Object.keys(call.summary?.usage ?? {});
}

export function latencyMs(call: Call): number | null {
  const told = call.summary?.weave?.latency_ms;
  return typeof told === "number" ? told : null;
}

export type Status = "success" | "error" | "running" | "descendant_error";

export function statusOf(call: Call): Status {
  return call.summary?.weave?.status ?? (call.exception ? "error" : call.ended_at ? "success" : "running");
}

export interface FeedbackSum {
  /** Each with how often it was given. */
  emoji: [string, number][];
  notes: number;
  /** Results of scorers and annotations: their name and what they say. */
  results: { field: string; name: string; value: unknown }[];
}

const RUNNABLE = "wandb.runnable.";
const ANNOTATION = "wandb.annotation.";

/** What feedback a call has, summed up. */
export function feedbackOf(given: Feedback[] | undefined): FeedbackSum {
  const emoji = new Map<string, number>();
  const sum: FeedbackSum = { emoji: [], notes: 0, results: [] };
  for (const one of given ?? []) {
    const { feedback_type: type, payload } = one;
    if (type === "wandb.reaction.1") {
      const shown = String(payload.emoji ?? payload.alias ?? "");
      emoji.set(shown, (emoji.get(shown) ?? 0) + 1);
    } else if (type === "wandb.note.1") sum.notes += 1;
    else if (type.startsWith(RUNNABLE))
      sum.results.push({ field: type, name: type.slice(RUNNABLE.length), value: payload.output });
    else if (type.startsWith(ANNOTATION))
      sum.results.push({ field: type, name: type.slice(ANNOTATION.length), value: payload.value });
    else sum.results.push({ field: type, name: type, value: payload });
  }
  sum.emoji = [...emoji];
  return sum;
}

function number(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}
