/** Types of columns, and cells as people type them. Pure. */

import type { Cell, ColumnType, Row, RowsColumn } from "./types";
import { RowsError } from "./types";

/**
 * The type of a column of texts. A text is read as a number, true or false only where it would be written the same
 * again: `007`, `1.10` and `True` stay texts, since a scorer that compares would see the difference.
 */
export function typeOfTexts(texts: Iterable<string>): "text" | "number" | "boolean" {
  let found: "number" | "boolean" | null = null;
  for (const text of texts) {
    if (text === "") continue;
    const type = text === "true" || text === "false" ? "boolean" : isPlainNumber(text) ? "number" : null;
    if (type === null || (found !== null && found !== type)) return "text";
    found = type;
  }
  return found ?? "text";
}

/** The type of a column of values: `json` where they are of several kinds, or lists and objects. */
export function typeOfValues(values: Iterable<Cell | undefined>): ColumnType {
  let found: ColumnType | null = null;
  for (const value of values) {
    if (value === null || value === undefined) continue;
    const type = typeOfValue(value);
    if (type === "json" || (found !== null && found !== type)) return "json";
    found = type;
  }
  return found ?? "text";
}

/** Columns of rows, in the order in which they first come. */
export function columnsOf(rows: readonly Row[]): RowsColumn[] {
  const names = new Set<string>();
  for (const row of rows) for (const name of Object.keys(row)) names.add(name);
  return [...names].map((name) => ({ name, type: typeOfValues(rows.map((row) => row[name])) }));
}

/** A cell as it is edited. */
export function textOfCell(value: Cell | undefined, type: ColumnType): string {
  if (value === undefined) return "";
  if (value === null) return type === "json" ? "null" : "";
  if (type === "text" && typeof value === "string") return value;
  return typeof value === "string" && type !== "json" ? value : JSON.stringify(value);
}

/**
 * What somebody typed as a cell of a type; undefined empties it.
 *
 * Throws a `RowsError` that says what is wrong with it.
 */
export function cellOfText(text: string, type: ColumnType): Cell | undefined {
  if (type === "text") return text;
  const plain = text.trim();
  if (plain === "") return undefined;
  if (type === "number") {
    const value = Number(plain);
    if (/^[-+.\d][\d.eE+-]*$/.test(plain) && Number.isFinite(value)) return value;
    throw new RowsError(
      `${shown(plain)} is no number`,
      "Write digits, with a point: 12.5; or make the column text.",
    );
  }
  if (type === "boolean") {
    const lower = plain.toLowerCase();
    if (lower === "true" || lower === "false") return lower === "true";
    throw new RowsError(
      `${shown(plain)} is neither true nor false`,
      "Write true or false; or make the column text.",
    );
  }
  try {
    return JSON.parse(plain) as Cell;
  } catch {
    throw new RowsError(
      `${shown(plain)} is no JSON`,
      'Texts stand in quotes: "a"; lists in brackets: [1, 2].',
    );
  }
}

/** A cell in another type, by its text; a text in a column of JSON stays a text where it is none. */
export function asType(value: Cell | undefined, from: ColumnType, to: ColumnType): Cell | undefined {
  if (value === undefined || from === to) return value;
  if (to === "json") {
    if (typeof value !== "string") return value;
    try {
      const read = JSON.parse(value) as Cell;
      return typeof read === "object" ? read : value;
    } catch {
      return value;
    }
  }
  if (value === null) return to === "text" ? "" : null;
  return cellOfText(typeof value === "string" ? value : JSON.stringify(value), to);
}

function typeOfValue(value: Cell): ColumnType {
  if (typeof value === "string") return "text";
  if (typeof value === "number") return "number";
  return typeof value === "boolean" ? "boolean" : "json";
}

function isPlainNumber(text: string): boolean {
  return text.length <= 24 && /^-?\d+(\.\d+)?$/.test(text) && String(Number(text)) === text;
}

function shown(text: string): string {
  return `“${text.length > 40 ? `${text.slice(0, 40)}…` : text}”`;
}
