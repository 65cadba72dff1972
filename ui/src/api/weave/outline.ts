import { askJson } from "./ask";

/** What calls tell of their use of models, by columns: the n-th entry of each belongs to the n-th use. */
export interface OutlineUses {
  /** Where the call stands in the outline. */
  calls: number[];
  models: number[];
  input_tokens: number[];
  output_tokens: number[];
  cache_read_tokens: number[];
  cache_write_tokens: number[];
  /** -1 where the model has no price. */
  prices: number[];
}

/** Nano-dollars for a million tokens, as texts. */
export interface OutlinePrice {
  input: string;
  output: string;
  cache_read: string;
  cache_write: string;
}

/** A trace by columns: the n-th entry of each belongs to the n-th call, the first that began first. */
export interface Outline {
  trace_id: string;
  began_at_us: number;
  ids: string[];
  /** Where the parent stands; -1 for none. */
  parents: number[];
  op_names: string[];
  ops: number[];
  /** By id, of the calls that were given one. */
  display_names: Record<string, string>;
  /** From `began_at_us` on. */
  starts_us: number[];
  /** Null while a call runs. */
  lengths_us: (number | null)[];
  statuses: string[];
  status: number[];
  models: string[];
  prices: OutlinePrice[];
  uses: OutlineUses;
}

/** All calls of the trace that a call is in, without their texts; null if there is no such call. */
export async function readOutline(
  project: string,
  callId: string,
  signal?: AbortSignal,
): Promise<Outline | null> {
  const body = { project_id: project, call_id: callId };
  return (await askJson<{ outline: Outline | null }>("/traces/trace/outline", body, signal)).outline;
}
