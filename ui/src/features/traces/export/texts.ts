import type { Call } from "~/api/weave/calls";
import { csvText, plain } from "~/lib/csv";
import type { FileColumn } from "./values";

/** Files of text, made piece by piece: no more of them is held than is being written. Pure. */
export interface TextFile {
  begin: () => string;
  rows: (calls: Call[]) => string;
  end: () => string;
}

export type TextFormat = "csv" | "tsv" | "json" | "jsonl";

export function textFile(format: TextFormat, columns: FileColumn[]): TextFile {
  if (format === "csv") return separated(columns, ",", csvText, "\r\n");
  if (format === "tsv") return separated(columns, "\t", tsvText, "\n");
  return objects(columns, format === "json");
}

function separated(
  columns: FileColumn[],
  mark: string,
  text: (value: string) => string,
  end: string,
): TextFile {
  const line = (values: string[]) => values.map(text).join(mark) + end;
  return {
    begin: () => line(columns.map((one) => one.name)),
    rows: (calls) => calls.map((call) => line(columns.map((one) => plain(one.of(call))))).join(""),
    end: () => "",
  };
}

/** TSV has no quotes (IANA's text/tab-separated-values): tabs and breaks become escapes, as PostgreSQL and ClickHouse read. */
export function tsvText(value: string): string {
  return value.replace(/[\\\t\r\n]/g, (mark) => ESCAPES[mark] ?? mark);
}

const ESCAPES: Record<string, string> = { "\\": "\\\\", "\t": "\\t", "\r": "\\r", "\n": "\\n" };

function objects(columns: FileColumn[], isList: boolean): TextFile {
  let isFirst = true;
  const line = (call: Call) =>
    JSON.stringify(Object.fromEntries(columns.map((one) => [one.name, one.of(call) ?? null])));
  return {
    begin: () => (isList ? "[\n" : ""),
    rows: (calls) => {
      if (!isList) return calls.map((call) => `${line(call)}\n`).join("");
      const text = calls.map(line).join(",\n");
      const comma = isFirst || text === "" ? "" : ",\n";
      isFirst = isFirst && text === "";
      return comma + text;
    },
    end: () => (isList ? "\n]\n" : ""),
  };
}
