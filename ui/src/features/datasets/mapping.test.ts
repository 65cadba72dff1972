import { expect, test } from "vitest";
import type { Call } from "~/api/weave/calls";
import { guess, mappingProblem, pathsOf, rowsOf, SOURCE, valueAt } from "./mapping";

const call = (id: string, inputs: Record<string, unknown>, output: unknown): Call => ({
  id,
  project_id: "loom/cloth",
  trace_id: id,
  op_name: "f",
  started_at: "2026-01-01T00:00:00Z",
  inputs,
  output,
});
const CALLS = [
  call(
    "1",
    { self: "weave:///loom/cloth/object/m:abc", question: "a?", meta: { "x.y": 1 } },
    { answer: "b" },
  ),
  call("2", { question: "c?", extra: [1] }, "d"),
];

test("fields of calls can become columns", () => {
  const paths = pathsOf(CALLS);
  expect(paths).toEqual([
    "inputs.self",
    "inputs.question",
    "inputs.meta",
    "inputs.meta.x.y",
    "inputs.extra",
    "output",
    "output.answer",
  ]);
  expect(valueAt(CALLS[0] as Call, "inputs.meta.x.y")).toBe(1);
  expect(valueAt(CALLS[1] as Call, "output.answer")).toBeUndefined();
  expect(guess(paths, CALLS, []).map((one) => one.column)).toEqual(["question", "meta", "extra", "output"]);
  expect(guess(paths, CALLS, ["answer", "level", SOURCE])).toEqual([
    { column: "answer", path: "output.answer" },
    { column: "level", path: "" },
  ]);
});

test("rows hold what was mapped and where it came from", () => {
  const mapped = [
    { column: " question ", path: "inputs.question" },
    { column: "expected", path: "output.answer" },
    { column: "unused", path: "" },
  ];
  const source = (id: string) => `weave:///loom/cloth/call/${id}`;
  expect(rowsOf("loom/cloth", CALLS, mapped, true)).toEqual([
    { question: "a?", expected: "b", [SOURCE]: source("1") },
    { question: "c?", expected: null, [SOURCE]: source("2") },
  ]);
  expect(rowsOf("loom/cloth", CALLS, mapped, false, new Set([source("1")]))).toEqual([
    { question: "c?", expected: null },
  ]);
});

test("a mapping that makes no rows is refused", () => {
  expect(mappingProblem([{ column: "a", path: "" }])).toContain("at least one");
  expect(mappingProblem([{ column: " ", path: "output" }])).toContain("name");
  const both = [
    { column: "a", path: "output" },
    { column: "a ", path: "inputs.b" },
  ];
  expect(mappingProblem(both)).toContain("called a");
  expect(mappingProblem([{ column: SOURCE, path: "output" }])).toContain("references");
  expect(mappingProblem([{ column: "a", path: "output" }])).toBeNull();
});
