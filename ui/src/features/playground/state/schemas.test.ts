import { expect, test } from "vitest";
import { parseFunction, parseSchema, showFunction } from "./schemas";
import { stopProblem } from "./settings";

const WEATHER = {
  name: "get_weather",
  description: "Get the weather in a city.",
  parameters: { type: "object", properties: { location: { type: "string" } }, required: ["location"] },
};

test("a function is taken bare or as a request holds it, and shown again", () => {
  const bare = parseFunction(JSON.stringify(WEATHER), []);
  const wrapped = parseFunction(JSON.stringify({ type: "function", function: WEATHER }), []);
  expect(bare.value).toEqual({ ...WEATHER, strict: false });
  expect(wrapped.value).toEqual(bare.value);
  expect(bare.value && JSON.parse(showFunction(bare.value))).toEqual(WEATHER);
});

test.each([
  ["{", /not valid JSON/],
  ["[]", /must be a JSON object/],
  ["{}", /needs a "name"/],
  ['{"name": "a b"}', /letters, digits/],
  ['{"name": "taken"}', /already/],
  ['{"name": "f", "parameters": {"type": "thing"}}', /no type "thing"/],
  ['{"name": "f", "parameters": {"properties": {"a": {"required": "b"}}}}', /a: "required" must be a list/],
])("%s is refused with the reason", (text, reason) => {
  expect(parseFunction(text, ["taken"]).problem).toMatch(reason);
});

test("schemas have bounds", () => {
  expect(parseSchema('{"type": ["string", "null"], "enum": ["a", null]}').problem).toBeNull();
  expect(parseSchema(JSON.stringify({ description: "x".repeat(70_000) })).problem).toMatch(/64 kB/);
  const deep = Array.from({ length: 40 }).reduce<object>((inner) => ({ properties: { a: inner } }), {});
  expect(parseSchema(JSON.stringify(deep)).problem).toMatch(/deeper/);
});

test("stop sequences: no empty one, none twice, none too long", () => {
  expect(stopProblem("END", [])).toBeNull();
  expect(stopProblem("", [])).toMatch(/empty/);
  expect(stopProblem("a", ["a"])).toMatch(/already/);
  expect(stopProblem("é".repeat(257), [])).toMatch(/512 bytes/);
});
