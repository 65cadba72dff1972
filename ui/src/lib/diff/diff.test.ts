import { expect, test } from "vitest";
import { columnsOf, type Row, rowChanges } from "./rows";
import { type Block, blocks } from "./sequence";
import { folded, type TextRow, textRows, unified } from "./text";
import { valueChanges } from "./values";

const letters = (text: string) => [...text];

/** Put together again from the blocks: both sides must come out whole. */
function rebuilt(a: string, b: string, found: Block[]): [string, string] {
  let [left, right] = ["", ""];
  for (const { same, a0, a1, b0, b1 } of found) {
    left += a.slice(a0, a1);
    right += b.slice(b0, b1);
    if (same) expect(a.slice(a0, a1)).toBe(b.slice(b0, b1));
  }
  return [left, right];
}

test("blocks hold both sequences whole, and share as much as can be", () => {
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed % below;
  };
  for (let round = 0; round < 300; round++) {
    const word = () => Array.from({ length: random(14) }, () => "abcd"[random(4)]).join("");
    const [a, b] = [word(), word()];
    const found = blocks(letters(a), letters(b));
    expect(rebuilt(a, b, found)).toEqual([a, b]);
  }
  const same = blocks(letters("abcabba"), letters("cbabac")).filter((one) => one.same);
  expect(same.reduce((sum, one) => sum + one.a1 - one.a0, 0)).toBe(4); // Myers' own example
});

test("what differs by more than is looked for is one block", () => {
  const many = (from: number) => Array.from({ length: 3000 }, (_, index) => `${(index % 7) + from}`);
  expect(blocks(many(0), many(100))).toEqual([{ same: false, a0: 0, a1: 3000, b0: 0, b1: 3000 }]);
});

const shape = (row: TextRow) => [row.kind, row.before?.number ?? 0, row.after?.number ?? 0];

test("texts differ by lines, and lines by words", () => {
  const rows = textRows("a\nBe brief and kind.\nc", "a\nBe long and kind.\nc\nd");
  expect(rows.map(shape)).toEqual([
    ["same", 1, 1],
    ["changed", 2, 2],
    ["same", 3, 3],
    ["added", 0, 4],
  ]);
  expect(rows[1]?.before?.pieces).toEqual([
    { text: "Be ", changed: false },
    { text: "brief", changed: true },
    { text: " and kind.", changed: false },
  ]);
  expect(textRows("one two", "xyz")[0]?.before?.pieces).toEqual([{ text: "one two", changed: false }]);
  expect(textRows("", "").length).toBe(0);
});

test("only what differs, in one column", () => {
  const lines = (changed: string) =>
    [...Array(20).keys()].map((n) => (n === 10 ? changed : `${n}`)).join("\n");
  const rows = folded(textRows(lines("x y z"), lines("x y w")), 1);
  expect(rows.map((row) => row.kind)).toEqual(["skipped", "same", "changed", "same", "skipped"]);
  expect(rows[0]).toEqual({ kind: "skipped", lines: 9 });
  expect(unified(rows).map((row) => row.kind)).toEqual([
    "skipped",
    "same",
    "removed",
    "added",
    "same",
    "skipped",
  ]);
});

test("values differ by path; items of lists are matched by content", () => {
  const told = valueChanges(
    { a: 1, b: [1, 2, 3], c: { d: "x" }, gone: [1] },
    { a: 1, b: [0, 1, 2, 3], c: { d: "y", "e f": null } },
  )
    .filter((one) => one.kind !== "same")
    .map(({ path, kind }) => `${kind} ${path}`);
  expect(told).toEqual(["added b[0]", "changed c.d", 'added c["e f"]', "removed gone"]);
  expect(valueChanges(1, "1")).toEqual([{ path: "", kind: "changed", before: 1, after: "1" }]);
  expect(valueChanges([], [])[0]?.kind).toBe("same");
});

const row = (val: unknown): Row => ({ digest: JSON.stringify(val), val });
const brief = (before: unknown[], after: unknown[]) =>
  rowChanges(before.map(row), after.map(row)).map(
    (one) => `${one.kind} ${one.before}>${one.after} ${one.fields}`,
  );

test("rows that moved are the same rows", () => {
  expect(brief([{ a: 1 }, { a: 2 }, { a: 2 }], [{ a: 2 }, { a: 1 }, { a: 2 }])).toEqual([
    "same 1>0 ",
    "same 0>1 ",
    "same 2>2 ",
  ]);
});

test("a row that changed is found by what names it, else by where it stands", () => {
  const id = (id: string, text: string) => ({ id, text });
  expect(
    brief([id("a", "x"), id("b", "y"), id("c", "z")], [id("c", "z"), id("b", "Y"), id("d", "x")]),
  ).toEqual(["removed 0>-1 ", "same 2>0 ", "changed 1>1 text", "added -1>2 "]);
  const kind = (text: string, level: number) => ({ text, level });
  expect(
    brief([kind("q", 1), kind("q", 1), kind("r", 2)], [kind("q", 1), kind("q", 3), kind("r", 2)]),
  ).toEqual(["same 0>0 ", "changed 1>1 level", "same 2>2 "]);
  expect(brief(["a"], ["b"])).toEqual(["changed 0>0 value"]);
  expect(brief([], [{ a: 1 }])).toEqual(["added -1>0 "]);
});

test("ten thousand rows: each once, and none is made up", () => {
  const rows = Array.from({ length: 10_000 }, (_, n) => ({ n, text: `row ${n}`, even: n % 2 === 0 }));
  const next = rows
    .filter(({ n }) => n % 100 !== 0)
    .map((one) => (one.n % 50 === 1 ? { ...one, text: `${one.text}!` } : one));
  const found = rowChanges(rows.map(row), [...next, { n: -1, text: "new", even: false }].map(row));
  const count = (kind: string) => found.filter((one) => one.kind === kind).length;
  expect([count("removed"), count("changed"), count("added"), count("same")]).toEqual([100, 200, 1, 9700]);
  expect(new Set(found.map((one) => one.before)).size).toBe(10_001);
  expect(columnsOf(rows)).toEqual(["n", "text", "even"]);
});
