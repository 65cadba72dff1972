/** A trace as a tree: children, depths, what calls used with everything below them. Pure; made for 50,000 calls. */

import type { Outline } from "~/api/weave/outline";

export interface Trace {
  readonly outline: Outline;
  readonly count: number;
  /** What calls are called: their given name, else their op's. */
  readonly names: readonly string[];
  /** Of the outline's ops. */
  readonly opNames: readonly string[];
  /** Of calls, in the order in which they began. */
  readonly children: readonly (readonly number[])[];
  readonly roots: readonly number[];
  readonly parents: Int32Array;
  readonly depths: Int32Array;
  /** All calls, each before its children. */
  readonly order: readonly number[];
  /** Where each call stands in `order`. */
  readonly places: Int32Array;
  /** How many calls are below each. */
  readonly below: Int32Array;
  readonly spent: Spent;
  find(id: string): number | undefined;
}

/** What calls used, with everything below them. */
export interface Spent {
  readonly input: Float64Array;
  readonly output: Float64Array;
  /** Nano-dollars; null where nothing has a price. */
  readonly costs: readonly (bigint | null)[];
}

const NONE: readonly number[] = [];
const PER_MTOK = 1_000_000n;

/** The tree of an outline. Calls whose parents are missing, or that call each other in a circle, stand at the top. */
export function treeOf(outline: Outline): Trace {
  const count = outline.ids.length;
  const parents = Int32Array.from(outline.parents);
  const children: number[][] = Array.from({ length: count }, () => []);
  const roots: number[] = [];
  for (let at = 0; at < count; at += 1) {
    const parent = parents[at] ?? -1;
    if (parent < 0 || parent === at) {
      parents[at] = -1;
      roots.push(at);
    } else children[parent]?.push(at);
  }
  const depths = new Int32Array(count).fill(-1);
  const order: number[] = [];
  for (const root of roots) walk(root, children, depths, order);
  for (let at = 0; at < count; at += 1) {
    if ((depths[at] ?? -1) >= 0) continue;
    // In a circle: the earliest call of it is put to the top.
    const parent = parents[at] ?? -1;
    children[parent] = children[parent]?.filter((child) => child !== at) ?? [];
    parents[at] = -1;
    roots.push(at);
    walk(at, children, depths, order);
  }
  const places = new Int32Array(count);
  order.forEach((at, place) => {
    places[at] = place;
  });
  const below = new Int32Array(count);
  for (let place = count - 1; place >= 0; place -= 1) {
    const at = order[place] ?? 0;
    const parent = parents[at] ?? -1;
    if (parent >= 0) below[parent] = (below[parent] ?? 0) + (below[at] ?? 0) + 1;
  }
  const opNames = outline.op_names.map(opName);
  const known = new Map(outline.ids.map((id, at) => [id, at]));
  return {
    outline,
    count,
    names: outline.ids.map((id, at) => outline.display_names[id] ?? opNames[outline.ops[at] ?? 0] ?? id),
    opNames,
    children: children.map((some) => (some.length > 0 ? some : NONE)),
    roots,
    parents,
    depths,
    order,
    places,
    below,
    spent: spend(outline, parents, order),
    find: (id) => known.get(id),
  };
}

function walk(root: number, children: number[][], depths: Int32Array, order: number[]): void {
  const stack = [root];
  depths[root] = 0;
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    order.push(at);
    const its = children[at] ?? [];
    for (let n = its.length - 1; n >= 0; n -= 1) {
      const child = its[n] ?? 0;
      depths[child] = (depths[at] ?? 0) + 1;
      stack.push(child);
    }
  }
}

/** `weave:///team/project/op/name:digest` is `name`. */
export function opName(op: string): string {
  if (!op.startsWith("weave:///")) return op;
  const name = op.split("/").at(-1)?.split(":")[0] ?? op;
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

const FIELDS = ["input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens"] as const;

/**
 * Adds up. Clients that trace whole programs tell in each call what all below it used; others only where the work was
 * done: so a call used what it tells, or what its children come to, whichever is more (as the server's `/trace/usage`).
 */
function spend(outline: Outline, parents: Int32Array, order: readonly number[]): Spent {
  const { uses, prices } = outline;
  const count = outline.ids.length;
  const input = new Float64Array(count);
  const output = new Float64Array(count);
  const costs: (bigint | null)[] = new Array(count).fill(null);
  const rates = prices.map((one) => [one.input, one.output, one.cache_read, one.cache_write].map(Number));
  for (let model = 0; model < outline.models.length; model += 1) {
    // Four figures a call, as FIELDS has them: what it tells, and what its children come to.
    const told = new Float64Array(count * 4);
    const inside = new Float64Array(count * 4);
    const priced = new Int32Array(count).fill(-1);
    const paid: (bigint | undefined)[] = new Array(count);
    for (let use = 0; use < uses.calls.length; use += 1) {
      if (uses.models[use] !== model) continue;
      const at = uses.calls[use] ?? 0;
      for (let n = 0; n < 4; n += 1) told[at * 4 + n] = uses[FIELDS[n] ?? "input_tokens"][use] ?? 0;
      priced[at] = uses.prices[use] ?? -1;
    }
    const own = [0, 0, 0, 0];
    for (let place = count - 1; place >= 0; place -= 1) {
      const at = order[place] ?? 0;
      const parent = parents[at] ?? -1;
      let isAny = false;
      for (let n = 0; n < 4; n += 1) {
        const below = inside[at * 4 + n] ?? 0;
        const mine = Math.max((told[at * 4 + n] ?? 0) - below, 0);
        own[n] = mine;
        if (mine + below === 0) continue;
        isAny = true;
        if (n === 0) input[at] = (input[at] ?? 0) + mine + below;
        if (n === 1) output[at] = (output[at] ?? 0) + mine + below;
        if (parent >= 0) inside[parent * 4 + n] = (inside[parent * 4 + n] ?? 0) + mine + below;
      }
      const rate = rates[priced[at] ?? -1];
      let cost = paid[at];
      if (isAny && rate) cost = (cost ?? 0n) + costOf(own, rate);
      if (cost === undefined) continue;
      costs[at] = (costs[at] ?? 0n) + cost;
      if (parent >= 0) paid[parent] = (paid[parent] ?? 0n) + cost;
    }
  }
  // Summed up in millionths of nano-dollars, so that a million cheap tokens are not rounded to nothing.
  return {
    input,
    output,
    costs: costs.map((cost) => (cost === null ? null : (cost + PER_MTOK / 2n) / PER_MTOK)),
  };
}

function costOf(own: number[], rate: number[]): bigint {
  const [input = 0, output = 0, read = 0, write = 0] = own;
  const cached = read + write;
  // Most clients count cached tokens as input too; where they are more than those, they were counted apart.
  const fresh = cached <= input ? input - cached : input;
  return (
    times(fresh, rate[0] ?? 0) +
    times(output, rate[1] ?? 0) +
    times(read, rate[2] ?? 0) +
    times(write, rate[3] ?? 0)
  );
}

/** Exact: only where a number would not be, with the slower kind. */
function times(tokens: number, rate: number): bigint {
  const product = tokens * rate;
  return product <= Number.MAX_SAFE_INTEGER ? BigInt(product) : BigInt(tokens) * BigInt(rate);
}
