/** JSON and JSON lines as rows; errors name the line and the column. Pure. */

import { findMistake } from "./mistake";
import type { Cell, Row } from "./types";
import { RowsError } from "./types";

export interface JsonRows {
  rows: Row[];
  notes: string[];
}

/** An array of objects, or an object of columns: lists of equal length, or what pandas makes of a frame. */
export function readJson(text: string): JsonRows {
  const numbers = new Numbers();
  const value = numbers.parse(withoutMark(text), 1);
  if (Array.isArray(value)) {
    const rows = value.map((row, index) => rowOf(row, `Item ${index + 1} of the list`, null));
    return { rows, notes: numbers.notes() };
  }
  if (typeof value === "object" && value !== null) return { rows: ofColumns(value), notes: numbers.notes() };
  throw new RowsError("The file holds one value, and no rows", REMEDY);
}

/** An object on each line; empty lines are passed over. */
export function readJsonLines(text: string): JsonRows {
  const numbers = new Numbers();
  const rows: Row[] = [];
  for (const [index, line] of withoutMark(text).split("\n").entries()) {
    if (line.trim() === "") continue;
    rows.push(rowOf(numbers.parse(line, index + 1), "This line", index + 1));
  }
  return { rows, notes: numbers.notes() };
}

const REMEDY = 'Write a list of objects: [{"input": "a", "target": "b"}].';

function rowOf(value: Cell, what: string, line: number | null): Row {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new RowsError(`${what} is no object`, REMEDY, line);
}

function ofColumns(value: { [name: string]: Cell }): Row[] {
  const columns = Object.entries(value).map(([name, cells]) => {
    if (Array.isArray(cells)) return { name, cells };
    // pandas writes {"column": {"0": ..., "1": ...}}.
    if (typeof cells === "object" && cells !== null) return { name, cells: Object.values(cells) };
    throw new RowsError(
      `The object is neither a list of rows nor an object of columns: ${name} is no list`,
      REMEDY,
    );
  });
  const length = columns[0]?.cells.length ?? 0;
  const odd = columns.find((column) => column.cells.length !== length);
  if (odd)
    throw new RowsError(
      `Columns have different lengths: ${columns[0]?.name} has ${length}, ${odd.name} has ${odd.cells.length}`,
      "Give each column a value for each row; null where there is none.",
    );
  return Array.from({ length }, (_, index) =>
    Object.fromEntries(columns.map(({ name, cells }) => [name, cells[index] ?? null])),
  );
}

/** Reads JSON; whole numbers that a browser would round become texts of the same digits. */
class Numbers {
  #kept = 0;

  parse(text: string, firstLine: number): Cell {
    try {
      return JSON.parse(/\d{16}/.test(text) ? this.#withTexts(text) : text) as Cell;
    } catch {
      const { at, expected } = findMistake(text);
      const before = text.slice(0, at).split("\n");
      throw new RowsError(
        `No JSON: ${expected} is expected here`,
        "",
        firstLine + before.length - 1,
        (before.at(-1)?.length ?? 0) + 1,
      );
    }
  }

  notes(): string[] {
    if (this.#kept === 0) return [];
    return [`${this.#kept} whole numbers are too large for a browser and are kept as texts, digit by digit.`];
  }

  #withTexts(text: string): string {
    return text.replace(STRING_OR_NUMBER, (token) => {
      if (!/^-?\d+$/.test(token) || Number.isSafeInteger(Number(token))) return token;
      this.#kept += 1;
      return `"${token}"`;
    });
  }
}

const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

function withoutMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}
