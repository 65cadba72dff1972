import { expect, test } from "vitest";
import {
  addColumn,
  addRow,
  pasteAt,
  removeColumn,
  removeRows,
  renameColumn,
  retypeColumn,
  setCell,
} from "./edit";
import { type History, NO_HISTORY, redo, remember, undo } from "./history";
import { deedOf, type Key } from "./keys";
import type { Sheet } from "./types";

const SHEET: Sheet = {
  columns: [
    { name: "q", type: "text" },
    { name: "n", type: "number" },
  ],
  rows: [{ q: "a", n: 1 }, { q: "b" }],
};

test("cells, rows and columns change, and the old sheet stays", () => {
  const kept = structuredClone(SHEET);
  expect(setCell(SHEET, 1, "n", 2).rows).toEqual([
    { q: "a", n: 1 },
    { q: "b", n: 2 },
  ]);
  expect(setCell(SHEET, 0, "n", undefined).rows[0]).toEqual({ q: "a" });
  expect(setCell(SHEET, 0, "n", 1)).toBe(SHEET);
  expect(addRow(SHEET, 1).rows).toEqual([{ q: "a", n: 1 }, { q: "" }, { q: "b" }]);
  expect(removeRows(SHEET, new Set([0])).rows).toEqual([{ q: "b" }]);
  expect(addColumn(SHEET, " t ", "text").rows[1]).toEqual({ q: "b", t: "" });
  expect(removeColumn(SHEET, "q")).toEqual({
    columns: [{ name: "n", type: "number" }],
    rows: [{ n: 1 }, {}],
  });
  expect(renameColumn(SHEET, "q", "input").rows).toEqual([{ input: "a", n: 1 }, { input: "b" }]);
  expect(SHEET).toEqual(kept);
});

test("names that are taken or none are refused", () => {
  for (const name of ["q", " ", "x".repeat(129)]) expect(() => addColumn(SHEET, name, "text")).toThrow();
  expect(() => renameColumn(SHEET, "q", "n")).toThrow("already");
});

test("a column changes its type, or says which row does not", () => {
  const texts = retypeColumn(SHEET, "n", "text");
  expect(texts.rows).toEqual([{ q: "a", n: "1" }, { q: "b" }]);
  expect(retypeColumn(texts, "n", "number")).toEqual(SHEET);
  expect(() => retypeColumn(SHEET, "q", "number")).toThrow("Row 1: “a” is no number");
  expect(retypeColumn(SHEET, "q", "json").rows[0]?.q).toBe("a");
});

test("what is pasted adds rows and columns, each cell by its column's type", () => {
  const pasted = pasteAt(SHEET, 1, 1, [
    ["5", "x"],
    ["", "y"],
  ]);
  expect(pasted.columns.at(-1)).toEqual({ name: "column_3", type: "text" });
  expect(pasted.rows).toEqual([
    { q: "a", n: 1, column_3: "" },
    { q: "b", n: 5, column_3: "x" },
    { q: "", column_3: "y" },
  ]);
  expect(() => pasteAt(SHEET, 0, 1, [["1"], ["x"]])).toThrow("Row 2");
});

test("steps are undone and done again, and a new one forgets what was undone", () => {
  let history: History<number> = NO_HISTORY;
  expect(undo(history, 1)).toBeNull();
  history = remember(remember(history, 1), 2);
  const [after, before] = undo(history, 3) ?? [];
  expect(before).toBe(2);
  expect(after && redo(after, 2)).toEqual([history, 3]);
  expect(after && remember(after, 2).future).toEqual([]);
});

test("keys move, edit, clear and undo", () => {
  const press = (key: string, more: Partial<Key> = {}) =>
    deedOf(
      { key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more },
      { row: 1, column: 1 },
      3,
      2,
    );
  expect(press("ArrowDown")).toEqual({ kind: "move", to: { row: 2, column: 1 } });
  expect(press("ArrowRight")).toEqual({ kind: "move", to: { row: 1, column: 1 } });
  expect(press("Home", { ctrlKey: true })).toEqual({ kind: "move", to: { row: 0, column: 0 } });
  expect(press("PageDown")).toEqual({ kind: "move", to: { row: 2, column: 1 } });
  expect(press("x")).toEqual({ kind: "edit", text: "x" });
  expect(press("F2")).toEqual({ kind: "edit" });
  expect(press(" ", { shiftKey: true })).toEqual({ kind: "select" });
  expect(press("z", { metaKey: true })).toEqual({ kind: "undo" });
  expect(press("Z", { ctrlKey: true, shiftKey: true })).toEqual({ kind: "redo" });
  expect(press("Delete")).toEqual({ kind: "clear" });
  for (const key of ["Tab", "Escape", "Shift"]) expect(press(key)).toBeNull();
  expect(press("c", { ctrlKey: true })).toBeNull();
});
