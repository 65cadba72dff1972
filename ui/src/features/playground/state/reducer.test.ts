import { expect, test } from "vitest";
import { pendingToolCalls, sendProblem, sentMessages } from "./conversation";
import { copyOf, MAX_CHATS, newAnswer, newChat, newChoice, newMessage, newPlayground } from "./make";
import { reduce } from "./reducer";
import { DEFAULTS } from "./settings";
import type { Chat, Message, Playground } from "./types";

function answered(content: string, changed: Partial<Message> = {}): Message {
  const answer = { ...newAnswer("m", DEFAULTS, 0), status: "done" as const, choices: [newChoice(content)] };
  return newMessage("assistant", "", { answer, ...changed });
}

function chatAt(state: Playground, index: number): Chat {
  const chat = state.chats[index];
  if (chat === undefined) throw new Error(`no chat ${index}`);
  return chat;
}

test("what happens in one chat leaves the others the same objects", () => {
  const state = newPlayground(["a", "b"]);
  const [first, second] = [chatAt(state, 0), chatAt(state, 1)];
  const message = newMessage("user", "hi");
  const next = reduce(state, { type: "message/add", chatId: second.id, part: "messages", message });
  expect(chatAt(next, 0)).toBe(first);
  expect(chatAt(next, 1).messages).toEqual([message]);
  expect(reduce(next, { type: "chat/clear", chatId: "nobody" })).toBe(next);
});

test("the last chat cannot be removed, and a removed one hands the focus on", () => {
  const state = newPlayground(["a", "b"]);
  const [first, second] = [chatAt(state, 0), chatAt(state, 1)];
  const one = reduce(state, { type: "chat/remove", chatId: first.id });
  expect(one).toEqual({ chats: [second], activeId: second.id });
  expect(reduce(one, { type: "chat/remove", chatId: second.id })).toBe(one);
});

test("there is a most that fits side by side", () => {
  let state = newPlayground();
  for (let count = 0; count < 2 * MAX_CHATS; count += 1)
    state = reduce(state, { type: "chat/add", chat: newChat() });
  expect(state.chats).toHaveLength(MAX_CHATS);
});

test("a duplicate stands beside its original and changes apart", () => {
  const state = newPlayground(["a", "b"]);
  const first = { ...chatAt(state, 0), messages: [newMessage("user", "hi")] };
  const copy = copyOf(first);
  const next = reduce(state, { type: "chat/add", chat: copy, afterId: first.id });
  expect(next.chats.map((chat) => chat.model)).toEqual(["a", "a", "b"]);
  expect(copy.messages[0]?.id).not.toBe(first.messages[0]?.id);
});

test("clearing keeps the prompt and the settings", () => {
  const chat = newChat("a", {
    prompt: [newMessage("system", "be brief")],
    messages: [newMessage("user", "hi")],
  });
  const next = reduce({ chats: [chat], activeId: chat.id }, { type: "chat/clear", chatId: chat.id });
  expect(chatAt(next, 0)).toEqual({ ...chat, messages: [] });
});

test("retry keeps what was written before, and drops what follows", () => {
  const messages = [newMessage("user", "1"), answered("2"), newMessage("user", "3"), answered("4")];
  const chat = newChat("a", { messages });
  const state = { chats: [chat], activeId: chat.id };
  const kept = (at: number) =>
    chatAt(
      reduce(state, { type: "message/keep-for-retry", chatId: chat.id, messageId: messages[at]?.id ?? "" }),
      0,
    ).messages;
  expect(kept(0)).toEqual(messages.slice(0, 1));
  expect(kept(1)).toEqual(messages.slice(0, 1));
  expect(kept(3)).toEqual(messages.slice(0, 3));
});

test("an edited answer changes the choice that is selected, and says that it was edited", () => {
  const message = answered("");
  const answer = message.answer && {
    ...message.answer,
    choices: [newChoice("a"), newChoice("b")],
    selected: 1,
  };
  const chat = newChat("m", { messages: [{ ...message, answer }] });
  const next = reduce(
    { chats: [chat], activeId: chat.id },
    { type: "message/edit", chatId: chat.id, messageId: message.id, change: { content: "B" } },
  );
  const changed = chatAt(next, 0).messages[0]?.answer;
  expect(changed?.choices.map((choice) => choice.content)).toEqual(["a", "B"]);
  expect(changed?.edited).toBe(true);
});

test("tool calls wait for their results, and go together with them", () => {
  const call = { id: "c1", name: "get_weather", arguments: '{"city": "Paris"}' };
  const cut = { id: "c2", name: "get_weather", arguments: '{"city": ' };
  const message = answered("");
  const answer = message.answer && { ...message.answer, choices: [newChoice("", [call, cut])] };
  const asked: Message = { ...message, answer };
  const chat = newChat("m", { messages: [newMessage("user", "weather?"), asked] });
  expect(pendingToolCalls(chat)).toEqual([call]);
  expect(sendProblem(chat)).toMatch(/result/);
  const result = newMessage("tool", "17 C", { toolCallId: "c1" });
  const told = { ...chat, messages: [...chat.messages, result] };
  expect(pendingToolCalls(told)).toEqual([]);
  expect(sendProblem(told)).toBeNull();
  const without = reduce(
    { chats: [told], activeId: told.id },
    { type: "message/delete", chatId: told.id, messageId: asked.id },
  );
  expect(chatAt(without, 0).messages.map((each) => each.content)).toEqual(["weather?"]);
});

test("what failed before it said anything is not sent", () => {
  const chat = newChat("m", {
    prompt: [newMessage("system", "s")],
    messages: [newMessage("user", "u"), answered("")],
  });
  expect(sentMessages(chat).map((message) => message.role)).toEqual(["system", "user"]);
});
