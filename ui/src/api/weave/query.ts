/** The trace server's query language (`{"$expr": ...}`), as far as the console speaks it. Pure. */

export type Scalar = string | number | boolean | null;
export type Operand =
  | { $literal: Scalar }
  | { $getField: string }
  | { $convert: { input: Operand; to: "double" | "int" | "string" | "bool" | "exists" } }
  | { $size: Operand }
  | Condition;
export type Condition =
  | { $eq: [Operand, Operand] }
  | { $gt: [Operand, Operand] }
  | { $gte: [Operand, Operand] }
  | { $lt: [Operand, Operand] }
  | { $lte: [Operand, Operand] }
  | { $in: [Operand, Operand[]] }
  | { $contains: { input: Operand; substr: Operand; case_insensitive?: boolean } }
  | { $and: Condition[] }
  | { $or: Condition[] }
  | { $not: [Condition] };

/** `{"$expr": <condition>}`, as the routes take it. */
export interface Query {
  $expr: Condition;
}

export interface SortBy {
  /** A dotted path: `started_at`, `inputs.a.b`, `summary.weave.latency_ms`. */
  field: string;
  direction: "asc" | "desc";
}

/** What a dotted path leads to. */
export const field = (path: string): Operand => ({ $getField: path });
export const literal = (value: Scalar): Operand => ({ $literal: value });

/** All conditions at once; none at all is no query. */
export function every(conditions: Condition[]): Query | undefined {
  const [first] = conditions;
  if (!first) return undefined;
  return { $expr: conditions.length === 1 ? first : { $and: conditions } };
}
