import { expect, test } from "vitest";
import { previewOf } from "./preview";

test("cells show what a reader looks for first", () => {
  expect(previewOf("weave:///a/b/object/judge:0123456789")).toBe("judge:012345");
  expect(
    previewOf([
      { role: "system", content: "Be brief" },
      { role: "user", content: "Hello\nyou" },
    ]),
  ).toBe("Hello you");
  expect(previewOf([{ index: 0, message: { role: "assistant", content: "Hi" } }])).toBe("Hi");
  expect(previewOf([{ role: "user", content: [{ type: "text", text: "See" }, { type: "image_url" }] }])).toBe(
    "See",
  );
  expect(previewOf([1, 2])).toBe("[1,2]");
  expect(previewOf({ a: 1 })).toBe('{"a":1}');
});
