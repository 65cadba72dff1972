import { expect, test } from "vitest";
import {
  changeText,
  type EvalRun,
  type Figure,
  frontOf,
  groupsOf,
  type Metric,
  namesOf,
  pText,
  sharesOf,
  spreadText,
  spreadTitle,
  told,
  valueText,
} from "./figures";

const figure = (run: string, mean: number | null, more: Partial<Figure> = {}): Figure => ({
  run,
  estimate: mean === null ? null : { n: 40, mean, interval: null },
  missing: 0,
  versus: null,
  verdict: null,
  rank: 1,
  tied_with_best: true,
  ...more,
});

const metric = (figures: Figure[], more: Partial<Metric> = {}): Metric => ({
  id: "scores.exact",
  label: "exact",
  kind: "passes",
  scorer: "exact",
  path: null,
  higher_is_better: true,
  figures,
  ...more,
});

test("values are written as their kind is read", () => {
  expect(valueText("passes", 0.875)).toBe("87.5 %");
  expect(valueText("seconds", 0.34)).toBe("340 ms");
  expect(valueText("usd", 0.0031)).toBe("$0.0031");
  expect(valueText("tokens", 576.43)).toBe("576");
  expect(valueText("number", -0.25)).toBe("−0.25");
  expect(changeText("passes", 0.125)).toBe("+12.5 points");
  expect(changeText("number", 0)).toBe("±0");
  expect(pText(0.00002)).toBe("p < 0.001");
  expect(pText(0.0321)).toBe("p = 0.032");
});

test("a figure tells n, interval, test and verdict", () => {
  const one = figure("b", 0.875, {
    estimate: { n: 40, mean: 0.875, interval: { low: 0.74, high: 0.945, method: "wilson" } },
    missing: 2,
    versus: {
      n: 38,
      difference: 0.625,
      p_value: 0.00001,
      p_corrected: 0.00002,
      method: "mcnemar_exact",
      verdict: "better",
    },
  });
  expect(told(metric([one]), one)).toBe(
    "87.5 %; n = 40; 95 % interval 74 % to 94.5 % (Wilson); 2 rows without a value; " +
      "+62.5 points on 38 shared rows: better (p < 0.001 corrected, McNemar, exact)",
  );
  expect(told(metric([one]), figure("c", null))).toBe("no values");
});

test("runs of one rank are a group", () => {
  const groups = groupsOf(
    metric([figure("a", 0.2, { rank: 2 }), figure("b", 0.9), figure("c", 0.3, { rank: 2 })]),
  );
  expect(groups).toEqual([["b"], ["a", "c"]]);
});

test("a radar's shares are of the best, whichever way is better", () => {
  expect(sharesOf(metric([figure("a", 0.25), figure("b", null)]))).toEqual([0.25, null]);
  const slow = metric([figure("a", 4), figure("b", 2)], { kind: "seconds", higher_is_better: false });
  expect(sharesOf(slow)).toEqual([0.5, 1]);
  const below = metric([figure("a", -1), figure("b", 1)], { kind: "number" });
  expect(sharesOf(below)).toEqual([0, 1]);
});

test("the front is what no other beats in both", () => {
  const points = [
    { key: "dear", x: 3, y: 0.9 },
    { key: "cheap", x: 1, y: 0.5 },
    { key: "beaten", x: 2, y: 0.4 },
    { key: "twin", x: 3, y: 0.9 },
  ];
  expect(frontOf(points, true)).toEqual(["cheap", "dear"]);
  expect(frontOf(points, false)).toEqual(["cheap", "beaten"]);
});

test("runs have names that can be told apart", () => {
  const run = (id: string, model: string, name: string) => ({ id, name, model: { name: model } }) as EvalRun;
  expect([...namesOf([run("1", "a", "x"), run("2", "b", "y")]).values()]).toEqual(["a", "b"]);
  expect([...namesOf([run("1", "a", "x"), run("2", "a", "y"), run("3", "a", "y")]).values()]).toEqual([
    "a · x",
    "a · y",
    "a · y (2)",
  ]);
});

test("a mean in a list stands beside its interval and n", () => {
  const interval = { low: 0.142, high: 0.4019, method: "wilson" as const };
  expect(spreadText({ n: 40, mean: 0.25, interval })).toBe("0.142–0.4019, n 40");
  expect(spreadTitle({ n: 40, mean: 0.25, interval })).toBe("n = 40; 95 % interval 0.142 to 0.4019 (Wilson)");
  expect(spreadText({ n: 1, mean: 3, interval: null })).toBe("n 1");
});
