import { expect, test } from "vitest";
import type { Call } from "~/api/weave/calls";
import { keyOf, seenIn, stepsOf, valueAt } from "./paths";

const call = (more: Partial<Call>): Call => ({
  id: "1",
  project_id: "a/b",
  trace_id: "t",
  op_name: "op",
  started_at: "2026-11-28T00:00:00Z",
  ...more,
});

test("paths are taken apart as the server does", () => {
  expect(stepsOf("inputs.a\\.b.0")).toEqual(["inputs", "a.b", "0"]);
  expect(stepsOf("feedback.[wandb.reaction.1].payload")).toEqual(["feedback", "wandb.reaction.1", "payload"]);
  expect(keyOf("a.b")).toBe("a\\.b");
  expect(keyOf('a"b')).toBeNull();
});

test("values are found, lists by their index", () => {
  const one = call({ inputs: { "a.b": [{ c: 1 }] } });
  expect(valueAt(one, "inputs.a\\.b.0.c")).toBe(1);
  expect(valueAt(one, "inputs.x.y")).toBeUndefined();
});

test("columns are what calls have inside, with the kind of it", () => {
  const calls = [
    call({ inputs: { q: "x", n: null, deep: { a: { b: 1 } } }, output: "plain" }),
    call({ inputs: { q: 3, n: 2, list: [1] }, output: { ok: true }, attributes: { env: "test" } }),
  ];
  expect(seenIn(calls)).toEqual([
    { path: "inputs.q", kind: "any" },
    { path: "inputs.n", kind: "number" },
    { path: "inputs.deep.a.b", kind: "number" },
    { path: "inputs.list", kind: "any" },
    { path: "output", kind: "text" },
    { path: "output.ok", kind: "truth" },
    { path: "attributes.env", kind: "text" },
  ]);
});
