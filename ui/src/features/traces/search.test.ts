import { expect, test } from "vitest";
import { isSame, settingsOf, sortOf, tracesSearch } from "./search";

test("an address keeps all of a table and drops what makes no sense", () => {
  const whole = {
    view: "traces_1",
    all: true as const,
    filters: [{ field: "inputs.model", op: "in" as const, value: ["a", "b"] }],
    sort: "-inputs.n",
    cols: ["started_at", "inputs.n"],
    pins: [],
    size: 100,
    page: 3,
    live: true as const,
  };
  expect(tracesSearch(whole)).toEqual(whole);
  expect(
    tracesSearch({
      view: 7,
      all: "yes",
      filters: [{ field: "a", op: "like", value: "b" }, null, { field: "n", op: "=", value: 3 }],
      sort: "",
      cols: "x",
      size: 7,
      page: -1,
      more: 1,
    }),
  ).toEqual({ view: "7", filters: [{ field: "n", op: "=", value: "3" }] });
});

test("a view keeps settings, not where one reads", () => {
  const search = { view: "v", all: true as const, page: 2, live: true as const, sort: "op_name" };
  expect(settingsOf(search)).toEqual({ all: true, sort: "op_name" });
  expect(isSame(settingsOf(search), { sort: "op_name", all: true })).toBe(true);
  expect(isSame({}, { sort: "op_name" })).toBe(false);
});

test("the newest come first unless the address says otherwise", () => {
  expect(sortOf({})).toEqual({ by: "started_at", descending: true });
  expect(sortOf({ sort: "inputs.n" })).toEqual({ by: "inputs.n", descending: false });
});
