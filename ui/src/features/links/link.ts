/** The addresses that Weave's and W&B's clients print, and what they name. Pure. */

export type Wanted =
  | { kind: "project" }
  | { kind: "call"; id: string }
  | { kind: "object"; of: string; name: string; digest: string }
  | { kind: "run"; name: string };

/** What the part behind `/<team>/<project>/` names: `weave/objects/cat/versions/abc`, `r/call/1`, `runs/x`. */
export function wantedOf(rest: string): Wanted {
  const [area, kind, name, , digest] = rest.split("/");
  if (area === "runs" && kind) return { kind: "run", name: kind };
  if (area === "r" && kind === "call" && name) return { kind: "call", id: name };
  if (area !== "weave" || !name) return { kind: "project" };
  if (kind === "calls") return { kind: "call", id: name };
  if (kind === "leaderboards") return { kind: "object", of: "leaderboard", name, digest: "latest" };
  if (kind === "objects" || kind === "ops")
    return { kind: "object", of: kind.slice(0, -1), name, digest: digest || "latest" };
  return { kind: "project" };
}

/** What is used of a call. */
export interface Call {
  id: string;
  trace_id: string;
  op_name: string;
  display_name?: string | null;
  started_at: string;
  ended_at?: string | null;
  exception?: string | null;
  inputs?: unknown;
  output?: unknown;
  summary?: {
    usage?: Record<string, unknown>;
    weave?: { status?: string; trace_name?: string; latency_ms?: number | null };
  } | null;
}

/** A call's name for people: `weave:///team/project/op/name:digest` is `name`. */
export function callName(call: Call): string {
  const given = call.display_name || call.summary?.weave?.trace_name;
  if (given) return given;
  if (!call.op_name.startsWith("weave:///")) return call.op_name;
  return call.op_name.split("/").at(-1)?.split(":")[0] ?? call.op_name;
}

const WORDS: Record<string, string> = {
  success: "done",
  error: "failed",
  running: "running",
  descendant_error: "done, but a call inside it failed",
};

/** What became of a call, in words. */
export function statusOf(call: Call): string {
  const told =
    call.summary?.weave?.status ?? (call.exception ? "error" : call.ended_at ? "success" : "running");
  return WORDS[told] ?? told;
}

interface Frame {
  filename?: string;
  line_number?: number;
  function_name?: string;
  text?: string;
}

/** What the client keeps of an exception, as Python would print it; texts of others as they are. */
export function exceptionText(kept: string): string {
  let told: { type?: string; message?: string; traceback?: Frame[] };
  try {
    told = JSON.parse(kept);
  } catch {
    return kept;
  }
  if (typeof told !== "object" || told === null || typeof told.type !== "string") return kept;
  const frames = (Array.isArray(told.traceback) ? told.traceback : []).map(
    (at) => `  File "${at.filename}", line ${at.line_number}, in ${at.function_name}\n    ${at.text ?? ""}\n`,
  );
  const head = frames.length > 0 ? "Traceback (most recent call last):\n" : "";
  return `${head}${frames.join("")}${told.type}: ${told.message ?? ""}`;
}

const SHOWN_CHARS = 20_000;

/** A value for reading: texts as they are, the rest as JSON, and no more of it than one reads. */
export function textOf(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value, null, 2) ?? "");
  return text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…` : text;
}
