/** Changes to a sheet: each gives a new one and leaves the old as it was. Pure. */

import { asType, cellOfText } from "./typed";
import { type Cell, type ColumnType, checkSize, type Row, RowsError, type Sheet } from "./types";

const NAME_CHARS = 128;

/** A cell with another value; undefined takes it out of its row. */
export function setCell(sheet: Sheet, index: number, column: string, value: Cell | undefined): Sheet {
  const row = sheet.rows[index];
  if (row === undefined || Object.is(row[column], value)) return sheet;
  return { ...sheet, rows: sheet.rows.with(index, withCell(row, column, value)) };
}

/** An empty row before `index`; its texts are empty texts. */
export function addRow(sheet: Sheet, index: number): Sheet {
  checkSize(sheet.rows.length + 1, sheet.columns.length);
  return { ...sheet, rows: sheet.rows.toSpliced(index, 0, emptyRow(sheet)) };
}

export function removeRows(sheet: Sheet, indexes: ReadonlySet<number>): Sheet {
  return { ...sheet, rows: sheet.rows.filter((_, index) => !indexes.has(index)) };
}

/** A column at the end. Throws a `RowsError` if the name is taken or none. */
export function addColumn(sheet: Sheet, name: string, type: ColumnType): Sheet {
  checkSize(sheet.rows.length, sheet.columns.length + 1);
  const column = { name: freshName(sheet, name), type };
  const rows = type === "text" ? sheet.rows.map((row) => ({ ...row, [column.name]: "" })) : sheet.rows;
  return { columns: [...sheet.columns, column], rows };
}

export function removeColumn(sheet: Sheet, name: string): Sheet {
  return {
    columns: sheet.columns.filter((column) => column.name !== name),
    rows: sheet.rows.map((row) => withCell(row, name, undefined)),
  };
}

/** The same column under another name, at its place. Throws a `RowsError` if that is taken or none. */
export function renameColumn(sheet: Sheet, from: string, to: string): Sheet {
  if (from === to.trim()) return sheet;
  const name = freshName(sheet, to);
  return {
    columns: sheet.columns.map((column) => (column.name === from ? { ...column, name } : column)),
    rows: sheet.rows.map((row) =>
      Object.fromEntries(Object.entries(row).map(([key, cell]) => [key === from ? name : key, cell])),
    ),
  };
}

/** A column of another type. Throws a `RowsError` that names the first row whose cell is none. */
export function retypeColumn(sheet: Sheet, name: string, type: ColumnType): Sheet {
  const column = sheet.columns.find((one) => one.name === name);
  if (!column || column.type === type) return sheet;
  const rows = sheet.rows.map((row, index) => {
    try {
      return withCell(row, name, asType(row[name], column.type, type));
    } catch (cause) {
      throw inRow(cause, index);
    }
  });
  return { columns: sheet.columns.map((one) => (one.name === name ? { ...one, type } : one)), rows };
}

/**
 * Cells of texts over those from a place on; rows and columns are added as it takes.
 *
 * Throws a `RowsError` that names the first row whose cell does not suit its column.
 */
export function pasteAt(sheet: Sheet, index: number, at: number, cells: readonly string[][]): Sheet {
  const width = cells.reduce((most, row) => Math.max(most, row.length), 0);
  let wider = sheet;
  while (wider.columns.length < at + width)
    wider = addColumn(wider, unusedName(wider, wider.columns.length + 1), "text");
  checkSize(Math.max(sheet.rows.length, index + cells.length), wider.columns.length);
  const rows = [...wider.rows];
  for (const [below, texts] of cells.entries()) {
    const row: Row = { ...(rows[index + below] ?? emptyRow(wider)) };
    for (const [beside, text] of texts.entries()) {
      const column = wider.columns[at + beside];
      if (!column) continue;
      try {
        const value = cellOfText(text, column.type);
        if (value === undefined) delete row[column.name];
        else row[column.name] = value;
      } catch (cause) {
        throw inRow(cause, index + below);
      }
    }
    rows[index + below] = row;
  }
  return { columns: wider.columns, rows };
}

function emptyRow(sheet: Sheet): Row {
  return Object.fromEntries(
    sheet.columns.filter((column) => column.type === "text").map((column) => [column.name, ""]),
  );
}

function withCell(row: Row, column: string, value: Cell | undefined): Row {
  if (value !== undefined) return { ...row, [column]: value };
  const { [column]: _gone, ...rest } = row;
  return rest;
}

function freshName(sheet: Sheet, wanted: string): string {
  const name = wanted.trim();
  if (name === "") throw new RowsError("A column needs a name", "Type one.");
  if (name.length > NAME_CHARS)
    throw new RowsError(`A name has at most ${NAME_CHARS} characters`, "Type a shorter one.");
  if (sheet.columns.some((column) => column.name === name))
    throw new RowsError(`There is a column ${name} already`, "Choose another name.");
  return name;
}

function unusedName(sheet: Sheet, from: number): string {
  for (let number = from; ; number += 1) {
    const name = `column_${number}`;
    if (!sheet.columns.some((column) => column.name === name)) return name;
  }
}

function inRow(cause: unknown, index: number): unknown {
  if (!(cause instanceof RowsError)) return cause;
  return new RowsError(`Row ${index + 1}: ${cause.message}`, cause.remedy);
}
