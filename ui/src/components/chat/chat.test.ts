import { expect, test } from "vitest";
import { conversationOf, requestOf } from "./chat";

const PNG = "data:image/png;base64,AAAA";

test("OpenAI's chats: images, tools, reasoning, choices", () => {
  const inputs = {
    model: "m",
    tools: [{ type: "function", function: { name: "look" } }],
    messages: [
      { role: "system", content: "Be brief" },
      {
        role: "user",
        content: [
          { type: "text", text: "What is it?" },
          { type: "image_url", image_url: { url: PNG } },
        ],
      },
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "1", function: { name: "look", arguments: '{"at":2}' } }],
      },
      { role: "tool", tool_call_id: "1", content: "a cat" },
    ],
  };
  const output = { choices: [{ message: { role: "assistant", content: "A cat", reasoning_content: "hm" } }] };
  const chat = conversationOf(inputs, output);
  expect(chat?.offered).toEqual(["look"]);
  expect(chat?.asked.map((one) => one.role)).toEqual(["system", "user", "assistant", "tool"]);
  expect(chat?.asked[1]?.parts[1]).toEqual({
    kind: "value",
    value: { type: "image_url", image_url: { url: PNG } },
  });
  expect(chat?.asked[2]?.tools).toEqual([{ id: "1", name: "look", arguments: { at: 2 } }]);
  expect(chat?.asked[3]?.answers).toBe("1");
  expect(chat?.answered[0]).toMatchObject({ reasoning: "hm", parts: [{ text: "A cat" }] });
  if (chat) expect(requestOf(inputs, chat)).toBe(inputs);
});

test("Anthropic's chats: system apart, blocks, thoughts, uses and results of tools", () => {
  const inputs = {
    model: "claude",
    system: "Be brief",
    max_tokens: 5,
    messages: [
      {
        role: "user",
        content: [{ type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } }],
      },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "t", content: "done" }] },
    ],
  };
  const output = {
    role: "assistant",
    content: [
      { type: "thinking", thinking: "hm" },
      { type: "text", text: "Hello" },
      { type: "tool_use", id: "t", name: "look", input: { at: 1 } },
    ],
  };
  const chat = conversationOf(inputs, output);
  expect(chat?.asked.map((one) => one.role)).toEqual(["system", "user", "tool"]);
  expect(chat?.asked[2]).toMatchObject({ answers: "t", parts: [{ text: "done" }] });
  expect(chat?.answered).toMatchObject([
    { reasoning: "hm", parts: [{ text: "Hello" }], tools: [{ name: "look", arguments: { at: 1 } }] },
  ]);
  if (!chat) return;
  const request = requestOf(inputs, chat) as { messages: { content: unknown[] }[]; max_tokens: number };
  expect(request.max_tokens).toBe(5);
  expect(request.messages[1]?.content).toEqual([{ type: "image_url", image_url: { url: PNG } }]);
});

test("the Responses API, Google's contents, and plain prompts", () => {
  const responses = conversationOf(
    {
      model: "m",
      instructions: "Be brief",
      input: [{ role: "user", content: [{ type: "input_text", text: "Hi" }] }],
    },
    {
      output: [
        { type: "reasoning", summary: [{ type: "summary_text", text: "hm" }] },
        { type: "message", role: "assistant", content: [{ type: "output_text", text: "Hello" }] },
        { type: "function_call", call_id: "1", name: "look", arguments: "{}" },
      ],
    },
  );
  expect(responses?.asked.map((one) => one.role)).toEqual(["system", "user"]);
  expect(responses?.answered).toMatchObject([
    { reasoning: "hm", parts: [{ text: "Hello" }], tools: [{ name: "look" }] },
  ]);
  const google = conversationOf(
    { contents: [{ role: "user", parts: [{ text: "Hi" }] }] },
    { candidates: [{ content: { role: "model", parts: [{ text: "Hello" }] } }] },
  );
  expect(google?.answered).toMatchObject([{ role: "assistant", parts: [{ text: "Hello" }] }]);
  const plain = conversationOf({ model: "m", prompt: "Once" }, { choices: [{ text: " upon" }] });
  expect(plain?.answered).toMatchObject([{ parts: [{ text: " upon" }] }]);
});

test("what is no chat is none", () => {
  for (const inputs of [{ question: "x" }, { messages: [] }, { messages: ["x"] }, { input: "x" }, null, 3])
    expect(conversationOf(inputs, "an answer")).toBeNull();
});
