import type { Kind } from "../filter/filters";

/** The fields that every call has, as columns and to filter by. Pure. */
export interface Known {
  /** A dotted path as the server knows it: what is sorted and filtered by. */
  path: string;
  label: string;
  kind: Kind;
  width: number;
  numeric?: boolean;
  /** Stands there without being asked for: before what calls have inside, or after. */
  shown?: "first" | "last";
  /** The values that there are. */
  choices?: { value: string; label: string }[];
}

export const NAME = "summary.weave.trace_name";
export const STATUS = "summary.weave.status";
export const STARTED = "started_at";
export const USER = "wb_user_id";
export const LATENCY = "summary.weave.latency_ms";
export const TOKENS = "summary.weave.total_tokens";
export const COST = "summary.weave.cost";
export const FEEDBACK = "feedback.[*].created_at";
export const MODEL = "summary.weave.model";

export const STATUSES = [
  { value: "success", label: "Done" },
  { value: "error", label: "Failed" },
  { value: "running", label: "Running" },
  { value: "descendant_error", label: "Failed inside" },
];

export const KNOWN: Known[] = [
  { path: NAME, label: "Trace", kind: "text", width: 210, shown: "first" },
  { path: STATUS, label: "Status", kind: "text", width: 104, shown: "first", choices: STATUSES },
  { path: STARTED, label: "Started", kind: "time", width: 132, shown: "first" },
  { path: LATENCY, label: "Latency", kind: "number", width: 88, shown: "first", numeric: true },
  { path: TOKENS, label: "Tokens", kind: "number", width: 84, shown: "first", numeric: true },
  { path: COST, label: "Cost", kind: "number", width: 106, shown: "first", numeric: true },
  { path: FEEDBACK, label: "Feedback", kind: "time", width: 120, shown: "last" },
  { path: USER, label: "User", kind: "text", width: 110, shown: "last" },
  { path: MODEL, label: "Model", kind: "text", width: 180 },
  { path: "summary.weave.input_tokens", label: "Input tokens", kind: "number", width: 100, numeric: true },
  { path: "summary.weave.output_tokens", label: "Output tokens", kind: "number", width: 104, numeric: true },
  { path: "display_name", label: "Display name", kind: "text", width: 160 },
  { path: "ended_at", label: "Ended", kind: "time", width: 132 },
  { path: "exception", label: "Exception", kind: "text", width: 220 },
  { path: "id", label: "Call ID", kind: "text", width: 180 },
  { path: "trace_id", label: "Trace ID", kind: "text", width: 180 },
  { path: "parent_id", label: "Parent ID", kind: "text", width: 180 },
  { path: "thread_id", label: "Thread", kind: "text", width: 140 },
  { path: "op_name", label: "Op and version", kind: "text", width: 220 },
  { path: "wb_run_id", label: "Run", kind: "text", width: 120 },
];

const BY_PATH = new Map(KNOWN.map((one) => [one.path, one]));

export function knownOf(path: string): Known | undefined {
  return BY_PATH.get(path);
}

/** What a path is called: its known name, or what it says itself. */
export function labelOf(path: string): string {
  return (
    BY_PATH.get(path)?.label ?? path.replace(/^feedback\.\[wandb\.(runnable|annotation)\.(.+?)\]\./, "$2 · ")
  );
}
