import { describe, expect, it } from "vitest";
import { said } from "../state/conversation";
import { toRequest } from "../state/request";
import { chatOfHistory } from "./load";
import type { ChatWhole } from "./queries";

const TOOL = { type: "function", function: { name: "look", parameters: { type: "object" } } };
const CALL = { id: "call_1", type: "function", function: { name: "look", arguments: '{"at":"sky"}' } };
const REQUEST = {
  model: "weft/tiny-chat",
  messages: [
    { role: "system", content: "Be short." },
    {
      role: "user",
      content: [
        { type: "text", text: "What is it?" },
        { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
      ],
    },
    { role: "assistant", content: null, tool_calls: [CALL] },
    { role: "tool", tool_call_id: "call_1", content: "blue" },
  ],
  temperature: 0.5,
  n: 2,
  stop: "###",
  tools: [TOOL],
  response_format: { type: "json_schema", json_schema: { name: "word", schema: { type: "object" } } },
};

function whole(changed: Partial<ChatWhole> = {}): ChatWhole {
  const choices = ["Sky.", "Heaven."].map((content, index) => ({
    index,
    message: { role: "assistant", content },
    finish_reason: "stop",
  }));
  return {
    id: "req_1",
    started_at: "2026-11-01T00:00:00Z",
    user: "ada",
    request: REQUEST as never,
    response: { choices } as never,
    error: null,
    ...changed,
  };
}

describe("a chat of the history", () => {
  it("can be gone on with: what is sent is what was sent, and the answer", () => {
    const chat = chatOfHistory(whole());
    expect(chat.prompt.map((message) => message.content)).toEqual(["Be short."]);
    expect(chat.messages.map((message) => message.role)).toEqual(["user", "assistant", "tool", "assistant"]);
    const sent = toRequest(chat, { limitTokens: null, streams: false });
    expect(sent.messages.slice(0, 4)).toEqual(REQUEST.messages);
    expect(sent.messages[4]).toEqual({ role: "assistant", content: "Sky." });
    expect(sent).toMatchObject({ temperature: 0.5, n: 2, stop: ["###"] });
    expect(sent.tools).toHaveLength(1);
  });

  it("has every choice of the answer", () => {
    const last = chatOfHistory(whole()).messages.at(-1);
    expect(last?.answer?.choices.map((choice) => choice.content)).toEqual(["Sky.", "Heaven."]);
    expect(last && said(last).content).toBe("Sky.");
  });

  it("is there without an answer, and without its words", () => {
    expect(chatOfHistory(whole({ response: null })).messages.at(-1)?.role).toBe("tool");
    const bare = chatOfHistory(whole({ request: { model: "m" } as never, response: null }));
    expect([bare.model, bare.messages]).toEqual(["m", []]);
  });
});
