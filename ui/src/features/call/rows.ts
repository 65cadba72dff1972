/** Which calls of a tree are in sight, and how keys move among them. Pure. */

import type { Trace } from "./tree";

/** What a reader typed as a test of names: a regular expression, or the text itself where it is none. */
export function nameTest(typed: string): ((name: string) => boolean) | null {
  const text = typed.trim();
  if (text === "") return null;
  try {
    const pattern = new RegExp(text, "i");
    return (name) => pattern.test(name);
  } catch {
    const plain = text.toLowerCase();
    return (name) => name.toLowerCase().includes(plain);
  }
}

export interface Rows {
  /** Calls in sight, from top to bottom. */
  readonly calls: readonly number[];
  /** How many calls the filter meant; all without one. */
  readonly hits: number;
  readonly isHit: (call: number) => boolean;
}

/** Calls in sight: not below a closed one, and with a filter only those that it means and what leads to them. */
export function rowsOf(trace: Trace, closed: ReadonlySet<number>, typed: string): Rows {
  const test = nameTest(typed);
  const kept = test ? hitsOf(trace, test) : null;
  const calls: number[] = [];
  for (let place = 0; place < trace.count; place += 1) {
    const call = trace.order[place] ?? 0;
    if (kept && !kept.shown[call]) {
      place += trace.below[call] ?? 0;
      continue;
    }
    calls.push(call);
    if (closed.has(call)) place += trace.below[call] ?? 0;
  }
  return {
    calls,
    hits: kept ? kept.hits : trace.count,
    isHit: (call) => kept !== null && kept.hit[call] === 1,
  };
}

function hitsOf(trace: Trace, test: (name: string) => boolean) {
  const shown = new Uint8Array(trace.count);
  const hit = new Uint8Array(trace.count);
  const known = new Map<string, boolean>();
  const isMeant = (name: string) => {
    const fits = known.get(name) ?? test(name);
    known.set(name, fits);
    return fits;
  };
  let hits = 0;
  for (let call = 0; call < trace.count; call += 1) {
    // A call that was given a name is found by that of its op as well.
    const op = trace.opNames[trace.outline.ops[call] ?? 0] ?? "";
    if (!isMeant(trace.names[call] ?? "") && !isMeant(op)) continue;
    hits += 1;
    hit[call] = 1;
    for (let at = call; at >= 0 && !shown[at]; at = trace.parents[at] ?? -1) shown[at] = 1;
  }
  return { shown, hit, hits };
}

/** The calls above one, from the top down. */
export function pathTo(trace: Trace, call: number): number[] {
  const path: number[] = [];
  for (let at = trace.parents[call] ?? -1; at >= 0; at = trace.parents[at] ?? -1) path.unshift(at);
  return path;
}

/** The calls beside one, itself among them. */
export function siblingsOf(trace: Trace, call: number): readonly number[] {
  const parent = trace.parents[call] ?? -1;
  return parent < 0 ? trace.roots : (trace.children[parent] ?? []);
}

/** All calls of the same op, in the order of the tree. */
export function peersOf(trace: Trace, call: number): number[] {
  const op = trace.outline.ops[call];
  return trace.order.filter((one) => trace.outline.ops[one] === op);
}

export type Move = { select: number } | { close: number } | { open: number } | null;

/** What a key means in a tree (WAI-ARIA's tree pattern), at row `index` of the rows in sight. */
export function moveBy(
  key: string,
  trace: Trace,
  rows: Rows,
  closed: ReadonlySet<number>,
  index: number,
): Move {
  const last = rows.calls.length - 1;
  const to = (at: number): Move => {
    const call = rows.calls[Math.max(0, Math.min(last, at))];
    return call === undefined ? null : { select: call };
  };
  const call = rows.calls[index];
  switch (key) {
    case "ArrowDown":
      return to(index + 1);
    case "ArrowUp":
      return to(index - 1);
    case "PageDown":
      return to(index + 15);
    case "PageUp":
      return to(index - 15);
    case "Home":
      return to(0);
    case "End":
      return to(last);
  }
  if (call === undefined) return null;
  const isParent = (trace.children[call]?.length ?? 0) > 0;
  if (key === "ArrowRight" && isParent) return closed.has(call) ? { open: call } : to(index + 1);
  if (key === "ArrowLeft") {
    if (isParent && !closed.has(call)) return { close: call };
    const parent = trace.parents[call] ?? -1;
    return parent < 0 ? null : { select: parent };
  }
  return null;
}
