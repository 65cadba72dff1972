import { expect, test } from "vitest";
import { lineOf, textOf } from "./text";

test("values are shown, and bounded", () => {
  expect(textOf("a")).toBe("a");
  expect(textOf({ a: 1 })).toBe('{\n  "a": 1\n}');
  expect(textOf(undefined)).toBe("");
  expect(textOf("x".repeat(30_000))).toHaveLength(20_001);
});

test("cells hold one line", () => {
  expect(lineOf("a\n  b")).toBe("a b");
  expect(lineOf({ a: [1, null] })).toBe('{"a":[1,null]}');
  expect(lineOf(null)).toBe("");
  expect(lineOf(false)).toBe("false");
  expect(lineOf("x".repeat(1000))).toHaveLength(301);
});
