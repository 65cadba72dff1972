import { expect, test } from "vitest";
import type { Outline } from "~/api/weave/outline";
import { compose, opRows } from "./composition";
import { flameOf } from "./flame";
import { moveBy, nameTest, peersOf, rowsOf } from "./rows";
import { treeOf } from "./tree";

interface Told {
  parent?: number;
  op?: string;
  name?: string;
  start?: number;
  took?: number | null;
  status?: string;
  use?: [tokensIn: number, tokensOut: number];
}

function outlineOf(calls: Told[], price: [string, string] = ["1000000000", "2000000000"]): Outline {
  const ops = [...new Set(calls.map((call) => call.op ?? "weave:///a/b/op/run:x"))];
  const used = calls.flatMap((call, at) => (call.use ? [{ at, use: call.use }] : []));
  const none = used.map(() => 0);
  return {
    trace_id: "t",
    began_at_us: 0,
    ids: calls.map((_, at) => `c${at}`),
    parents: calls.map((call) => call.parent ?? -1),
    op_names: ops,
    ops: calls.map((call) => ops.indexOf(call.op ?? "weave:///a/b/op/run:x")),
    display_names: Object.fromEntries(
      calls.flatMap((call, at) => (call.name ? [[`c${at}`, call.name]] : [])),
    ),
    starts_us: calls.map((call, at) => call.start ?? at * 10),
    lengths_us: calls.map((call) => (call.took === undefined ? 10 : call.took)),
    statuses: ["success", "error"],
    status: calls.map((call) => (call.status === "error" ? 1 : 0)),
    models: ["m"],
    prices: [{ input: price[0], output: price[1], cache_read: "0", cache_write: "0" }],
    uses: {
      calls: used.map((one) => one.at),
      models: none,
      input_tokens: used.map((one) => one.use[0]),
      output_tokens: used.map((one) => one.use[1]),
      cache_read_tokens: none,
      cache_write_tokens: none,
      prices: none,
    },
  };
}

const SMALL = [
  { op: "weave:///a/b/op/agent:x", took: 100, start: 0 },
  { parent: 0, op: "weave:///a/b/op/chat:x", use: [1000, 10] as [number, number], start: 5 },
  { parent: 0, op: "weave:///a/b/op/step:x", start: 20, took: 50, status: "error" },
  {
    parent: 2,
    op: "weave:///a/b/op/chat:x",
    name: "last chat",
    use: [2000, 20] as [number, number],
    start: 30,
  },
];

test("a tree has its calls in order, each before its children, and adds up what they used", () => {
  const trace = treeOf(outlineOf(SMALL));
  expect(trace.order).toEqual([0, 1, 2, 3]);
  expect([...trace.depths]).toEqual([0, 1, 1, 2]);
  expect([...trace.below]).toEqual([3, 0, 1, 0]);
  expect(trace.names).toEqual(["agent", "chat", "step", "last chat"]);
  expect([...trace.spent.input]).toEqual([3000, 1000, 2000, 2000]);
  // A dollar for a million input tokens, two for a million of output.
  expect(trace.spent.costs[0]).toBe(3_060_000n);
  expect(trace.spent.costs[2]).toBe(2_040_000n);
});

test("a call that tells what all below it used is not counted twice", () => {
  const trace = treeOf(outlineOf([{ ...SMALL[0], use: [3000, 30] }, ...SMALL.slice(1)]));
  expect([trace.spent.input[0], trace.spent.output[0]]).toEqual([3000, 30]);
  expect(trace.spent.costs[0]).toBe(3_060_000n);
  const more = treeOf(outlineOf([{ ...SMALL[0], use: [4000, 30] }, ...SMALL.slice(1)]));
  expect(more.spent.input[0]).toBe(4000);
  expect(more.spent.costs[0]).toBe(4_060_000n);
});

test("a million cheap tokens cost what they cost", () => {
  const calls: Told[] = [
    {},
    ...Array.from({ length: 1000 }, () => ({ parent: 0, use: [1, 0] as [number, number] })),
  ];
  // Half a nano-dollar each: rounded one by one they would be a thousand, or none.
  expect(treeOf(outlineOf(calls, ["500000", "0"])).spent.costs[0]).toBe(500n);
});

test("orphans and circles stand at the top, and nothing is lost", () => {
  const trace = treeOf(
    outlineOf([{}, { parent: 2 }, { parent: 3 }, { parent: 1 }, { parent: 4 }, { parent: 0 }]),
  );
  expect([...trace.order].sort()).toEqual([0, 1, 2, 3, 4, 5]);
  expect([...trace.roots].sort()).toEqual([0, 1, 4]);
  expect(rowsOf(trace, new Set(), "").calls).toHaveLength(6);
});

