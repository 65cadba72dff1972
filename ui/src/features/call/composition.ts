/** What ops called what: a trace with the calls of one op at one place put together. Pure. */

import { opName, type Trace } from "./tree";

export interface OpNode {
  op: string;
  name: string;
  calls: number;
  failed: number;
  totalUs: number;
  /** Without what the calls inside took, as far as those ran one after the other. */
  ownUs: number;
  tokens: number;
  /** Nano-dollars; null where nothing has a price. */
  cost: bigint | null;
  /** One of the calls, to look at. */
  first: number;
  children: OpNode[];
}

const FAILED = "error";

/** The ops of a trace, those that took longest first. An op that calls itself, however far down, is one entry. */
export function compose(trace: Trace): OpNode[] {
  const top: Made = { node: empty("", "", -1), byOp: new Map(), above: null };
  const made: (Made | undefined)[] = new Array(trace.count);
  for (const call of trace.order) {
    const parent = made[trace.parents[call] ?? -1] ?? top;
    const at = placeOf(parent, trace, call);
    made[call] = at.made;
    add(at.made.node, trace, call, at.isAgain);
  }
  return sorted(top);
}

interface Made {
  node: OpNode;
  byOp: Map<number, Made>;
  above: Made | null;
}

function placeOf(parent: Made, trace: Trace, call: number): { made: Made; isAgain: boolean } {
  const op = trace.outline.ops[call] ?? 0;
  const name = trace.outline.op_names[op] ?? "";
  for (let at: Made | null = parent; at; at = at.above)
    if (at.above && at.node.op === name) return { made: at, isAgain: true };
  const known = parent.byOp.get(op);
  if (known) return { made: known, isAgain: false };
  const made = { node: empty(name, opName(name), call), byOp: new Map(), above: parent };
  parent.byOp.set(op, made);
  return { made, isAgain: false };
}

/** `isAgain`: an op inside itself, whose time and cost its first call has already. */
function add(node: OpNode, trace: Trace, call: number, isAgain: boolean): void {
  const { outline, spent } = trace;
  const took = outline.lengths_us[call] ?? 0;
  const inside = (trace.children[call] ?? []).reduce((sum, one) => sum + (outline.lengths_us[one] ?? 0), 0);
  node.calls += 1;
  node.failed += outline.statuses[outline.status[call] ?? 0] === FAILED ? 1 : 0;
  node.ownUs += Math.max(took - inside, 0);
  if (isAgain) return;
  node.totalUs += took;
  node.tokens += (spent.input[call] ?? 0) + (spent.output[call] ?? 0);
  const cost = spent.costs[call] ?? null;
  if (cost !== null) node.cost = (node.cost ?? 0n) + cost;
}

function sorted(made: Made): OpNode[] {
  const nodes = [...made.byOp.values()].map((one) => ({ ...one.node, children: sorted(one) }));
  return nodes.sort((a, b) => b.totalUs - a.totalUs || b.calls - a.calls);
}

function empty(op: string, name: string, first: number): OpNode {
  return {
    op,
    name,
    calls: 0,
    failed: 0,
    totalUs: 0,
    ownUs: 0,
    tokens: 0,
    cost: null,
    first,
    children: [],
  };
}

export interface OpRow {
  node: OpNode;
  depth: number;
  key: string;
}

/** The ops in the order in which they are listed, but for those inside closed ones. */
export function opRows(nodes: readonly OpNode[], closed: ReadonlySet<string>): OpRow[] {
  const rows: OpRow[] = [];
  const stack: OpRow[] = reversed(nodes, 0, "");
  for (let row = stack.pop(); row; row = stack.pop()) {
    rows.push(row);
    if (!closed.has(row.key)) stack.push(...reversed(row.node.children, row.depth + 1, row.key));
  }
  return rows;
}

function reversed(nodes: readonly OpNode[], depth: number, above: string): OpRow[] {
  return nodes.map((node) => ({ node, depth, key: `${above}/${node.op}` })).reverse();
}
