import { expect, test } from "vitest";
import { partsOf } from "./rows";

test("a row's target is found by its name, and one input stands for itself", () => {
  expect(partsOf({ id: 3, question: "2 + 2", target: "4" })).toEqual({ input: "2 + 2", target: "4" });
  expect(partsOf({ a: 1, b: 2, expected: 3 })).toEqual({ input: { a: 1, b: 2 }, target: 3 });
  expect(partsOf({ a: 1, b: 2 })).toEqual({ input: { a: 1, b: 2 }, target: undefined });
  expect(partsOf("weave:///a/b/object/c:d")).toEqual({ input: "weave:///a/b/object/c:d", target: undefined });
});
