import type { Call, CallsAsked } from "~/api/weave/calls";
import { callName } from "~/api/weave/told";
import { costOf, latencyMs, modelsOf, statusOf, tokensOf } from "../table/figures";
import { COST, FEEDBACK, LATENCY, MODEL, NAME, STATUS, TOKENS, USER } from "../table/known";
import { valueAt } from "../table/paths";
import { ROW_COLUMNS } from "../table/question";

/** What a file has of each call: its columns, and the question that brings what they need. Pure. */

export interface FileColumn {
  name: string;
  of: (call: Call) => unknown;
}

/** Fields of whole calls, in the order of a file; what is nested stands in it as JSON. */
export const WHOLE = ROW_COLUMNS;

const FIGURES: Record<string, FileColumn> = {
  [NAME]: { name: "trace", of: callName },
  [STATUS]: { name: "status", of: statusOf },
  [LATENCY]: { name: "latency_ms", of: latencyMs },
  [TOKENS]: {
    name: "total_tokens",
    of: (call) => {
      const sum = tokensOf(call);
      return sum && sum.input + sum.output;
    },
  },
  "summary.weave.input_tokens": { name: "input_tokens", of: (call) => tokensOf(call)?.input },
  "summary.weave.output_tokens": { name: "output_tokens", of: (call) => tokensOf(call)?.output },
  [COST]: {
    name: "cost_usd",
    of: (call) => {
      const cost = costOf(call);
      return cost === null ? null : Number(cost) / 1e9;
    },
  },
  [MODEL]: { name: "model", of: (call) => modelsOf(call).join(", ") || null },
  [USER]: { name: "user", of: (call) => call.wb_username ?? call.wb_user_id },
  [FEEDBACK]: { name: "feedback", of: (call) => call.summary?.weave?.feedback },
};

/** The columns of a file: those of the table, or with null whole calls. A call's id is always among them. */
export function fileColumns(cols: string[] | null): FileColumn[] {
  const paths = cols === null ? WHOLE : cols.includes("id") ? cols : ["id", ...cols];
  return paths.map((path) => FIGURES[path] ?? { name: path, of: (call) => valueAt(call, path) });
}

/** What of calls has to be asked for to fill those columns. */
export function askedOf(
  cols: string[] | null,
): Pick<CallsAsked, "columns" | "include_costs" | "include_feedback" | "include_usernames"> {
  if (cols === null) return { columns: WHOLE, include_costs: true };
  const columns = new Set(["id", "op_name", "started_at"]);
  for (const path of cols) for (const one of fieldsOf(path)) columns.add(one);
  return {
    columns: [...columns],
    ...(cols.includes(COST) && { include_costs: true }),
    ...(cols.some((path) => path.startsWith("feedback.")) && { include_feedback: true }),
    ...(cols.includes(USER) && { include_usernames: true }),
  };
}

function fieldsOf(path: string): string[] {
  if (path === NAME) return ["display_name", "summary"];
  if (path === STATUS) return ["summary", "ended_at", "exception"];
  if (path.startsWith("summary.") || path.startsWith("feedback.")) return ["summary"];
  return [path];
}
