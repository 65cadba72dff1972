import { expect, test } from "vitest";
import type { Call } from "./calls";
import { callName, exceptionText, statusOf } from "./told";

const CALL: Call = {
  id: "1",
  project_id: "a/b",
  trace_id: "2",
  op_name: "weave:///a/b/op/ask:abc",
  started_at: "2026-11-01",
};

test("calls have names and states", () => {
  expect(callName(CALL)).toBe("ask");
  expect(callName({ ...CALL, op_name: "plain" })).toBe("plain");
  expect(callName({ ...CALL, display_name: "mine" })).toBe("mine");
  expect(statusOf(CALL)).toBe("running");
  expect(statusOf({ ...CALL, ended_at: "2026-11-02" })).toBe("done");
  expect(statusOf({ ...CALL, exception: "x" })).toBe("failed");
  expect(statusOf({ ...CALL, summary: { weave: { status: "descendant_error" } } })).toContain("inside");
});

test("exceptions read as Python prints them", () => {
  const frame = { filename: "a.py", line_number: 3, function_name: "f", text: "f()" };
  expect(exceptionText(JSON.stringify({ type: "ValueError", message: "no", traceback: [frame] }))).toBe(
    'Traceback (most recent call last):\n  File "a.py", line 3, in f\n    f()\nValueError: no',
  );
  for (const text of ["plain text", "null", "1", "{}"]) expect(exceptionText(text)).toBe(text);
});
