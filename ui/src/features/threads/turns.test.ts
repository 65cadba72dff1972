import { expect, test } from "vitest";
import type { Call } from "~/api/weave/calls";
import { inOrder } from "./queries";
import { threadsSearch } from "./search";
import { saidIn } from "./turns";

const CALL: Call = { id: "1", project_id: "a/b", trace_id: "1", op_name: "f", started_at: "2026-11-01" };

test("a turn tells what was new in it", () => {
  const messages = [
    { role: "system", content: "Be brief" },
    { role: "user", content: "Hello" },
    { role: "assistant", content: "Hi" },
    { role: "user", content: "And now?" },
    { role: "assistant", content: "", tool_calls: [{ id: "1", function: { name: "f", arguments: "{}" } }] },
    { role: "tool", content: "x" },
  ];
  const said = (inputs: object) => saidIn({ ...CALL, inputs: { ...inputs }, output: "Now." });
  expect(said({ messages })?.asked.map((one) => one.role)).toEqual(["user", "assistant", "tool"]);
  expect(said({ messages: messages.slice(0, 2) })?.asked.map((one) => one.role)).toEqual(["system", "user"]);
  expect(said({ question: "x" })).toBeNull();
});

test("an address holds the text, the thread and the order, and nothing else", () => {
  expect(threadsSearch({ q: 5, thread: 7, sort: "turn_count", rising: true, x: 1 })).toEqual({
    q: "5",
    thread: "7",
    sort: "turn_count",
    rising: true,
  });
  expect(threadsSearch({ q: "", sort: "last_updated", thread: null })).toEqual({});
});

test("pages of turns from the end are one list from the beginning, each turn once", () => {
  const turn = (id: string): Call => ({ ...CALL, id });
  const pages = [
    [turn("4"), turn("3")],
    [turn("3"), turn("2")],
  ];
  expect(inOrder(pages).map((one) => one.id)).toEqual(["2", "3", "4"]);
});
