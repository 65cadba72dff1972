import { expect, test } from "vitest";
import type { Call } from "~/api/weave/calls";
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

test("an address holds the thread and the order, and nothing else", () => {
  expect(threadsSearch({ thread: 7, sort: "turn_count", rising: true, x: 1 })).toEqual({
    thread: "7",
    sort: "turn_count",
    rising: true,
  });
  expect(threadsSearch({ sort: "last_updated", thread: null })).toEqual({});
});