test("50,000 calls, deep and wide, make a tree at once", () => {
  const deep: Told[] = Array.from({ length: 25_000 }, (_, at) => ({ parent: at - 1, use: [1, 1] }));
  const wide: Told[] = Array.from({ length: 25_000 }, () => ({ parent: 0 }));
  const trace = treeOf(outlineOf([...deep, ...wide]));
  expect(trace.count).toBe(50_000);
  expect(trace.depths[24_999]).toBe(24_999);
  expect(trace.below[0]).toBe(49_999);
  expect(trace.spent.input[0]).toBe(1);
  expect(rowsOf(trace, new Set([0]), "").calls).toEqual([0]);
  expect(flameOf(trace, -1).bars.length).toBeLessThanOrEqual(1500);
  const [only] = compose(trace);
  expect(only?.calls).toBe(50_000);
  expect(only?.children).toEqual([]);
});

test("a filter leaves what it means and what leads there; a broken pattern is a plain text", () => {
  const trace = treeOf(outlineOf(SMALL));
  const rows = rowsOf(trace, new Set(), "^last");
  expect(rows.calls).toEqual([0, 2, 3]);
  expect(rows.hits).toBe(1);
  expect(rowsOf(trace, new Set(), "^chat$").hits).toBe(2);
  expect([rows.isHit(3), rows.isHit(2)]).toEqual([true, false]);
  expect(nameTest("a(b")?.("xA(B")).toBe(true);
  expect(nameTest("  ")).toBeNull();
  expect(rowsOf(trace, new Set(), "nothing").calls).toEqual([]);
});

test("keys move, open and close as in any tree", () => {
  const trace = treeOf(outlineOf(SMALL));
  const none = new Set<number>();
  const rows = rowsOf(trace, none, "");
  expect(moveBy("ArrowDown", trace, rows, none, 1)).toEqual({ select: 2 });
  expect(moveBy("ArrowUp", trace, rows, none, 0)).toEqual({ select: 0 });
  expect(moveBy("End", trace, rows, none, 0)).toEqual({ select: 3 });
  expect(moveBy("ArrowLeft", trace, rows, none, 3)).toEqual({ select: 2 });
  expect(moveBy("ArrowLeft", trace, rows, none, 2)).toEqual({ close: 2 });
  expect(moveBy("ArrowRight", trace, rows, new Set([2]), 2)).toEqual({ open: 2 });
  expect(moveBy("ArrowRight", trace, rows, none, 0)).toEqual({ select: 1 });
  expect(moveBy("a", trace, rows, none, 0)).toBeNull();
  expect(peersOf(trace, 1)).toEqual([1, 3]);
});

test("a flame graph puts calls below those that called them, and those of the same time below each other", () => {
  const trace = treeOf(
    outlineOf([
      { start: 0, took: 100 },
      { parent: 0, start: 0, took: 60 },
      { parent: 0, start: 50, took: 50 },
      { parent: 0, start: 70, took: 30 },
    ]),
  );
  const { bars, hidden } = flameOf(trace, -1);
  expect(bars.map((bar) => [bar.call, bar.row])).toEqual([
    [0, 0],
    [1, 1],
    [2, 2],
    [3, 1],
  ]);
  expect(bars[2]).toMatchObject({ left: 0.5, width: 0.5 });
  expect(hidden).toBe(0);
  expect(flameOf(trace, 1)).toMatchObject({ bars: [{ call: 1, left: 0, width: 1 }], lengthUs: 60 });
});

test("code composition puts the calls of one op at one place together", () => {
  const trace = treeOf(
    outlineOf([
      ...SMALL,
      { parent: 0, op: "weave:///a/b/op/chat:x", took: 7 },
      { parent: 3, op: "weave:///a/b/op/step:x", took: 9 },
    ]),
  );
  const nodes = compose(trace);
  const shape = opRows(nodes, new Set()).map(({ node, depth }) => [
    node.name,
    depth,
    node.calls,
    node.totalUs,
  ]);
  expect(shape).toEqual([
    ["agent", 0, 1, 100],
    // The step inside a chat inside a step is the same entry; its time is in the first one's.
    ["step", 1, 2, 50],
    ["chat", 2, 1, 10],
    ["chat", 1, 2, 17],
  ]);
  expect(nodes[0]?.children[0]?.failed).toBe(1);
  expect(nodes[0]?.cost).toBe(3_060_000n);
  expect(opRows(nodes, new Set([`/${nodes[0]?.op}`]))).toHaveLength(1);
});
