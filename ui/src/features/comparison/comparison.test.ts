import { expect, test } from "vitest";
import { difference, figure, metricLines, propertyLines, valueLines } from "./compare";
import { leaves, outline } from "./leaves";
import { placed, readCompare, shownOf } from "./search";
import { callSubject, objectSubject } from "./subject";

const call = (id: string, latency_ms: number, output: unknown) =>
  callSubject({
    id,
    project_id: "loom/cloth",
    trace_id: id,
    op_name: "weave:///loom/cloth/op/f:abcdefghij",
    started_at: "2026-01-01T00:00:00Z",
    ended_at: "2026-01-01T00:00:01Z",
    inputs: { question: "why" },
    output,
    summary: {
      usage: { a: { prompt_tokens: 3, completion_tokens: 4 }, b: { input_tokens: 1, output_tokens: 2 } },
      weave: {
        latency_ms,
        costs: { a: { prompt_tokens_total_cost: 0.25, completion_tokens_total_cost: 0.5 } },
      },
    },
  });

test("calls are compared by metrics, properties and values", () => {
  const pair = [call("1", 100, { score: 0.5, text: "a" }), call("2", 250, { score: 0.5, text: "b" })];
  const metrics = metricLines(pair);
  expect(metrics.map((line) => [line.name, line.cells.map((cell) => cell?.value), line.differs])).toEqual([
    ["Latency", [100, 250], true],
    ["Input tokens", [4, 4], false],
    ["Output tokens", [6, 6], false],
    ["Total tokens", [10, 10], false],
    ["Cost", [0.75, 0.75], false],
    ["output.score", [0.5, 0.5], false],
  ]);
  expect(
    propertyLines(pair)
      .filter((line) => line.differs)
      .map((line) => line.name),
  ).toEqual(["Trace"]);
  expect(
    valueLines(pair)
      .filter((line) => line.differs)
      .map((line) => line.name),
  ).toEqual(["output.text"]);
});

test("differences are told as a number, a share or a multiple", () => {
  const [base, other] = [call("1", 100, null), call("2", 250, null)].map((one) => one.metrics[0]);
  expect(difference(other, base, "number")).toEqual({ text: "+150 ms", tone: "bad" });
  expect(difference(other, base, "percent")?.text).toBe("+150 %");
  expect(difference(other, base, "times")?.text).toBe("2.5×");
  expect(difference(base, other, "percent")).toEqual({ text: "−60 %", tone: "good" });
  expect(difference(base, base, "number")).toBeNull();
  const zero = { name: "n", unit: "number" as const, value: 0, lowerIsBetter: null };
  expect(difference({ ...zero, value: 2 }, zero, "percent")).toEqual({ text: "+2", tone: "plain" });
  expect(figure({ unit: "usd", value: 0.000123456 })).toBe("$0.0001235");
});

test("versions of objects are compared by their own fields", () => {
  const version = {
    project_id: "loom/cloth",
    object_id: "sums",
    digest: "abc",
    version_index: 2,
    is_latest: 1,
    created_at: "2026-01-01T00:00:00Z",
    kind: "object" as const,
    leaf_object_class: "Dataset",
    val: { _type: "Dataset", rows: "weave:///loom/cloth/table/d1", threshold: 1.5 },
  };
  const told = objectSubject("sums:abc", version, null, 7);
  expect(told).toMatchObject({ table: "d1", path: "weave/objects/sums/versions/abc", detail: "v2" });
  expect(told.metrics.map((one) => [one.name, one.value])).toEqual([
    ["Rows", 7],
    ["threshold", 1.5],
  ]);
  expect(objectSubject("x", { ...version, kind: "op" }, "def f(): ...", null).value).toEqual({
    code: "def f(): ...",
  });
});

test("a value taken apart", () => {
  expect(leaves({ a: [1, { b: [] }], "c d": null })).toEqual([
    ["a[0]", 1],
    ["a[1].b", []],
    ['"c d"', null],
  ]);
  expect(outline({ a: "x\ny", b: 2 })).toBe("a:\n  x\n  y\nb: 2");
});

test("six of more are shown, in the order of the address", () => {
  const ids = ["1", "2", "3", "4", "5", "6", "7"];
  expect(shownOf(ids, {})).toEqual(ids.slice(0, 6));
  expect(shownOf(ids, { shown: "7,2,nothing" })).toEqual(["2", "7"]);
  expect(placed(ids, "7", "1")[0]).toBe("7");
  expect(placed(["a", "b", "c"], "a", "c")).toEqual(["b", "c", "a"]);
  expect(readCompare({ calls: 12, view: "odd", as: "times", only: "yes" })).toEqual({
    calls: "12",
    as: "times",
  });
});
