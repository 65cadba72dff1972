import { expect, test } from "vitest";
import { chunksOf, objectName } from "./datasets";

test("names are made as the client makes them", () => {
  expect(objectName("My questions (v2)")).toBe("My-questions-v2");
  expect(objectName("a__b..c")).toBe("a-b-c");
  expect(objectName("_ü/x ")).toBe("ü-x");
  expect(objectName("x".repeat(200))).toHaveLength(128);
});

test("rows go in pieces that a request can carry", () => {
  const rows = Array.from({ length: 2_500 }, (_, index) => ({ index }));
  expect(chunksOf(rows).map((chunk) => chunk.length)).toEqual([1_000, 1_000, 500]);
  expect(chunksOf(rows).flat()).toEqual(rows);
  const long = { text: "x".repeat(3 * 1024 * 1024) };
  expect(chunksOf([long, long, { a: 1 }]).map((chunk) => chunk.length)).toEqual([1, 2]);
  expect(chunksOf([])).toEqual([[]]);
});
