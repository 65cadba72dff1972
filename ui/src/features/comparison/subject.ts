import type { Call } from "~/api/weave/calls";
import type { ObjectVersion } from "~/api/weave/objects";
import { refOf } from "~/api/weave/refs";
import { callName, exceptionText, statusOf } from "~/api/weave/told";
import { stamp } from "~/lib/format";
import { leaves } from "./leaves";

/** What is compared: a call or a version of an object, in the same shape. Pure. */

export type Unit = "ms" | "tokens" | "usd" | "bytes" | "number";

export interface Metric {
  name: string;
  unit: Unit;
  value: number;
  /** Whether less is better; null where nobody can say. */
  lowerIsBetter: boolean | null;
}

export interface Subject {
  id: string;
  label: string;
  /** Under the label: when, which version. */
  detail: string;
  /** From the project on: `r/call/1`. */
  path: string;
  properties: [string, string][];
  metrics: Metric[];
  /** What is compared part by part. */
  value: Record<string, unknown>;
  /** The digest of the table that holds its rows. */
  table: string | null;
}

const MOST_NUMBERS = 40;

export function callSubject(call: Call): Subject {
  const error = call.exception ? exceptionText(call.exception).trim().split("\n").at(-1) : undefined;
  return {
    id: call.id,
    label: callName(call),
    detail: stamp(new Date(call.started_at)),
    path: `r/call/${call.id}`,
    properties: [
      ["Status", statusOf(call)],
      ["Op", refOf(call.op_name)?.name ?? call.op_name],
      ["Op version", refOf(call.op_name)?.digest.slice(0, 8) ?? ""],
      ["Models", Object.keys(call.summary?.usage ?? {}).join(", ")],
      ["Started", stamp(new Date(call.started_at))],
      ["User", call.wb_username ?? ""],
      ["Exception", error ?? ""],
      ["Trace", call.trace_id],
    ],
    metrics: [...callMetrics(call), ...numbersIn({ output: call.output })],
    value: { inputs: call.inputs ?? {}, output: call.output ?? null, attributes: call.attributes ?? {} },
    table: null,
  };
}

function callMetrics(call: Call): Metric[] {
  const { summary } = call;
  const usage = Object.values(summary?.usage ?? {});
  const tokens = (...names: string[]) =>
    usage.length === 0
      ? undefined
      : usage.reduce((sum, one) => sum + Number(names.map((name) => one[name]).find(Boolean) ?? 0), 0);
  const input = tokens("prompt_tokens", "input_tokens");
  const output = tokens("completion_tokens", "output_tokens");
  const total = input === undefined || output === undefined ? undefined : input + output;
  const list: [string, Unit, number | null | undefined][] = [
    ["Latency", "ms", summary?.weave?.latency_ms],
    ["Input tokens", "tokens", input],
    ["Output tokens", "tokens", output],
    ["Total tokens", "tokens", total],
    ["Cost", "usd", costOf(call)],
  ];
  return list.flatMap(([name, unit, value]) =>
    typeof value === "number" ? [{ name, unit, value, lowerIsBetter: true }] : [],
  );
}

/** In dollars: what our own door noted, else what the trace server reckons. */
function costOf({ summary }: Call): number | undefined {
  const noted = summary?.weft?.cost_nusd;
  if (typeof noted === "string" || typeof noted === "number") return Number(noted) / 1e9;
  const costs = Object.values(summary?.weave?.costs ?? {});
  if (costs.length === 0) return undefined;
  return costs.reduce(
    (sum, one) =>
      sum + Number(one.prompt_tokens_total_cost ?? 0) + Number(one.completion_tokens_total_cost ?? 0),
    0,
  );
}

/** A version; `code` is an op's, `rows` how many a dataset has. */
export function objectSubject(
  id: string,
  version: ObjectVersion,
  code: string | null,
  rows: number | null,
): Subject {
  const isOp = version.kind === "op";
  const fields = (typeof version.val === "object" && version.val !== null ? version.val : {}) as Record<
    string,
    unknown
  >;
  const table = refOf(fields.rows);
  const own = Object.entries(fields).filter(([name]) => !["_type", "_class_name", "_bases"].includes(name));
  const plain =
    Array.isArray(version.val) || own.length === 0 ? { value: version.val } : Object.fromEntries(own);
  const value = code === null ? plain : { code };
  return {
    id,
    label: version.object_id,
    detail: `v${version.version_index}`,
    path: `weave/${isOp ? "ops" : "objects"}/${encodeURIComponent(version.object_id)}/versions/${version.digest}`,
    properties: [
      ["Class", version.leaf_object_class ?? (isOp ? "Op" : "")],
      ["Version", `v${version.version_index}`],
      ["Published", stamp(new Date(version.created_at))],
      ["By", version.wb_username ?? ""],
      ["Aliases", (version.aliases ?? []).join(", ")],
      ["Tags", (version.tags ?? []).join(", ")],
      ["Digest", version.digest.slice(0, 12)],
    ],
    metrics: [
      ...(rows === null ? [] : [{ name: "Rows", unit: "number" as const, value: rows, lowerIsBetter: null }]),
      ...numbersIn(value),
    ],
    value,
    table: table?.kind === "table" ? table.name : null,
  };
}

function numbersIn(value: unknown): Metric[] {
  return leaves(value)
    .flatMap(([name, leaf]): Metric[] => {
      const number = typeof leaf === "boolean" ? Number(leaf) : leaf;
      if (typeof number !== "number" || !Number.isFinite(number)) return [];
      return [{ name, unit: "number", value: number, lowerIsBetter: null }];
    })
    .slice(0, MOST_NUMBERS);
}
