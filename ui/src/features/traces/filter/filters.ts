import { type Condition, field, literal, type Operand } from "~/api/weave/query";

/** Filters as a reader makes them, and the server's conditions that they stand for. Pure. */

export const OPERATORS = [
  "contains",
  "does not contain",
  "equals",
  "does not equal",
  "in",
  "=",
  "!=",
  "<",
  "<=",
  ">",
  ">=",
  "is",
  "after",
  "before",
  "is empty",
  "is not empty",
] as const;
export type Operator = (typeof OPERATORS)[number];

/** What a field holds; `any` where that is not known. */
export type Kind = "text" | "number" | "time" | "truth" | "any";

export interface Filter {
  /** A dotted path: `inputs.model`. */
  field: string;
  op: Operator;
  /** Several for `in`; a time is a moment, or the span before now: `24h`, `7d`. */
  value?: string | string[];
}

const TEXT: Operator[] = ["contains", "does not contain", "equals", "does not equal", "in"];
const NUMBER: Operator[] = ["=", "!=", "<", "<=", ">", ">="];
const EMPTY: Operator[] = ["is empty", "is not empty"];
const BY_KIND: Record<Kind, Operator[]> = {
  text: [...TEXT, ...EMPTY],
  number: [...NUMBER, ...EMPTY],
  time: ["after", "before", ...EMPTY],
  truth: ["is", ...EMPTY],
  any: [...TEXT, ...NUMBER, "is", "after", "before", ...EMPTY],
};

/** What can be asked of a field of a kind, the likeliest first. */
export function operatorsOf(kind: Kind): Operator[] {
  return BY_KIND[kind];
}

/** Whether an operator needs a value. */
export function takesValue(op: Operator): boolean {
  return !EMPTY.includes(op);
}

/** Columns of the server that are numbers or times already; everything else is read as one. */
const TYPED = new Set([
  "started_at",
  "ended_at",
  "storage_size_bytes",
  "summary.weave.latency_ms",
  "summary.weave.input_tokens",
  "summary.weave.output_tokens",
  "summary.weave.total_tokens",
  "summary.weave.cost",
]);

/** The condition of a filter; null as long as it has no value that can be asked for. */
export function conditionOf(filter: Filter, now: Date): Condition | null {
  const { op } = filter;
  const at = field(filter.field);
  if (op === "is empty") return emptyOf(filter.field);
  if (op === "is not empty") return { $not: [emptyOf(filter.field)] };
  if (op === "in") return among(at, listOf(filter.value));
  const value = textOf(filter.value);
  if (value === "") return null;
  if (op === "is") return { $eq: [at, literal(value === "true")] };
  if (op === "after" || op === "before") return moment(at, op, value, now);
  if (NUMBER.includes(op)) return compare(filter.field, op, Number(value));
  const equal: Condition = { $eq: [at, literal(value)] };
  if (op === "equals") return equal;
  if (op === "does not equal") return { $not: [equal] };
  const found: Condition = { $contains: { input: at, substr: literal(value), case_insensitive: true } };
  return op === "contains" ? found : { $not: [found] };
}

/** All filters at once, in the order that they stand in; those that are not finished are left out. */
export function conditionsOf(filters: Filter[], now: Date): Condition[] {
  return filters.map((one) => conditionOf(one, now)).filter((one) => one !== null);
}

function emptyOf(path: string): Condition {
  const isNull: Condition = { $eq: [field(path), literal(null)] };
  return TYPED.has(path) ? isNull : { $or: [{ $eq: [field(path), literal("")] }, isNull] };
}

function among(at: Operand, values: string[]): Condition | null {
  const [first] = values;
  if (first === undefined) return null;
  if (values.length === 1) return { $eq: [at, literal(first)] };
  return { $or: values.map((value): Condition => ({ $eq: [at, literal(value)] })) };
}

function moment(at: Operand, op: "after" | "before", value: string, now: Date): Condition | null {
  const seconds = secondsOf(value, now);
  if (seconds === null) return null;
  return op === "after" ? { $gt: [at, literal(seconds)] } : { $lt: [at, literal(seconds)] };
}

function compare(path: string, op: Operator, value: number): Condition | null {
  if (!Number.isFinite(value)) return null;
  const at = TYPED.has(path) ? field(path) : ({ $convert: { input: field(path), to: "double" } } as Operand);
  const pair: [Operand, Operand] = [at, literal(value)];
  if (op === "=") return { $eq: pair };
  if (op === "!=") return { $not: [{ $eq: pair }] };
  if (op === "<") return { $lt: pair };
  if (op === "<=") return { $lte: pair };
  return op === ">" ? { $gt: pair } : { $gte: pair };
}

const UNITS: Record<string, number> = { m: 60, h: 3_600, d: 86_400, w: 604_800 };

/** Seconds since the epoch of a moment, or of a span before now (`30m`, `24h`, `7d`); null for neither. */
export function secondsOf(value: string, now: Date): number | null {
  const span = /^(\d{1,5})([mhdw])$/.exec(value);
  // To the minute, so that the same question is the same for a while.
  if (span) return Math.floor(now.getTime() / 60_000) * 60 - Number(span[1]) * (UNITS[span[2] ?? ""] ?? 0);
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : at / 1000;
}

export function textOf(value: string | string[] | undefined): string {
  return (Array.isArray(value) ? value.join(", ") : (value ?? "")).trim();
}

export function listOf(value: string | string[] | undefined): string[] {
  const all = Array.isArray(value) ? value : (value ?? "").split(",");
  return all.map((one) => one.trim()).filter(Boolean);
}
