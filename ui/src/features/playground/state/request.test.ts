import { expect, test } from "vitest";
import { newChat, newMessage } from "./make";
import { toRequest } from "./request";
import { changedSettings, clamp, DEFAULTS, maxTokensOf, RANGES } from "./settings";
import type { ChatSettings } from "./types";

const FACTS = { limitTokens: 2048, streams: true };

function requestWith(settings: Partial<ChatSettings>) {
  const chat = newChat("m", { settings: { ...DEFAULTS, ...settings }, messages: [newMessage("user", "hi")] });
  return toRequest(chat, FACTS);
}

test("a plain chat sends what it must: half of the model's limit, and a temperature", () => {
  expect(requestWith({})).toEqual({
    model: "m",
    messages: [{ role: "user", content: "hi" }],
    max_tokens: 1024,
    temperature: 1,
    stream: true,
    stream_options: { include_usage: true },
  });
});

test("every setting has its word", () => {
  const settings: Partial<ChatSettings> = {
    responseFormat: { type: "json_schema", name: "city", schema: { type: "object" }, strict: true },
    functions: [{ name: "f", description: "does", parameters: { type: "object" }, strict: false }],
    stop: ["END"],
    trials: 3,
    maxTokens: 7,
    temperature: 0.25,
    topP: 0.5,
    frequencyPenalty: 0.1,
    presencePenalty: 0.2,
    track: false,
  };
  expect(requestWith(settings)).toMatchObject({
    response_format: {
      type: "json_schema",
      json_schema: { name: "city", schema: { type: "object" }, strict: true },
    },
    tools: [
      { type: "function", function: { name: "f", description: "does", parameters: { type: "object" } } },
    ],
    stop: ["END"],
    n: 3,
    max_tokens: 7,
    temperature: 0.25,
    top_p: 0.5,
    frequency_penalty: 0.1,
    presence_penalty: 0.2,
  });
  expect(changedSettings({ ...DEFAULTS, ...settings })).toEqual([
    "Response format: json_schema (city)",
    "Functions: f",
    'Stop sequences: "END"',
    "Number of trials: 3",
    "Maximum tokens: 7",
    "Temperature: 0.25",
    "Top P: 0.5",
    "Frequency penalty: 0.1",
    "Presence penalty: 0.2",
    "Not tracked with Weave",
  ]);
  expect(changedSettings(DEFAULTS)).toEqual([]);
});

test("maximum tokens: the default is half, 0 is no limit, and more than the model takes is the most", () => {
  const tokens = (maxTokens: number | null, limit: number | null = 100) =>
    maxTokensOf({ ...DEFAULTS, maxTokens }, limit);
  expect([tokens(null), tokens(0), tokens(30), tokens(1000), tokens(null, null)]).toEqual([
    50,
    null,
    30,
    100,
    null,
  ]);
});

test("ranges clamp to their steps", () => {
  expect(clamp(0.123, RANGES.temperature)).toBe(0.12);
  expect(clamp(9, RANGES.temperature)).toBe(2);
  expect(clamp(0.1 + 0.2, RANGES.topP)).toBe(0.3);
  expect(clamp(Number.NaN, RANGES.trials)).toBe(1);
  expect(clamp(1e9, RANGES.trials)).toBe(100);
});

test("pictures travel beside the text", () => {
  const url = "data:image/png;base64,iVBORw0KGgo=";
  const chat = newChat("m", { messages: [newMessage("user", "what?", { images: [url] })] });
  expect(toRequest(chat, FACTS).messages).toEqual([
    {
      role: "user",
      content: [
        { type: "text", text: "what?" },
        { type: "image_url", image_url: { url } },
      ],
    },
  ]);
});
