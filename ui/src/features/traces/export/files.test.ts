import { parquetReadObjects } from "hyparquet";
import { expect, test } from "vitest";
import type { Call } from "~/api/weave/calls";
import { MixedColumn, parquetFile } from "./parquet";
import { linesOf } from "./run";
import { fileColumns } from "./values";

const call = (id: string, inputs: Record<string, unknown>): Call => ({
  id,
  project_id: "a/b",
  trace_id: "t",
  op_name: "op",
  started_at: "2026-11-28T00:00:00Z",
  inputs,
});
const COLS = ["id", "inputs.q", "inputs.n", "inputs.ok", "inputs.deep", "inputs.none"];
const GROUPS = [
  [call("1", { q: "é", n: 1.5, ok: true, deep: { a: [1, "x"] } }), call("2", { q: null, n: 2 })],
  [call("3", { q: "c", n: -1, ok: false, deep: [3] })],
];

async function read(groups: Call[][], asJson: Set<string> = new Set()): Promise<Record<string, unknown>[]> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const file = parquetFile(fileColumns(COLS), asJson, (bytes) => parts.push(bytes));
  for (const group of groups) file.group(group);
  file.finish();
  return parquetReadObjects({ file: await new Blob(parts).arrayBuffer() });
}

test("Parquet files are written group by group, each column with its type", async () => {
  const rows = await read(GROUPS);
  const none = { "inputs.none": undefined };
  const plain = rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([key, one]) => [key, one ?? undefined])),
  );
  expect(plain).toEqual([
    { id: "1", "inputs.q": "é", "inputs.n": 1.5, "inputs.ok": true, "inputs.deep": { a: [1, "x"] }, ...none },
    {
      id: "2",
      "inputs.q": undefined,
      "inputs.n": 2,
      "inputs.ok": undefined,
      "inputs.deep": undefined,
      ...none,
    },
    { id: "3", "inputs.q": "c", "inputs.n": -1, "inputs.ok": false, "inputs.deep": [3], ...none },
  ]);
});

test("a column of several kinds is told, and can be written as JSON", async () => {
  const mixed = [[call("1", { n: 1 })], [call("2", { n: "many" })]];
  await expect(read(mixed)).rejects.toThrow(MixedColumn);
  const rows = await read(mixed, new Set(["inputs.n"]));
  expect(rows.map((row) => row["inputs.n"])).toEqual([1, "many"]);
});

test("an export of nothing is a file without rows", async () => {
  expect(await read([])).toEqual([]);
});

test("lines are put together from whatever pieces they come in", async () => {
  const bytes = new TextEncoder().encode('{"id":"é"}\n{"id":"2"}\n{"id":"3"}');
  const pieces = [bytes.slice(0, 8), bytes.slice(8, 9), bytes.slice(9, 24), bytes.slice(24)];
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece as Uint8Array<ArrayBuffer>);
      controller.close();
    },
  });
  const found: string[] = [];
  for await (const calls of linesOf(body)) found.push(...calls.map((one) => one.id));
  expect(found).toEqual(["é", "2", "3"]);
});
