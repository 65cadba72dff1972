import { expect, test } from "vitest";
import { newScorer } from "../draft/make";
import type { ScorerDraft } from "../draft/types";
import { fits } from "./schema";
import { tryOut } from "./tryOut";

const say = (kind: ScorerDraft["kind"], changed: Partial<ScorerDraft>, answer: string, target: unknown) =>
  tryOut({ ...newScorer(kind, []), ...changed }, answer, target).passed;

test("texts are compared as the server compares them", () => {
  expect(say("exact", {}, " Warp\n", "Warp")).toBe(true);
  expect(say("exact", {}, "warp", "Warp")).toBe(false);
  expect(say("exact", { ignoreCase: true }, "warp", "Warp")).toBe(true);
  expect(say("exact", {}, "12", 12)).toBe(true);
  expect(say("contains", {}, "the warp is long", "warp")).toBe(true);
  expect(say("contains", {}, "weft", "warp")).toBe(false);
});

test("patterns are searched for anywhere, those of the row where there is none", () => {
  expect(say("regex", { pattern: "^\\d{2}$" }, "42", "")).toBe(true);
  expect(say("regex", {}, "a warp", "w[ae]rp")).toBe(true);
  expect(say("regex", { pattern: "(" }, "a", "")).toBeNull();
});

test("numbers are the last ones, within a tolerance", () => {
  expect(say("numeric", {}, "First 3, so 1,200.5", 1200.5)).toBe(true);
  expect(say("numeric", { absolute: "1" }, "9", "10")).toBe(true);
  expect(say("numeric", { relative: "5" }, "96", "100")).toBe(true);
  expect(say("numeric", { relative: "5" }, "94", "100")).toBe(false);
  expect(say("numeric", {}, "none", "100")).toBe(false);
  expect(say("numeric", {}, "1", "none")).toBeNull();
});

test("JSON is held against its schema as far as that is plain", () => {
  const schema = {
    type: "object",
    required: ["name"],
    properties: {
      name: { type: "string", maxLength: 3 },
      tags: { type: "array", items: { enum: ["a", 1] } },
    },
    additionalProperties: false,
  };
  for (const [value, fit] of [
    [{ name: "abc", tags: ["a", 1] }, true],
    [{ name: "abcd" }, false],
    [{ tags: [] }, false],
    [{ name: "a", tags: ["b"] }, false],
    [{ name: "a", more: 1 }, false],
    [[], false],
  ] as const)
    expect(fits(value, schema)).toBe(fit);
  expect(fits(1, { type: "integer", anyOf: [] })).toBeNull();
  expect(fits("x", { type: "integer", anyOf: [] })).toBe(false);
  expect(say("json_schema", { schema: JSON.stringify(schema) }, '{"name": "abc"}', "")).toBe(true);
  expect(say("json_schema", {}, "no", "")).toBe(false);
  expect(say("json_schema", { schema: "{" }, "{}", "")).toBeNull();
});
