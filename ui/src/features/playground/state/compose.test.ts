import { expect, test } from "vitest";
import { commandOf, SHORTCUTS } from "../tools/shortcuts";
import { composerProblem, targets } from "./compose";
import { newAnswer, newChat, newMessage, ofChats } from "./make";
import { DEFAULTS } from "./settings";

test("one composer speaks to all chats, or to one; to all where that one is gone", () => {
  const state = ofChats([newChat("a"), newChat("b")]);
  expect(targets(state, "all")).toHaveLength(2);
  expect(targets(state, state.chats[1]?.id ?? "")).toEqual([state.chats[1]]);
  expect(targets(state, "gone")).toHaveLength(2);
});

test("what stands in the way is named, with the chat", () => {
  const running = newMessage("assistant", "", { answer: newAnswer("a", DEFAULTS, 0) });
  const [ready, none, busy] = [newChat("a"), newChat(""), newChat("b", { messages: [running] })];
  expect(composerProblem(ofChats([none]), "all", true)).toBe("Select a model for this chat.");
  expect(composerProblem(ofChats([ready, none]), "all", true)).toBe("Select a model for chat 2.");
  expect(composerProblem(ofChats([ready, busy]), "all", true)).toBe("Wait for chat 2, or stop it.");
  expect(composerProblem(ofChats([ready, busy]), ready.id, true)).toBeNull();
  expect(composerProblem(ofChats([ready]), "all", false)).toBe("");
});

test("keys", () => {
  const key = (given: string, held: Partial<Parameters<typeof commandOf>[0]> = {}, code = "") =>
    commandOf({ key: given, code, metaKey: false, ctrlKey: false, shiftKey: false, altKey: false, ...held });
  expect(key("Escape")).toEqual({ name: "stop" });
  expect(key("¡", { altKey: true }, "Digit1")).toEqual({ name: "chat", index: 0 });
  expect(key("/", { metaKey: true })).toEqual({ name: "help" });
  expect(key("Y", { ctrlKey: true, shiftKey: true })).toEqual({ name: "add-chat" });
  expect(key("/")).toBeNull();
  expect(key("y", { ctrlKey: true })).toBeNull();
  expect(SHORTCUTS.every(({ keys, does }) => keys !== "" && does !== "")).toBe(true);
});
