/** Files as sheets. Pure; runs in a worker, so that long files do not hold up the page. */

import { guessDelimiter, readRecords } from "./csv";
import { type JsonRows, readJson, readJsonLines } from "./json";
import { columnsOf, typeOfTexts } from "./typed";
import {
  checkSize,
  FORMATS,
  type Format,
  MAX_FILE_BYTES,
  type ReadSheet,
  type Row,
  RowsError,
} from "./types";

const SHOWN_LINES = 5;

/** The format that a file's name says; null for others. */
export function formatOf(name: string): Format | null {
  const extension = name.toLowerCase().split(".").at(-1) ?? "";
  if (extension === "ndjson") return "jsonl";
  if (extension === "txt") return "csv";
  return FORMATS.find((format) => format === extension) ?? null;
}

/** The rows of a file. Throws a `RowsError` that names the place and says what to do. */
export async function parseFile(name: string, bytes: ArrayBuffer): Promise<ReadSheet> {
  const format = formatOf(name);
  if (format === null)
    throw new RowsError(
      `${name} is none of the files that can be read`,
      `Choose one of: ${FORMATS.join(", ")}.`,
    );
  if (bytes.byteLength > MAX_FILE_BYTES)
    throw new RowsError(
      `The file has ${Math.ceil(bytes.byteLength / 2 ** 20)} MiB; at most ${MAX_FILE_BYTES / 2 ** 20} can be read here`,
      "Split it, or publish the dataset with the Weave client.",
    );
  if (format === "parquet") {
    const { readParquet } = await import("./parquet");
    return sheetOf(await readParquet(bytes));
  }
  const text = decode(bytes);
  if (format === "json") return sheetOf(readJson(text));
  if (format === "jsonl") return sheetOf(readJsonLines(text));
  return parseCsv(text, format === "tsv" ? "\t" : undefined);
}

/** A text of separated values whose first line has the names of the columns. */
export function parseCsv(text: string, delimiter = guessDelimiter(text)): ReadSheet {
  const [head, ...records] = readRecords(text, delimiter);
  if (!head) throw new RowsError("The file is empty", "The first line has the names of the columns.");
  checkSize(records.length, head.cells.length);
  const { names, notes } = namesOf(head.cells);
  for (const { line, cells } of records)
    if (cells.length > names.length)
      throw new RowsError(
        `This line has ${cells.length} cells; the first one names ${names.length} columns`,
        "Put cells with a delimiter in them in quotes.",
        line,
      );
  const short = records.filter(({ cells }) => cells.length < names.length);
  if (short.length > 0) {
    const lines = short.slice(0, SHOWN_LINES).map(({ line }) => line);
    const more = short.length > SHOWN_LINES ? " and others" : "";
    notes.push(
      `${short.length} lines have fewer cells than the first one; the rest is empty: lines ${lines.join(", ")}${more}.`,
    );
  }
  const columns = names.map((name, at) => ({
    name,
    type: typeOfTexts(records.map(({ cells }) => cells[at] ?? "")),
  }));
  const rows = records.map(({ cells }) => {
    const row: Row = {};
    for (const [at, { name, type }] of columns.entries()) {
      const cell = cells[at] ?? "";
      if (type === "text") row[name] = cell;
      else if (cell === "") row[name] = null;
      else row[name] = type === "number" ? Number(cell) : cell === "true";
    }
    return row;
  });
  return { columns, rows, notes };
}

function namesOf(cells: string[]): { names: string[]; notes: string[] } {
  const names: string[] = [];
  const notes: string[] = [];
  for (const [index, cell] of cells.entries()) {
    const wanted = cell.trim() || `column_${index + 1}`;
    let name = wanted;
    for (let again = 2; names.includes(name); again += 1) name = `${wanted}_${again}`;
    if (name !== cell.trim())
      notes.push(
        `Column ${index + 1} is called ${name}, since ${cell.trim() ? "its name is taken" : "it has no name"}.`,
      );
    names.push(name);
  }
  return { names, notes };
}

function sheetOf({ rows, notes }: JsonRows): ReadSheet {
  checkSize(rows.length, 0);
  const columns = columnsOf(rows);
  checkSize(rows.length, columns.length);
  return { columns, rows, notes };
}

/** UTF-8, or UTF-16 where a mark says so, as Excel's "Unicode text". */
function decode(bytes: ArrayBuffer): string {
  const [first, second] = new Uint8Array(bytes, 0, Math.min(2, bytes.byteLength));
  const little = first === 0xff && second === 0xfe;
  const big = first === 0xfe && second === 0xff;
  try {
    return new TextDecoder(little ? "utf-16le" : big ? "utf-16be" : "utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new RowsError("The file is no UTF-8 text", "Save it as UTF-8: in Excel, “CSV UTF-8”.");
  }
}
