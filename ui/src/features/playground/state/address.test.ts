import { expect, test } from "vitest";
import { modelsOf } from "./address";
import { MAX_CHATS } from "./make";

test.each([
  ["weft/tiny-chat", ["weft/tiny-chat"]],
  [
    ["a", "b", "a"],
    ["a", "b", "a"],
  ],
  ['["a","b"]', ["a", "b"]],
  ["[broken", []],
  [undefined, []],
  [{ a: 1 }, []],
  [["", 7, "x".repeat(600), "ok"], ["ok"]],
])("%j opens %j", (given, models) => {
  expect(modelsOf(given)).toEqual(models);
});

test("there is a most", () => {
  expect(modelsOf(Array.from({ length: 99 }, (_, at) => `m${at}`))).toHaveLength(MAX_CHATS);
});
