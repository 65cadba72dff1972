import { expect, test } from "vitest";
import { blocksFor, pieceOf, rowsOf } from "./blocks";

test("what is in sight is asked for, and a little more ahead", () => {
  expect(blocksFor(0, 20, 1000)).toEqual([0]);
  expect(blocksFor(0, 60, 1000)).toEqual([0, 1]);
  expect(blocksFor(950, 999, 1000)).toEqual([9]);
  expect(blocksFor(0, 0, 0)).toEqual([0]);
});

test("rows of the second half come from the end", () => {
  expect(pieceOf(100, 100, 1000)).toEqual({ offset: 100, limit: 100, fromEnd: false });
  expect(pieceOf(900, 100, 1000)).toEqual({ offset: 0, limit: 100, fromEnd: true });
  expect(pieceOf(900, 100, 950)).toEqual({ offset: 0, limit: 50, fromEnd: true });
  expect(pieceOf(900, 100, null)).toEqual({ offset: 900, limit: 100, fromEnd: false });
});

test("a page has what is known to be there", () => {
  expect(rowsOf(0, 10_000, 25_000, 100)).toBe(10_000);
  expect(rowsOf(20_000, 10_000, 25_000, 100)).toBe(5_000);
  expect(rowsOf(0, 10_000, null, 200)).toBe(200);
});
