import { ask, askJson, askLines } from "./ask";
import type { Query, SortBy } from "./query";

/** Tokens of one model in a call and below it, by the names that clients and engines use. */
export interface CallUsage {
  requests?: number;
  prompt_tokens?: number;
  completion_tokens?: number;
  input_tokens?: number;
  output_tokens?: number;
  total_tokens?: number;
  [more: string]: unknown;
}

/** Figures that the trace server makes of a call. */
export interface CallFigures {
  status?: "success" | "error" | "running" | "descendant_error";
  trace_name?: string;
  latency_ms?: number | null;
  /** By model: `prompt_tokens_total_cost` and more, in dollars; with `include_costs`. */
  costs?: Record<string, Record<string, unknown>>;
  /** With `include_feedback`. */
  feedback?: Feedback[];
  [more: string]: unknown;
}

export interface CallSummary {
  usage?: Record<string, CallUsage>;
  weave?: CallFigures;
  status_counts?: Record<string, number>;
  /** What our own door noted of a request: `cost_nusd`, `total_ms`. */
  weft?: Record<string, unknown>;
  [more: string]: unknown;
}

/** A call; with `columns`, what was not asked for is not there. */
export interface Call {
  id: string;
  project_id: string;
  trace_id: string;
  /** `weave:///team/project/op/name:digest`, or a plain name. */
  op_name: string;
  started_at: string;
  display_name?: string | null;
  parent_id?: string | null;
  thread_id?: string | null;
  turn_id?: string | null;
  ended_at?: string | null;
  exception?: string | null;
  attributes?: Record<string, unknown>;
  inputs?: Record<string, unknown>;
  output?: unknown;
  summary?: CallSummary | null;
  wb_user_id?: string | null;
  /** With `include_usernames`. */
  wb_username?: string | null;
  wb_run_id?: string | null;
  storage_size_bytes?: number | null;
  total_storage_size_bytes?: number | null;
}

/** All of these, each by any of its values; at most 1,000 values for each. */
export interface CallFilter {
  op_names?: string[];
  input_refs?: string[];
  output_refs?: string[];
  parent_ids?: string[];
  trace_ids?: string[];
  call_ids?: string[];
  thread_ids?: string[];
  turn_ids?: string[];
  trace_roots_only?: boolean;
  wb_user_ids?: string[];
  wb_run_ids?: string[];
}

export interface CallsAsked {
  filter?: CallFilter;
  query?: Query | undefined;
  sort_by?: SortBy[];
  limit?: number;
  offset?: number;
  /** Fields, also dotted ones; all if not given. */
  columns?: string[];
  /** References in these fields are followed for filters and sorts. */
  expand_columns?: string[];
  return_expanded_column_values?: boolean;
  /** Characters that are left of long texts in inputs, output and attributes. */
  shorten?: number;
  /** Made up by who pages through a list: it is sorted once for all pages. */
  order_token?: string;
  include_costs?: boolean;
  include_feedback?: boolean;
  include_usernames?: boolean;
  include_storage_size?: boolean;
  include_total_storage_size?: boolean;
}

/** Feedback on a call or an object. */
export interface Feedback {
  id: string;
  weave_ref: string;
  /** `wandb.reaction.1`, `wandb.note.1`, `wandb.runnable.<scorer>`, `wandb.annotation.<name>`, or one's own. */
  feedback_type: string;
  payload: Record<string, unknown>;
  creator?: string | null;
  created_at: string;
  wb_user_id?: string;
  annotation_ref?: string | null;
  runnable_ref?: string | null;
  call_ref?: string | null;
  trigger_ref?: string | null;
}

/** Calls of `project` (`team/project`), the oldest first unless sorted. */
export function findCalls(project: string, asked: CallsAsked, signal?: AbortSignal): Promise<Call[]> {
  return askLines<Call>("/traces/calls/stream_query", { project_id: project, ...asked }, signal);
}

/** The same as the bytes come: for exports and for what is too long to wait for. */
export function streamCalls(project: string, asked: CallsAsked, signal?: AbortSignal): Promise<Response> {
  return ask("/traces/calls/stream_query", { project_id: project, ...asked }, signal);
}

/** How many calls there are; with a `limit`, counting ends there. */
export function countCalls(
  project: string,
  asked: Pick<CallsAsked, "filter" | "query" | "limit" | "expand_columns">,
  signal?: AbortSignal,
): Promise<{ count: number; has_more?: boolean }> {
  return askJson("/traces/calls/query_stats", { project_id: project, ...asked }, signal);
}

/** Calls in bins of `x`, or in its groups, by what `y` comes to. */
export interface PlotAsked {
  x: string;
  y: string;
  group?: string;
  aggregates: string[];
  bins: number;
}

export interface DrawnPlot {
  /** Null is all the others together, "" those that have none. */
  groups: (string | null)[];
  /** `low` and `high` are null for groups; values are by group, then by aggregate. */
  bins: { low: number | null; high: number | null; group: string | null; values: (number | null)[] }[];
}

/** Figures of all calls that a question finds; null where they are too many, or where costs are not told. */
export function drawCalls(
  project: string,
  asked: Pick<CallsAsked, "filter" | "query"> & { plots: PlotAsked[] },
  signal?: AbortSignal,
): Promise<{ calls: number | null; plots: (DrawnPlot | null)[] }> {
  return askJson("/traces/calls/plots", { project_id: project, ...asked }, signal);
}

/** One call, or null: it may still be on its way. */
export async function readCall(project: string, id: string, signal?: AbortSignal): Promise<Call | null> {
  const body = { project_id: project, id, include_costs: true };
  return (await askJson<{ call: Call | null }>("/traces/call/read", body, signal)).call;
}

/** Remove calls with all that is below them; at most 1,000 at once. */
export function deleteCalls(project: string, ids: string[]): Promise<unknown> {
  return askJson("/traces/calls/delete", { project_id: project, call_ids: ids });
}

/** Call it something else; an empty name gives back its own. */
export async function renameCall(project: string, id: string, name: string): Promise<void> {
  await ask("/traces/call/update", { project_id: project, call_id: id, display_name: name });
}
