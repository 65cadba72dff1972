/** Rows of a dataset, as the Weave client keeps them: objects of JSON values under the names of columns. */

export type Cell = null | boolean | number | string | Cell[] | { [name: string]: Cell };
/** A cell that is not there is left out, as JSON does it. */
export type Row = { [column: string]: Cell };

/** How a column is edited; `json` takes any value. */
export type ColumnType = "text" | "number" | "boolean" | "json";

export interface RowsColumn {
  name: string;
  type: ColumnType;
}

/** Columns in the order in which they are shown, and rows. Never changed in place. */
export interface Sheet {
  columns: RowsColumn[];
  rows: Row[];
}

export const FORMATS = ["csv", "tsv", "json", "jsonl", "parquet"] as const;
export type Format = (typeof FORMATS)[number];

export interface ReadSheet extends Sheet {
  /** What a reader of the file should know: cells that were changed on the way, names that were made up. */
  notes: string[];
}

export const MAX_FILE_BYTES = 64 * 1024 * 1024;
export const MAX_ROWS = 100_000;
export const MAX_COLUMNS = 200;

/** A file or a cell that cannot be read, with the place where, and what to do about it. */
export class RowsError extends Error {
  override readonly name = "RowsError";

  constructor(
    message: string,
    readonly remedy = "",
    /** From 1; null where it has none. */
    readonly line: number | null = null,
    /** In characters, from 1; null where it has none. */
    readonly column: number | null = null,
  ) {
    super(message);
  }
}

/** `Line 3, column 7`; empty without a place. */
export function placeOf({ line, column }: { line: number | null; column: number | null }): string {
  if (line === null) return "";
  return column === null ? `Line ${line}` : `Line ${line}, column ${column}`;
}

/** A sheet that is too large is refused before anything is made of it. */
export function checkSize(rows: number, columns: number): void {
  if (rows > MAX_ROWS)
    throw new RowsError(
      `There are ${rows.toLocaleString("en")} rows; at most ${MAX_ROWS.toLocaleString("en")} can be edited here`,
      "Take fewer rows, or publish the dataset with the Weave client.",
    );
  if (columns > MAX_COLUMNS)
    throw new RowsError(
      `There are ${columns.toLocaleString("en")} columns; at most ${MAX_COLUMNS} can be edited here`,
      "Leave out columns that no model and no scorer needs.",
    );
}
