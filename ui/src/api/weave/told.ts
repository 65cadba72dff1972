import type { Call } from "./calls";

/** Calls in words. Pure. */

type Named = Pick<Call, "op_name" | "display_name" | "summary">;
type Ended = Pick<Call, "exception" | "ended_at" | "summary">;

/** A call's name for people: `weave:///team/project/op/name:digest` is `name`. */
export function callName(call: Named): string {
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
export function statusOf(call: Ended): string {
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
