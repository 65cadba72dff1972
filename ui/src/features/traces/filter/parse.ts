import type { Filter, Operator } from "./filters";

/** The server's query language back into filters, as far as filters go: for views that the client made. Pure. */

type Node = Record<string, unknown>;

/** The filters of a query, and whether they say all of it. */
export function filtersOf(query: unknown): { filters: Filter[]; whole: boolean } {
  const expr = isNode(query) ? query.$expr : undefined;
  if (!isNode(expr)) return { filters: [], whole: query === undefined || query === null };
  const parts = Array.isArray(expr.$and) ? expr.$and : [expr];
  const found = parts.map(filterOf);
  const filters = found.filter((one) => one !== null);
  return { filters, whole: filters.length === found.length };
}

const TURNED: Partial<Record<Operator, Operator>> = {
  contains: "does not contain",
  equals: "does not equal",
  "=": "!=",
  ">": "<=",
  ">=": "<",
  "<": ">=",
  "<=": ">",
  after: "before",
  before: "after",
  "is empty": "is not empty",
};

function filterOf(node: unknown): Filter | null {
  if (!isNode(node)) return null;
  if (Array.isArray(node.$not)) {
    const inner = filterOf(node.$not[0]);
    const op = inner && TURNED[inner.op];
    return inner && op ? { ...inner, op } : null;
  }
  if (Array.isArray(node.$or)) return eitherOf(node.$or);
  if (isNode(node.$contains)) {
    const { input, substr } = node.$contains;
    return make(input, "contains", substr);
  }
  for (const [key, op] of ORDERS) {
    const pair = node[key];
    if (Array.isArray(pair)) return comparison(op, pair);
  }
  return null;
}

const ORDERS: [string, Operator][] = [
  ["$eq", "="],
  ["$gt", ">"],
  ["$gte", ">="],
  ["$lt", "<"],
  ["$lte", "<="],
];

function comparison(op: Operator, [left, right]: unknown[]): Filter | null {
  const path = pathOf(left);
  const value = isNode(right) ? right.$literal : undefined;
  if (path === null || value === undefined) return null;
  if (op === "=" && (value === null || value === "")) return { field: path, op: "is empty" };
  if (op === "=" && typeof value === "boolean") return { field: path, op: "is", value: String(value) };
  if (op === "=" && typeof value === "string") return { field: path, op: "equals", value };
  if (typeof value !== "number") return null;
  if (path === "started_at" || path === "ended_at") {
    const at = new Date(value * 1000).toISOString();
    if (op === ">" || op === ">=") return { field: path, op: "after", value: at };
    return op === "=" ? null : { field: path, op: "before", value: at };
  }
  return { field: path, op, value: String(value) };
}

/** One of several values of a field; or nothing there, which has two ways to be so. */
function eitherOf(parts: unknown[]): Filter | null {
  const found = parts.map(filterOf);
  const [first] = found;
  if (!first || found.some((one) => one?.field !== first.field)) return null;
  if (found.every((one) => one?.op === "is empty")) return first;
  if (!found.every((one) => one?.op === "equals")) return null;
  return { field: first.field, op: "in", value: found.map((one) => String(one?.value)) };
}

function make(input: unknown, op: Operator, given: unknown): Filter | null {
  const path = pathOf(input);
  const value = isNode(given) ? given.$literal : undefined;
  return path === null || typeof value !== "string" ? null : { field: path, op, value };
}

function pathOf(node: unknown): string | null {
  if (!isNode(node)) return null;
  if (typeof node.$getField === "string") return node.$getField;
  return isNode(node.$convert) ? pathOf(node.$convert.input) : null;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
