import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { guessDelimiter, readRecords, readTabs, writeTabs } from "./csv";
import { findMistake } from "./mistake";
import { formatOf, parseCsv, parseFile } from "./parse";
import { cellOfText, columnsOf, textOfCell, typeOfTexts } from "./typed";
import { MAX_COLUMNS, placeOf, RowsError } from "./types";

const bytes = (text: string) => new TextEncoder().encode(text).buffer as ArrayBuffer;

async function refusal(name: string, text: string): Promise<RowsError> {
  return parseFile(name, bytes(text)).then(
    () => expect.fail(`${name} was read`),
    (cause) => {
      expect(cause).toBeInstanceOf(RowsError);
      return cause;
    },
  );
}

test("records follow RFC 4180, with mixed line ends and a mark", () => {
  const text = '\ufeffa,b\r\n"x ""y"", z","1\n2"\n\n,\r3,4';
  expect(readRecords(text, ",")).toEqual([
    { line: 1, cells: ["a", "b"] },
    { line: 2, cells: ['x "y", z', "1\n2"] },
    { line: 5, cells: ["", ""] },
    { line: 6, cells: ["3", "4"] },
  ]);
  expect(readRecords("", ",")).toEqual([]);
});

test("quotes that make no sense are refused at their place", async () => {
  expect(placeOf(await refusal("a.csv", 'a,b\n1,"2\n3'))).toBe("Line 2, column 3");
  const after = await refusal("a.csv", 'a,b\n"x\ny" z,2');
  expect([after.message, placeOf(after)]).toEqual([expect.stringContaining('" z,2"'), "Line 3, column 3"]);
  const long = await refusal("a.csv", "a,b\n1,2\n1,2,3");
  expect([long.message, placeOf(long)]).toEqual([expect.stringContaining("3 cells"), "Line 3"]);
});

test("delimiters are guessed by what makes equal lines", () => {
  expect(guessDelimiter("a;b\n1,5;2\n")).toBe(";");
  expect(guessDelimiter('a\tb\n"x\ty"\t2')).toBe("\t");
  expect(guessDelimiter("a|b|c\n1|2|3")).toBe("|");
  expect(guessDelimiter("a,b;c\n1,2\n3")).toBe(",");
  expect(guessDelimiter("one\ntwo")).toBe(",");
});

test("cells are numbers only where nothing is lost", () => {
  expect(typeOfTexts(["1", "-2.5", ""])).toBe("number");
  for (const text of ["007", "1.10", "1e5", "12345678901234567890", "+1", " 1", "True"])
    expect(typeOfTexts([text, "1"])).toBe("text");
  expect(typeOfTexts(["true", "false"])).toBe("boolean");
  expect(typeOfTexts(["", ""])).toBe("text");
});

test("a table with short lines, missing and double names is read, and says so", () => {
  const sheet = parseCsv("q,,q\nx,1,true\ny\n");
  expect(sheet.columns).toEqual([
    { name: "q", type: "text" },
    { name: "column_2", type: "number" },
    { name: "q_2", type: "boolean" },
  ]);
  expect(sheet.rows).toEqual([
    { q: "x", column_2: 1, q_2: true },
    { q: "y", column_2: null, q_2: null },
  ]);
  expect(sheet.notes).toHaveLength(3);
});

test("JSON is a list of rows, or columns, or what pandas writes", async () => {
  const rows = [
    { a: 1, b: "x" },
    { a: 2, b: "y" },
  ];
  for (const value of [rows, { a: [1, 2], b: ["x", "y"] }, { a: { 0: 1, 1: 2 }, b: { 0: "x", 1: "y" } }])
    expect((await parseFile("a.json", bytes(JSON.stringify(value)))).rows).toEqual(rows);
  expect((await refusal("a.json", '{"a": [1], "b": [1, 2]}')).message).toContain("a has 1, b has 2");
  expect((await refusal("a.json", '[{"a": 1}, 2]')).message).toContain("Item 2");
  expect(placeOf(await refusal("a.json", '[\n  {"a": x}]'))).toBe("Line 2, column 9");
});

