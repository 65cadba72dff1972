import { expect, test } from "vitest";
import { type Call, callName, exceptionText, statusOf, textOf, wantedOf } from "./link";

const CALL: Call = { id: "1", trace_id: "2", op_name: "weave:///a/b/op/ask:abc", started_at: "2026-11-01" };

test("links name what their clients meant", () => {
  expect(wantedOf("")).toEqual({ kind: "project" });
  expect(wantedOf("weave")).toEqual({ kind: "project" });
  expect(wantedOf("weave/agents/conversations/1")).toEqual({ kind: "project" });
  expect(wantedOf("r/call/0193")).toEqual({ kind: "call", id: "0193" });
  expect(wantedOf("weave/calls/0193")).toEqual({ kind: "call", id: "0193" });
  expect(wantedOf("runs/abc/overview")).toEqual({ kind: "run", name: "abc" });
  const object = { kind: "object", of: "object", name: "my thing", digest: "abc" };
  expect(wantedOf("weave/objects/my thing/versions/abc")).toEqual(object);
  expect(wantedOf("weave/ops/f")).toEqual({ kind: "object", of: "op", name: "f", digest: "latest" });
  expect(wantedOf("weave/leaderboards/best")).toMatchObject({ of: "leaderboard", name: "best" });
});

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

test("values are shown, and bounded", () => {
  expect(textOf("a")).toBe("a");
  expect(textOf({ a: 1 })).toBe('{\n  "a": 1\n}');
  expect(textOf(undefined)).toBe("");
  expect(textOf("a".repeat(30_000))).toHaveLength(20_001);
});
