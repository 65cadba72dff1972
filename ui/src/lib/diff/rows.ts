/** In what two datasets differ, row by row and by content. Pure. */

export interface Row {
  /** The same for rows of the same content. */
  digest: string;
  val: unknown;
}

export interface RowChange {
  kind: "same" | "changed" | "added" | "removed";
  /** Places from 0; -1 for none. */
  before: number;
  after: number;
  /** Columns whose values differ. */
  fields: string[];
}

/**
 * Every row once, in the order of `after`, with what is gone where it stood. Rows of the same content are the same rows,
 * wherever they stand. Of the others, those that share the value of a column that names rows (unique on both sides)
 * are one row that changed; then those between the same neighbours that have something in common.
 */
export function rowChanges(before: readonly Row[], after: readonly Row[]): RowChange[] {
  const partner = new Int32Array(after.length).fill(-1);
  const taken = new Uint8Array(before.length);
  const pair = (atBefore: number, atAfter: number) => {
    partner[atAfter] = atBefore;
    taken[atBefore] = 1;
  };
  matchSame(before, after, pair);
  const left = () => ({
    gone: indices(before.length, (at) => !taken[at]),
    come: indices(after.length, (at) => partner[at] === -1),
  });
  matchByColumn(before, after, left(), pair);
  matchByPlace(before, after, left(), partner, pair);
  return inOrder(before, after, partner, taken);
}

type Pair = (before: number, after: number) => void;
type Left = { gone: number[]; come: number[] };

function matchSame(before: readonly Row[], after: readonly Row[], pair: Pair): void {
  const places = new Map<string, number[]>();
  for (let at = before.length - 1; at >= 0; at--) {
    const { digest } = before[at] as Row;
    const list = places.get(digest);
    if (list) list.push(at);
    else places.set(digest, [at]);
  }
  after.forEach(({ digest }, at) => {
    const first = places.get(digest)?.pop();
    if (first !== undefined) pair(first, at);
  });
}

function matchByColumn(before: readonly Row[], after: readonly Row[], left: Left, pair: Pair): void {
  if (left.gone.length === 0 || left.come.length === 0) return;
  let best: { score: number; pairs: [number, number][] } = { score: 0, pairs: [] };
  for (const name of columnsOf(left.gone.map((at) => before[at]?.val))) {
    if (!isUnique(before, name) || !isUnique(after, name)) continue;
    const places = new Map(left.gone.map((at) => [keyOf(before[at], name), at]));
    const pairs = left.come.flatMap((at): [number, number][] => {
      const other = places.get(keyOf(after[at], name));
      return other === undefined ? [] : [[other, at]];
    });
    const score =
      pairs.length > 0 && /(^|_)(id|key|uuid)$/i.test(name) ? Number.MAX_SAFE_INTEGER : pairs.length;
    if (score > best.score) best = { score, pairs };
  }
  for (const [a, b] of best.pairs) pair(a, b);
}

/** Whether every row has a value of its own, a text or a number. */
function isUnique(rows: readonly Row[], name: string): boolean {
  const seen = new Set<string>();
  for (const row of rows) {
    const key = keyOf(row, name);
    if (key === null || seen.has(key)) return false;
    seen.add(key);
  }
  return true;
}

function keyOf(row: Row | undefined, name: string): string | null {
  const value = fieldsOf(row?.val)[name];
  return typeof value === "string" || typeof value === "number" ? `${typeof value}:${value}` : null;
}

function matchByPlace(
  before: readonly Row[],
  after: readonly Row[],
  left: Left,
  partner: Int32Array,
  pair: Pair,
): void {
  // A gap is named by the matched row of `before` in front of it.
  const placeOf = new Map<number, number>();
  partner.forEach((at, index) => {
    if (at !== -1) placeOf.set(at, index);
  });
  const gapOfBefore = (at: number) => {
    for (let index = at - 1; index >= 0; index--) if (placeOf.has(index)) return index;
    return -1;
  };
  const gaps = new Map<number, number[]>();
  let [last, gap] = [-2, -1];
  for (const at of left.gone) {
    if (at !== last + 1) gap = gapOfBefore(at);
    last = at;
    add(gaps, gap, at);
  }
  let front = -1;
  const come = new Map<number, number[]>();
  after.forEach((_, at) => {
    const other = partner[at] as number;
    if (other !== -1) front = other;
    else add(come, front, at);
  });
  for (const [name, places] of gaps) {
    const others = come.get(name) ?? [];
    const alone = places.length === 1 && others.length === 1;
    places.forEach((at, index) => {
      const other = others[index];
      if (other === undefined) return;
      if (alone || haveCommon(before[at]?.val, after[other]?.val)) pair(at, other);
    });
  }
}

function add(lists: Map<number, number[]>, name: number, one: number): void {
  const list = lists.get(name);
  if (list) list.push(one);
  else lists.set(name, [one]);
}

function haveCommon(a: unknown, b: unknown): boolean {
  const [left, right] = [fieldsOf(a), fieldsOf(b)];
  return Object.keys(left).some(
    (name) => left[name] !== null && left[name] !== undefined && sameValue(left[name], right[name]),
  );
}

function inOrder(
  before: readonly Row[],
  after: readonly Row[],
  partner: Int32Array,
  taken: Uint8Array,
): RowChange[] {
  const placeOf = new Map<number, number>();
  partner.forEach((at, index) => {
    if (at !== -1) placeOf.set(at, index);
  });
  const removed = new Map<number, RowChange[]>();
  let front = -1;
  before.forEach((_, at) => {
    if (taken[at]) front = placeOf.get(at) ?? front;
    else {
      const list = removed.get(front) ?? [];
      list.push({ kind: "removed", before: at, after: -1, fields: [] });
      removed.set(front, list);
    }
  });
  const out: RowChange[] = [...(removed.get(-1) ?? [])];
  after.forEach((row, at) => {
    const other = partner[at] as number;
    if (other === -1) out.push({ kind: "added", before: -1, after: at, fields: [] });
    else if (before[other]?.digest === row.digest)
      out.push({ kind: "same", before: other, after: at, fields: [] });
    else
      out.push({ kind: "changed", before: other, after: at, fields: changed(before[other]?.val, row.val) });
    for (const one of removed.get(at) ?? []) out.push(one);
  });
  return out;
}

/** Columns whose values differ, in their order. */
function changed(before: unknown, after: unknown): string[] {
  const [a, b] = [fieldsOf(before), fieldsOf(after)];
  return Object.keys({ ...a, ...b }).filter((name) => !sameValue(a[name], b[name]));
}

function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object") return false;
  return JSON.stringify(a) === JSON.stringify(b);
}

/** A row's columns; a row that has none is one column, `value`. */
export function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : { value };
}

/** The columns of all rows, in the order in which they come up. */
export function columnsOf(values: readonly unknown[]): string[] {
  const names = new Set<string>();
  for (const value of values) for (const name of Object.keys(fieldsOf(value))) names.add(name);
  return [...names];
}

function indices(length: number, holds: (at: number) => boolean): number[] {
  const found: number[] = [];
  for (let at = 0; at < length; at++) if (holds(at)) found.push(at);
  return found;
}
