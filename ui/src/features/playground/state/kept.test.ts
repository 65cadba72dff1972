import { expect, test } from "vitest";
import { chatOf } from "./kept";
import { toRequest } from "./request";

const FACTS = { limitTokens: null, streams: false };
const SCHEMA = { type: "object", properties: {} };

test("a kept request becomes the chat that sends it again", () => {
  const sent = {
    model: "weft/tiny-chat",
    messages: [
      { role: "system", content: "Be brief." },
      { role: "user", content: [{ type: "text", text: "Weather?" }] },
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "c1", type: "function", function: { name: "look", arguments: '{"at":1}' } }],
      },
      { role: "tool", tool_call_id: "c1", content: "sun" },
    ],
    max_tokens: 8,
    temperature: 0.2,
    stop: ["END"],
    n: 2,
    tools: [{ type: "function", function: { name: "look", parameters: SCHEMA } }],
    response_format: { type: "json_schema", json_schema: { name: "w", schema: SCHEMA, strict: true } },
  };
  const again = toRequest(chatOf(sent), FACTS);
  expect(again).toEqual({
    ...sent,
    messages: [sent.messages[0], { role: "user", content: "Weather?" }, ...sent.messages.slice(2)],
  });
});

test("what was kept in part, or is no chat at all, opens without messages", () => {
  expect(chatOf({ model: "a/b", left_out: "the body has 9 bytes" }).messages).toEqual([]);
  expect(chatOf({ model: "a/b", left_out: "the body has 9 bytes" }).model).toBe("a/b");
  expect(chatOf(null).model).toBe("");
  expect(chatOf({ messages: [3, { role: "robot", content: "x" }] }).messages).toEqual([]);
});
