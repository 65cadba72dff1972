import { expect, test } from "vitest";
import type { Settings } from "../search";
import { newName, objectOf, viewOf } from "./saved";

const NOW = new Date("2026-11-28T12:00:00Z");
const SETTINGS: Settings = {
  filters: [
    { field: "started_at", op: "after", value: "7d" },
    { field: "inputs.model", op: "contains", value: "gpt" },
  ],
  sort: "-summary.weave.latency_ms",
  cols: ["summary.weave.trace_name", "inputs.a\\.b"],
  pins: ["summary.weave.trace_name"],
  size: 100,
};

test("a view is the client's own object and comes back whole", () => {
  const value = objectOf("Slow", SETTINGS, NOW);
  expect(value).toMatchObject({
    view_type: "traces",
    label: "Slow",
    _class_name: "SavedView",
    definition: {
      filter: { trace_roots_only: true },
      sort_by: [{ field: "summary.weave.latency_ms", direction: "desc" }],
      columns: [{ path: ["summary", "weave", "trace_name"], label: "Trace" }, { path: ["inputs", "a.b"] }],
      page_size: 100,
    },
  });
  expect(viewOf(value)).toEqual({ label: "Slow", settings: SETTINGS, whole: true });
});

test("without what only we say, the rest is read from the client's fields", () => {
  const value = objectOf("Slow", SETTINGS, NOW) as { definition: Record<string, unknown> };
  const { weft, ...definition } = value.definition;
  const filters = [
    { field: "started_at", op: "after", value: "2026-11-21T12:00:00.000Z" },
    SETTINGS.filters?.[1],
  ];
  expect(viewOf({ ...value, definition })).toEqual({
    label: "Slow",
    settings: { ...SETTINGS, filters },
    whole: true,
  });
});

test("a view always has columns, and the usual ones are no choice", () => {
  const value = objectOf("Plain", {}, NOW) as { definition: Record<string, unknown> };
  expect(value.definition.columns).toContainEqual({ path: ["inputs"], label: null });
  const { weft, ...definition } = value.definition;
  expect(viewOf({ ...value, definition })?.settings).toEqual({});
  const chosen = objectOf("Own", { cols: ["id", "feedback.[*].created_at"] }, NOW) as typeof value;
  expect(chosen.definition.columns).toEqual([{ path: ["id"], label: "Call ID" }]);
});

test("what the client writes is read: ops, pins, and all calls where nothing narrows", () => {
  const value = {
    view_type: "traces",
    label: "Ops",
    definition: {
      filter: { op_names: ["weave:///a/b/op/predict:*"], thread_ids: ["x"] },
      query: null,
      pin: { left: ["CustomCheckbox", "op_name"], right: [] },
      sort_by: [{ field: "started_at", direction: "desc" }],
      page_size: 25,
    },
  };
  expect(viewOf(value)).toEqual({
    label: "Ops",
    settings: {
      all: true,
      filters: [{ field: "summary.weave.trace_name", op: "equals", value: "predict" }],
      pins: ["summary.weave.trace_name"],
    },
    whole: false,
  });
  expect(viewOf({ ...value, view_type: "evaluations" })).toBeNull();
});

test("new objects are named as the client names them", () => {
  expect(newName(NOW)).toBe("traces_2026-11-28_12-00-00-000");
});
