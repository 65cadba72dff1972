import { expect, test } from "vitest";
import type { Call } from "~/api/weave/calls";
import { csvText } from "~/lib/csv";
import { textFile, tsvText } from "./texts";
import { askedOf, fileColumns } from "./values";

const call = (id: string, more: Partial<Call> = {}): Call => ({
  id,
  project_id: "a/b",
  trace_id: "t",
  op_name: "weave:///a/b/op/greet:abc",
  started_at: "2026-11-28T00:00:00Z",
  ...more,
});
const CALLS = [
  call("1", { inputs: { q: 'say "hi", twice', n: 1 }, summary: { usage: { m: { prompt_tokens: 2 } } } }),
  call("2", { inputs: { q: "a\tb\n", n: null } }),
];
const COLS = ["summary.weave.trace_name", "inputs.q", "inputs.n", "summary.weave.total_tokens"];

function written(format: "csv" | "tsv" | "json" | "jsonl"): string {
  const file = textFile(format, fileColumns(COLS));
  return file.begin() + file.rows(CALLS.slice(0, 1)) + file.rows([]) + file.rows(CALLS.slice(1)) + file.end();
}

test("CSV quotes as RFC 4180 says", () => {
  expect(written("csv")).toBe(
    'id,trace,inputs.q,inputs.n,total_tokens\r\n1,greet,"say ""hi"", twice",1,2\r\n2,greet,"a\tb\n",,\r\n',
  );
  expect(csvText("plain")).toBe("plain");
});

test("TSV keeps a row on a line", () => {
  expect(written("tsv").split("\n")[2]).toBe("2\tgreet\ta\\tb\\n\t\t");
  expect(tsvText("a\\b")).toBe("a\\\\b");
});

test("JSON is one list, and JSONL a line for each, whatever pieces they come in", () => {
  const wanted = [
    { id: "1", trace: "greet", "inputs.q": 'say "hi", twice', "inputs.n": 1, total_tokens: 2 },
    { id: "2", trace: "greet", "inputs.q": "a\tb\n", "inputs.n": null, total_tokens: null },
  ];
  expect(JSON.parse(written("json"))).toEqual(wanted);
  expect(
    written("jsonl")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toEqual(wanted);
  const none = textFile("json", fileColumns(null));
  expect(JSON.parse(none.begin() + none.end())).toEqual([]);
});

test("only what the columns need is asked for", () => {
  expect(askedOf(["inputs.q", "summary.weave.cost", "wb_user_id"])).toEqual({
    columns: ["id", "op_name", "started_at", "inputs.q", "summary", "wb_user_id"],
    include_costs: true,
    include_usernames: true,
  });
  expect(askedOf(null).columns).toContain("output");
});
