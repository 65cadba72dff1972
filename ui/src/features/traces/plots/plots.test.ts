import { describe, expect, it } from "vitest";
import type { Call } from "~/api/weave/calls";
import { DEFAULTS, type Plot, pathsOf, readPlots, titleOf } from "./plot";
import { aggregate, binned, figureText, pointsOf } from "./points";
import { withinSpan } from "./span";
import { binnedOf, isOfAll } from "./whole";

const call = (id: string, op: string, minute: number, ms: number, tokens = 10): Call => ({
  id,
  project_id: "a/b",
  trace_id: id,
  op_name: `weave:///a/b/op/${op}:1`,
  started_at: new Date(Date.UTC(2026, 10, 28, 9, minute)).toISOString(),
  output: { score: ms / 1000 },
  summary: {
    usage: { m: { prompt_tokens: tokens, completion_tokens: 2 * tokens } },
    weave: { latency_ms: ms },
  },
});
const CALLS = [call("1", "ask", 0, 1000), call("2", "ask", 1, 3000), call("3", "sum", 59, 500, 30)];

describe("points", () => {
  it("are of calls that have both figures, also at paths", () => {
    const points = pointsOf(CALLS, { kind: "scatter", x: "input_tokens", y: "output.score", group: "op" });
    expect(points.map((one) => [one.key, one.x, one.y, one.group])).toEqual([
      ["1", 10, 1, "ask"],
      ["2", 10, 3, "ask"],
      ["3", 30, 0.5, "sum"],
    ]);
    expect(pointsOf(CALLS, { kind: "scatter", x: "cost", y: "latency" })).toEqual([]);
  });
});

describe("bins", () => {
  it("cut time evenly, and the last call is in the last bin", () => {
    const { bins, series } = binned(CALLS, {
      kind: "line",
      x: "started_at",
      y: "latency",
      aggregates: ["count", "max"],
      bins: 2,
    });
    expect(series).toEqual(["count", "max"]);
    expect(bins.map((bin) => bin.values)).toEqual([
      [2, 3],
      [1, 0.5],
    ]);
    expect(bins[1]?.to).toBe(new Date(CALLS[2]?.started_at ?? "").getTime());
  });

  it("are groups where the axis is one, the largest first", () => {
    const { bins } = binned(CALLS, { kind: "bar", x: "op", y: "latency", aggregates: ["average"] });
    expect(bins.map((bin) => [bin.name, bin.values[0]])).toEqual([
      ["ask", 2],
      ["sum", 0.5],
    ]);
  });

  it("put what is beyond the largest groups together", () => {
    const many = Array.from({ length: 20 }, (_, at) => call(`${at}`, `op${at}`, at, 1000));
    const { bins } = binned(many, { kind: "bar", x: "op", y: "latency", aggregates: ["count"] });
    expect(bins.at(-1)).toMatchObject({ name: "Others", values: [14] });
  });
});

it("narrows to a span, ends included, in place of another", () => {
  const op = { field: "op_name", op: "contains", value: "ask" } as const;
  const before = [{ field: "started_at", op: "after", value: "7d" } as const, op];
  expect(withinSpan(before, 1000, 2000)).toEqual([
    op,
    { field: "started_at", op: "after", value: "1970-01-01T00:00:00.999Z" },
    { field: "started_at", op: "before", value: "1970-01-01T00:00:02.001Z" },
  ]);
});

it("sums up as it says", () => {
  const values = [4, 1, 3, 2];
  expect(aggregate(values, "average")).toBe(2.5);
  expect(aggregate(values, "p50")).toBe(2);
  expect(aggregate(values, "p95")).toBe(4);
  expect(aggregate([], "sum")).toBeNull();
  expect(aggregate([], "count")).toBe(0);
  expect(figureText("cost", 0.00412)).toBe("$0.00412");
});

it("reads plots of an address as far as they make sense", () => {
  expect(readPlots(DEFAULTS)).toEqual(DEFAULTS);
  expect(
    readPlots([
      { kind: "pie", x: "a", y: "b" },
      { kind: "bar", x: "op", y: "output.n", bins: 1 },
    ]),
  ).toEqual([{ kind: "bar", x: "op", y: "output.n" }]);
  expect(readPlots("x")).toBeUndefined();
  expect(pathsOf([{ kind: "bar", x: "op", y: "output.n" }])).toEqual(["output.n"]);
  expect(titleOf({ kind: "bar", x: "op", y: "cost" })).toBe("Cost (average) by op");
});

describe("plots of all calls", () => {
  const plot: Plot = { kind: "bar", x: "started_at", y: "cost", group: "model", aggregates: ["sum"] };

  it("are those of figures and of what the server groups by", () => {
    expect(isOfAll(plot)).toBe(true);
    expect(isOfAll({ ...plot, x: "op" })).toBe(true);
    expect(isOfAll({ ...plot, kind: "line", x: "op" })).toBe(false);
    expect(isOfAll({ ...plot, kind: "scatter" })).toBe(false);
    expect(isOfAll({ ...plot, y: "output.score" })).toBe(false);
    expect(isOfAll({ ...plot, group: "user" })).toBe(false);
  });

  it("have the names that those of single calls have", () => {
    const [from, to] = [Date.UTC(2026, 10, 28, 9), Date.UTC(2026, 10, 28, 10)];
    const drawn = {
      groups: ["m", "", null],
      bins: [{ low: from, high: to, group: null, values: [1, null, 3] }],
    };
    const { series, bins } = binnedOf(plot, drawn);
    expect(series).toEqual(["m", "no model", "Others"]);
    const same = binned([call("1", "ask", 0, 1), call("2", "ask", 60, 1)], {
      ...plot,
      y: "latency",
      bins: 1,
    });
    expect(bins).toEqual([{ ...same.bins[0], values: [1, null, 3] }]);
    const grouped = { groups: [""], bins: [{ low: null, high: null, group: "ask", values: [2] }] };
    const ofOps = binned(CALLS.slice(0, 2), { kind: "bar", x: "op", y: "latency", aggregates: ["average"] });
    expect(binnedOf({ kind: "bar", x: "op", y: "latency" }, grouped)).toEqual(ofOps);
  });
});
