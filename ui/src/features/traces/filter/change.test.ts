import { expect, test } from "vitest";
import { kindOf, quickValue, replaced, startOf, told } from "./change";
import type { Filter } from "./filters";

const failed: Filter = { field: "summary.weave.status", op: "equals", value: "error" };
const model: Filter = { field: "inputs.model", op: "contains", value: "gpt" };

test("a quick choice takes the place of what was asked of its field", () => {
  const done: Filter = { ...failed, value: "success" };
  expect(replaced([failed, model], failed.field, done)).toEqual([done, model]);
  expect(replaced([failed, model], failed.field, null)).toEqual([model]);
  expect(replaced([model], failed.field, failed)).toEqual([model, failed]);
  expect(quickValue([failed, model], failed.field, "equals")).toBe("error");
  expect(quickValue([{ ...failed, op: "does not equal" }], failed.field, "equals")).toBe("");
});

test("fields have a kind, seen or known", () => {
  expect(kindOf("started_at", [])).toBe("time");
  expect(kindOf("inputs.n", [{ path: "inputs.n", kind: "number" }])).toBe("number");
  expect(kindOf("inputs.nobody", [])).toBe("any");
  expect(startOf("inputs.n", [{ path: "inputs.n", kind: "number" }])).toEqual({ field: "inputs.n", op: "=" });
  expect(startOf("summary.weave.status", []).op).toBe("equals");
});

test("filters are told in words", () => {
  expect(told(failed)).toEqual({ field: "Status", op: "equals", value: "Failed" });
  expect(told({ field: "started_at", op: "after", value: "7d" }).value).toBe("7 days ago");
  expect(told({ field: "started_at", op: "before", value: "2026-11-01T00:00:00Z" }).value).toContain("2026");
  expect(told({ field: "output", op: "is empty" }).value).toBe("");
  expect(told({ field: "inputs.a", op: "in", value: ["x", "y"] }).value).toBe("x, y");
});
