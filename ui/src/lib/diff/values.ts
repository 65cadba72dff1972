import { blocks } from "./sequence";

/** In what two JSON values differ, by path. Pure. */

export interface Change {
  /** `messages[0].content`; empty for the value itself. */
  path: string;
  kind: "same" | "changed" | "added" | "removed";
  before: unknown;
  after: unknown;
}

/** Lines in one answer; a value that has more is shown so far. */
export const MOST_CHANGES = 5_000;

/** A line for each leaf, in the order of the values; what only one side has is one line, however deep. */
export function valueChanges(before: unknown, after: unknown): Change[] {
  const found: Change[] = [];
  walk("", before, after, found);
  return found;
}

function walk(path: string, before: unknown, after: unknown, found: Change[]): void {
  if (found.length >= MOST_CHANGES) return;
  if (Array.isArray(before) && Array.isArray(after) && before.length + after.length > 0)
    walkLists(path, before, after, found);
  else if (isFields(before) && isFields(after) && Object.keys({ ...before, ...after }).length > 0)
    for (const key of Object.keys({ ...before, ...after })) {
      const at = pathTo(path, key);
      if (!Object.hasOwn(before, key))
        found.push({ path: at, kind: "added", before: undefined, after: after[key] });
      else if (!Object.hasOwn(after, key))
        found.push({ path: at, kind: "removed", before: before[key], after: undefined });
      else walk(at, before[key], after[key], found);
    }
  else {
    const same = before === after || JSON.stringify(before) === JSON.stringify(after);
    found.push({ path, kind: same ? "same" : "changed", before, after });
  }
}

/** Items are matched by content, so that one more at the front is one line. */
function walkLists(path: string, before: unknown[], after: unknown[], found: Change[]): void {
  const told = (list: unknown[]) => list.map((one) => JSON.stringify(one) ?? "null");
  for (const { a0, a1, b0, b1 } of blocks(told(before), told(after))) {
    for (let index = 0; index < Math.max(a1 - a0, b1 - b0); index++) {
      const [atA, atB] = [a0 + index, b0 + index];
      if (atA < a1 && atB < b1) walk(`${path}[${atB}]`, before[atA], after[atB], found);
      else if (atA < a1)
        found.push({ path: `${path}[${atA}]`, kind: "removed", before: before[atA], after: undefined });
      else found.push({ path: `${path}[${atB}]`, kind: "added", before: undefined, after: after[atB] });
    }
  }
}

export function pathTo(path: string, key: string): string {
  const word = /^[\w$-]+$/.test(key) ? key : JSON.stringify(key);
  return path === "" ? word : word.startsWith('"') ? `${path}[${word}]` : `${path}.${word}`;
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
