import { type Call, type CallFilter, findCalls } from "~/api/weave/calls";
import { callRef, readRefs, refOf } from "~/api/weave/refs";
import type { Cell, Row } from "~/lib/rows/types";

/** Rows of a dataset made of calls: which field of a call becomes which column. */

export interface Mapped {
  column: string;
  /** `inputs.question`, `output`, `output.answer.text`. */
  path: string;
}

/** The column that holds the reference of the call that a row was made of. */
export const SOURCE = "source_call";
const DEEPEST = 3;
const MOST_PATHS = 200;
/** Made into rows at once: what the server takes in one filter. */
export const MOST_CALLS = 1_000;

type Fields = Record<string, unknown>;

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Calls by their ids, in the order of the ids, with what their inputs refer to in its place. */
export async function readCalls(project: string, ids: string[], signal?: AbortSignal): Promise<Call[]> {
  const filter: CallFilter = { call_ids: ids.slice(0, MOST_CALLS) };
  const columns = ["id", "op_name", "display_name", "started_at", "inputs", "output", "exception"];
  const found = await findCalls(project, { filter, columns, limit: MOST_CALLS }, signal);
  const byId = new Map(found.map((call) => [call.id, call]));
  const calls = ids.flatMap((id) => byId.get(id) ?? []);
  const refs = [
    ...new Set(calls.flatMap((call) => Object.values(call.inputs ?? {}).filter(isRow))),
  ] as string[];
  const values = await readRefs(refs.slice(0, MOST_CALLS), signal);
  const known = new Map(refs.map((ref, index) => [ref, values[index]]));
  return calls.map((call) => ({ ...call, inputs: withValues(call.inputs ?? {}, known) }));
}

/** Rows and parts of rows are worth more than their references; models and ops are not. */
function isRow(value: unknown): boolean {
  return refOf(value)?.rest.includes("/id/") ?? false;
}

function withValues(inputs: Fields, known: Map<string, unknown>): Fields {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [name, known.get(value as string) ?? value]),
  );
}

/** The fields that calls have, in the order in which they come up: what can become a column. Pure. */
export function pathsOf(calls: Pick<Call, "inputs" | "output">[]): string[] {
  const found = new Set<string>();
  const walk = (path: string, value: unknown, depth: number) => {
    if (found.size >= MOST_PATHS) return;
    found.add(path);
    if (depth < DEEPEST && isFields(value))
      for (const [name, part] of Object.entries(value)) walk(`${path}.${name}`, part, depth + 1);
  };
  for (const call of calls)
    for (const [name, value] of Object.entries(call.inputs ?? {})) walk(`inputs.${name}`, value, 1);
  for (const call of calls) walk("output", call.output, 1);
  return [...found];
}

/** What a call has at a path; undefined where it has nothing. Pure. */
export function valueAt(call: Pick<Call, "inputs" | "output">, path: string): unknown {
  const [first, ...rest] = path.split(".");
  let value: unknown = first === "inputs" ? call.inputs : call.output;
  // Names may have dots of their own: the longest that is there counts.
  while (rest.length > 0) {
    if (!isFields(value)) return undefined;
    const fields: Fields = value;
    const taken = rest
      .map((_, index) => rest.length - index)
      .find((size) => {
        return Object.hasOwn(fields, rest.slice(0, size).join("."));
      });
    if (taken === undefined) return undefined;
    value = fields[rest.slice(0, taken).join(".")];
    rest.splice(0, taken);
  }
  return value;
}

/**
 * A first guess: a dataset's columns from the fields of the same name; without columns, one for each input but
 * `self` and objects of programs, and one for the output. Pure.
 */
export function guess(
  paths: string[],
  calls: Pick<Call, "inputs" | "output">[],
  columns: string[],
): Mapped[] {
  const last = (path: string) => path.split(".").at(-1) ?? path;
  if (columns.length > 0)
    return columns
      .filter((column) => column !== SOURCE)
      .map((column) => ({ column, path: paths.find((path) => last(path) === column) ?? "" }));
  const plain = paths.filter((path) => {
    if (path === "output") return true;
    const [area, , more] = path.split(".");
    return area === "inputs" && more === undefined && !calls.some((call) => isProgram(valueAt(call, path)));
  });
  return plain.map((path) => ({ column: last(path), path }));
}

function isProgram(value: unknown): boolean {
  const ref = refOf(value);
  return ref !== null && (ref.kind === "op" || ref.rest === "");
}

/** What is wrong with a mapping; null if nothing is. Pure. */
export function mappingProblem(mapped: Mapped[]): string | null {
  const used = mapped.filter((one) => one.path !== "");
  if (used.length === 0) return "Choose a field for at least one column.";
  if (used.some((one) => one.column.trim() === "")) return "Every column needs a name.";
  const names = used.map((one) => one.column.trim());
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) return `Two columns are called ${twice}.`;
  return names.includes(SOURCE) ? `${SOURCE} is the column of the calls' references.` : null;
}

/** A row of each call; calls whose reference is in `known` have theirs already. Pure. */
export function rowsOf(
  project: string,
  calls: Call[],
  mapped: Mapped[],
  withSource: boolean,
  known: ReadonlySet<string> = new Set(),
): Row[] {
  return calls
    .filter((call) => !known.has(callRef(project, call.id)))
    .map((call) => {
      const row: Row = {};
      for (const { column, path } of mapped) {
        const value = path === "" ? undefined : valueAt(call, path);
        if (path !== "") row[column.trim()] = (value ?? null) as Cell;
      }
      return withSource ? { ...row, [SOURCE]: callRef(project, call.id) } : row;
    });
}