test("lines of JSON name the line that is none", async () => {
  const sheet = await parseFile(
    "a.ndjson",
    bytes('{"a": {"b": [1]}, "n": 12345678901234567890}\r\n\n{"c": null}\n'),
  );
  expect(sheet.rows).toEqual([{ a: { b: [1] }, n: "12345678901234567890" }, { c: null }]);
  expect(sheet.columns.map((column) => column.type)).toEqual(["json", "text", "text"]);
  expect(sheet.notes[0]).toContain("1 whole numbers");
  expect(placeOf(await refusal("a.jsonl", '{"a": 1}\n{"a" 1}'))).toBe("Line 2, column 6");
  expect(placeOf(await refusal("a.jsonl", '{"a": 1}\n[1]'))).toBe("Line 2");
});

test("Parquet that pyarrow wrote is read, with dates, large numbers, lists and zstd", async () => {
  const file = readFileSync(new URL("./sample.parquet", import.meta.url));
  const sheet = await parseFile("a.parquet", new Uint8Array(file).buffer);
  expect(sheet.rows).toEqual([
    {
      text: "wool",
      n: 1,
      large: "9007199254740993",
      share: 0.5,
      at: "2026-11-28T12:00:00.000Z",
      tags: ["a", "b"],
      of: { x: 1 },
      raw: "AAH/",
    },
    { text: null, n: null, large: 2, share: null, at: null, tags: [], of: { x: null }, raw: null },
  ]);
  expect(sheet.notes).toHaveLength(3);
  expect((await refusal("b.parquet", "PAR1 nothing")).message).toContain("Parquet");
});

test("files that cannot be read say what can", async () => {
  expect((await refusal("a.xlsx", "PK")).remedy).toContain("csv, tsv");
  expect((await refusal("a.csv", "")).message).toContain("empty");
  const latin = await parseFile("a.csv", new Uint8Array([97, 10, 0xe9]).buffer).catch((cause) => cause);
  expect(latin.remedy).toContain("UTF-8");
  const wide = new Uint8Array([0xff, 0xfe, 97, 0, 10, 0, 0xe9, 0]).buffer;
  expect((await parseFile("a.csv", wide)).rows).toEqual([{ a: "é" }]);
  const many = Array.from({ length: MAX_COLUMNS + 1 }, (_, index) => `c${index}`).join(",");
  expect((await refusal("a.csv", many)).message).toContain("201 columns");
  expect([formatOf("A.CSV"), formatOf("a.ndjson"), formatOf("a")]).toEqual(["csv", "jsonl", null]);
});

test("cells are typed as their column", () => {
  expect(cellOfText(" 12.5 ", "number")).toBe(12.5);
  expect(cellOfText("", "number")).toBeUndefined();
  expect(cellOfText(" a ", "text")).toBe(" a ");
  expect(cellOfText("FALSE", "boolean")).toBe(false);
  expect(cellOfText('{"a": [1]}', "json")).toEqual({ a: [1] });
  for (const [text, type] of [
    ["1,5", "number"],
    ["Infinity", "number"],
    ["0x10", "number"],
    ["yes", "boolean"],
    ["{a}", "json"],
  ] as const)
    expect(() => cellOfText(text, type)).toThrow(RowsError);
  for (const [value, type] of [
    [1.5, "number"],
    ["a", "text"],
    [{ a: "b" }, "json"],
    ["a", "json"],
    [null, "json"],
  ] as const)
    expect(cellOfText(textOfCell(value, type), type)).toEqual(value);
  expect(columnsOf([{ a: 1 }, { a: "x", b: true }])).toEqual([
    { name: "a", type: "json" },
    { name: "b", type: "boolean" },
  ]);
});

test("the clipboard of a spreadsheet goes both ways", () => {
  const cells = [
    ["a\tb", 'say "x"'],
    ["", "two\nlines"],
  ];
  expect(readTabs(`${writeTabs(cells)}\r\n`)).toEqual(cells);
  expect(readTabs('"broken\tx')).toEqual([['"broken', "x"]]);
});

test("the first mistake in a JSON text is found wherever it is", () => {
  for (const [text, at, expected] of [
    ["", 0, "a value"],
    ['{"a" 1}', 5, "a colon"],
    ['{"a": 1,}', 8, "a name"],
    ["[1 2]", 3, "a comma"],
    ["[1,", 3, "a value"],
    ["[1}", 2, "a comma"],
    ['["a\nb"]', 1, "a value"],
    ["{} x", 3, "nothing more"],
    ["[01]", 2, "a comma"],
  ] as const)
    expect(findMistake(text)).toEqual({ at, expected: expect.stringContaining(expected) });
});
