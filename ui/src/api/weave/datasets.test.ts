import { expect, test } from "vitest";
import { chunksOf, datasetValue, objectName } from "./datasets";

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

test("a version that follows one of a class of one's own is of that class as well, with all it has", () => {
  const after = {
    _type: "GoldSet",
    name: "gold",
    description: "old",
    rows: "weave:///a/b/table/1",
    language: "de",
    _class_name: "GoldSet",
    _bases: ["Dataset", "Object", "BaseModel"],
  };
  const wanted = { name: "gold", description: "new", rows: [], after };
  const rows = "weave:///a/b/table/2";
  expect(datasetValue(wanted, rows)).toEqual({ ...after, description: "new", rows });
  expect(datasetValue({ name: "x", rows: [] }, rows)).toMatchObject({
    _class_name: "Dataset",
    _bases: ["Object", "BaseModel"],
    description: null,
  });
});
