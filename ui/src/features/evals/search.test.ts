import { expect, test } from "vitest";
import { idsOf, readList, readRun, rowsAsked, sortOf } from "./search";

test("addresses keep what is known", () => {
  expect(readList({ q: " x ", status: "done", up: "yes", limit: 3, other: 1 })).toEqual({
    q: " x ",
    status: "done",
  });
  expect(readRun({ runs: "a,b", show: "disagree", min: 0.5, max: "x", x: "seconds", row: 7 })).toEqual({
    runs: "a,b",
    show: "disagree",
    min: 0.5,
    x: "seconds",
    row: "7",
  });
  expect(idsOf("a,,b,a")).toEqual(["a", "b"]);
});

test("sorts of rows name a run and a metric", () => {
  expect(sortOf({ sort: "change:r1:scores.a:b", up: true })).toEqual({
    by: "change",
    run: "r1",
    metric: "scores.a:b",
    descending: false,
  });
  expect(sortOf({ sort: "difference::scores.a" })).toMatchObject({ by: "difference", run: null });
  expect(sortOf({ sort: "nonsense" })).toBeNull();
});

test("an address asks one question about rows", () => {
  const asked = rowsAsked(["a", "b"], "a", "scores.x", { min: 1, show: "worse" }, false);
  expect(asked).toEqual({
    runs: ["a", "b"],
    baseline: "a",
    metric: "scores.x",
    lower: true,
    show: "worse",
    within: [{ metric: "scores.x", at_least: 1, at_most: null }],
    sort: null,
  });
});
