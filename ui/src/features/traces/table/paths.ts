import type { Call } from "~/api/weave/calls";
import type { Kind } from "../filter/filters";

/** Dotted paths into calls: what they lead to, and which there are in the calls that one has seen. Pure. */

/** How deep objects are taken apart into columns, and how many columns of one text there are at most. */
const DEPTH = 4;
const MOST = 200;
const TEXTS = ["inputs", "output", "attributes"] as const;

/** The steps of a path; a dot that belongs to a key is written `\.`, and a key may stand in brackets. */
export function stepsOf(path: string): string[] {
  const steps: string[] = [];
  for (const found of path.matchAll(/\[([^[\]]+)\](?=\.|$)|((?:[^.\\]|\\.)+)/g))
    steps.push(found[1] ?? (found[2] ?? "").replaceAll("\\.", "."));
  return steps;
}

/** A key as part of a path; null for one that the server has no way to ask for. */
export function keyOf(key: string): string | null {
  if (key === "" || /["\\\p{Cc}]/u.test(key)) return null;
  return key.replaceAll(".", "\\.");
}

/** What a path leads to in a call; undefined for nothing. */
export function valueAt(call: Call, path: string): unknown {
  let value: unknown = call;
  for (const step of stepsOf(path)) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}

export interface Seen {
  path: string;
  kind: Kind;
}

/** The paths that calls have inside of their inputs, output and attributes, in the order in which they come. */
export function seenIn(calls: Iterable<Call>): Seen[] {
  const kinds = new Map<string, Kind | null>();
  for (const call of calls)
    for (const name of TEXTS) {
      const value = call[name];
      if (isObject(value)) collect(value, name, 1, kinds);
      else if (name === "output" && value !== undefined && value !== null) note("output", value, kinds);
    }
  const rank = (path: string) => TEXTS.findIndex((name) => path.startsWith(name));
  return [...kinds]
    .map(([path, kind]) => ({ path, kind: kind ?? ("any" as const) }))
    .sort((one, other) => rank(one.path) - rank(other.path));
}

function collect(
  value: Record<string, unknown>,
  path: string,
  depth: number,
  kinds: Map<string, Kind | null>,
): void {
  for (const [name, inner] of Object.entries(value)) {
    const key = keyOf(name);
    if (key === null || kinds.size >= MOST * TEXTS.length) continue;
    const at = `${path}.${key}`;
    if (isObject(inner) && depth < DEPTH && Object.keys(inner).length > 0)
      collect(inner, at, depth + 1, kinds);
    else note(at, inner, kinds);
  }
}

function note(path: string, value: unknown, kinds: Map<string, Kind | null>): void {
  const before = kinds.get(path) ?? null;
  const kind = value === null || value === undefined ? null : kindOf(value);
  // Nothing there says nothing; two kinds are any.
  kinds.set(path, before === null || kind === null || before === kind ? (kind ?? before) : "any");
}

function kindOf(value: unknown): Kind {
  if (typeof value === "string") return "text";
  if (typeof value === "number") return "number";
  return typeof value === "boolean" ? "truth" : "any";
}

/** Whether a column of it is there without being asked for. */
export function isShownByItself(path: string): boolean {
  return !path.startsWith("attributes");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
