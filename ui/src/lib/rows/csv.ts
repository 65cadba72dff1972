/**
 * Comma separated values after RFC 4180, with any of four delimiters, any line ends (also mixed ones) and a byte order
 * mark. Written here since errors must name line and column, which the libraries for it do not tell. Pure.
 */

import { RowsError } from "./types";

export interface CsvRecord {
  /** On which line it begins, from 1. */
  line: number;
  cells: string[];
}

export const DELIMITERS = [",", "\t", ";", "|"] as const;
const GUESSED_RECORDS = 20;
const QUOTE = '"';

interface ReadOptions {
  /** Ends it early. */
  most?: number;
  /** Lines with nothing in them are records of one empty cell; else they are passed over. */
  keepEmpty?: boolean;
}

/** All records of a text. Throws a `RowsError` where quotes make no sense. */
export function readRecords(text: string, delimiter: string, options: ReadOptions = {}): CsvRecord[] {
  const { most = Number.POSITIVE_INFINITY, keepEmpty = false } = options;
  const records: CsvRecord[] = [];
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  let line = 1;
  let lineStart = at;
  let cells: string[] = [];
  let begun = line;
  const end = text.length;
  while (at <= end && records.length < most) {
    let cell: string;
    if (text[at] === QUOTE) {
      const opened = { line, column: at - lineStart + 1 };
      const taken = takeQuoted(text, at, opened);
      cell = taken.cell;
      for (
        let next = text.indexOf("\n", at);
        next !== -1 && next < taken.end;
        next = text.indexOf("\n", next + 1)
      ) {
        line += 1;
        lineStart = next + 1;
      }
      at = taken.end;
      const next = text[at];
      if (next !== undefined && next !== delimiter && next !== "\n" && next !== "\r")
        throw new RowsError(
          `Text follows the closing quote: ${JSON.stringify(text.slice(at, at + 12))}`,
          'Inside quotes, write a quote as two: "".',
          line,
          at - lineStart + 1,
        );
    } else {
      const from = at;
      while (at < end && text[at] !== delimiter && text[at] !== "\n" && text[at] !== "\r") at += 1;
      cell = text.slice(from, at);
    }
    cells.push(cell);
    if (text[at] === delimiter) {
      at += 1;
      continue;
    }
    if (keepEmpty || cells.length > 1 || cells[0] !== "") records.push({ line: begun, cells });
    if (at >= end) break;
    at += text[at] === "\r" && text[at + 1] === "\n" ? 2 : 1;
    line += 1;
    lineStart = at;
    begun = line;
    cells = [];
  }
  return records;
}

/** The delimiter by which the first records have the most cells, all of them equally many. */
export function guessDelimiter(text: string): string {
  let best = ",";
  let most = 1;
  for (const delimiter of DELIMITERS) {
    let records: CsvRecord[];
    try {
      records = readRecords(text, delimiter, { most: GUESSED_RECORDS });
    } catch {
      continue; // quotes that make no sense with this one
    }
    const counts = new Set(records.map((record) => record.cells.length));
    const first = records[0]?.cells.length ?? 0;
    if (counts.size === 1 && first > most) [best, most] = [delimiter, first];
  }
  if (most > 1) return best;
  const head = text.slice(0, text.search(/[\r\n]|$/));
  return DELIMITERS.reduce((one, other) => (countIn(head, other) > countIn(head, one) ? other : one));
}

/** What a spreadsheet put into the clipboard, as rows of cells; text of other programs as it is, by tabs and lines. */
export function readTabs(text: string): string[][] {
  const plain = text.replace(/\r?\n$/, "");
  try {
    return readRecords(plain, "\t", { keepEmpty: true }).map((record) => record.cells);
  } catch {
    return plain.split(/\r?\n/).map((line) => line.split("\t"));
  }
}

/** Text for a spreadsheet's clipboard: cells by tabs, rows by line ends, quotes where they are needed. */
export function writeTabs(rows: string[][]): string {
  const quoted = (cell: string) => (/[\t\n\r"]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  return rows.map((row) => row.map(quoted).join("\t")).join("\n");
}

function takeQuoted(
  text: string,
  from: number,
  opened: { line: number; column: number },
): { cell: string; end: number } {
  const parts: string[] = [];
  let start = from + 1;
  for (;;) {
    const closing = text.indexOf(QUOTE, start);
    if (closing === -1)
      throw new RowsError(
        "A quote is opened and never closed",
        'Close it, or write a quote inside of quotes as two: "".',
        opened.line,
        opened.column,
      );
    parts.push(text.slice(start, closing));
    if (text[closing + 1] !== QUOTE) return { cell: parts.join(QUOTE), end: closing + 1 };
    start = closing + 2;
  }
}

function countIn(text: string, part: string): number {
  return text.split(part).length - 1;
}
