import { expect, test } from "vitest";
import { every } from "~/api/weave/query";
import { conditionOf, conditionsOf, type Filter, OPERATORS, operatorsOf, secondsOf } from "./filters";
import { filtersOf } from "./parse";

const NOW = new Date("2026-11-28T12:00:30Z");

test("each operator becomes a condition that reads back as itself", () => {
  const filters: Filter[] = [
    { field: "inputs.model", op: "contains", value: "gpt" },
    { field: "inputs.model", op: "does not contain", value: "gpt" },
    { field: "inputs.model", op: "equals", value: "gpt" },
    { field: "inputs.model", op: "does not equal", value: "gpt" },
    { field: "inputs.model", op: "in", value: ["a", "b, c"] },
    { field: "output.score", op: "=", value: "1" },
    { field: "output.score", op: "!=", value: "1" },
    { field: "output.score", op: "<", value: "1" },
    { field: "output.score", op: "<=", value: "1.5" },
    { field: "output.score", op: ">", value: "-1" },
    { field: "output.score", op: ">=", value: "1e3" },
    { field: "output.ok", op: "is", value: "true" },
    { field: "started_at", op: "after", value: "2026-11-01T00:00:00.000Z" },
    { field: "started_at", op: "before", value: "2026-11-01T00:00:00.000Z" },
    { field: "output", op: "is empty" },
    { field: "ended_at", op: "is not empty" },
  ];
  expect(new Set(filters.map((one) => one.op))).toEqual(new Set(OPERATORS));
  const read = filtersOf(every(conditionsOf(filters, NOW)));
  const wanted = filters.map((one) => (one.value === "1e3" ? { ...one, value: "1000" } : one));
  expect(read).toEqual({ filters: wanted, whole: true });
});

test("numbers inside of texts count, and columns that are numbers stay as they are", () => {
  expect(conditionOf({ field: "inputs.n", op: "<", value: "2" }, NOW)).toEqual({
    $lt: [{ $convert: { input: { $getField: "inputs.n" }, to: "double" } }, { $literal: 2 }],
  });
  expect(conditionOf({ field: "summary.weave.latency_ms", op: "<", value: "2" }, NOW)).toEqual({
    $lt: [{ $getField: "summary.weave.latency_ms" }, { $literal: 2 }],
  });
});

test("a filter that is not finished asks for nothing", () => {
  const unfinished: Filter[] = [
    { field: "a", op: "contains" },
    { field: "a", op: "in", value: " , " },
    { field: "a", op: ">", value: "many" },
    { field: "a", op: "after", value: "soon" },
  ];
  expect(conditionsOf(unfinished, NOW)).toEqual([]);
});

test("times before now go back from the minute", () => {
  const noon = Date.parse("2026-11-28T12:00:00Z") / 1000;
  expect(secondsOf("24h", NOW)).toBe(noon - 86_400);
  expect(secondsOf("30m", NOW)).toBe(noon - 1_800);
  expect(secondsOf("2026-11-28T12:00:00Z", NOW)).toBe(noon);
  expect(secondsOf("yesterday", NOW)).toBeNull();
});

test("what the client writes for below and before is read, and what no filter says is told", () => {
  const score = { $convert: { input: { $getField: "output.score" }, to: "double" } };
  const query = {
    $expr: {
      $and: [
        { $not: [{ $gte: [score, { $literal: 3 }] }] },
        { $not: [{ $gt: [{ $getField: "started_at" }, { $literal: 0 }] }] },
        { $gt: [{ $getField: "a" }, { $getField: "b" }] },
      ],
    },
  };
  expect(filtersOf(query)).toEqual({
    filters: [
      { field: "output.score", op: "<", value: "3" },
      { field: "started_at", op: "before", value: "1970-01-01T00:00:00.000Z" },
    ],
    whole: false,
  });
  expect(filtersOf(null)).toEqual({ filters: [], whole: true });
});

test("kinds have their operators", () => {
  expect(operatorsOf("time")).toEqual(["after", "before", "is empty", "is not empty"]);
  expect(new Set(operatorsOf("any"))).toEqual(new Set(OPERATORS));
});
