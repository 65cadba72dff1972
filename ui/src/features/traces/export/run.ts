import { type Call, type CallsAsked, streamCalls } from "~/api/weave/calls";
import { type TextFormat, textFile } from "./texts";
import type { FileColumn } from "./values";

/** Writes calls into a file as they come. What is written goes to the browser's own store, which may use the disk. */

export type Format = TextFormat | "parquet";

export const FORMATS: { value: Format; label: string; mime: string }[] = [
  { value: "csv", label: "CSV", mime: "text/csv" },
  { value: "tsv", label: "TSV", mime: "text/tab-separated-values" },
  { value: "json", label: "JSON", mime: "application/json" },
  { value: "jsonl", label: "JSONL", mime: "application/jsonl" },
  { value: "parquet", label: "Parquet", mime: "application/vnd.apache.parquet" },
];

/** Rows of a group of a Parquet file, and what is gathered before it is given to the browser. */
const GROUP_ROWS = 5_000;
const PART_BYTES = 4 * 1024 * 1024;

interface Export {
  project: string;
  /** One after the other. */
  asked: CallsAsked[];
  columns: FileColumn[];
  format: Format;
  signal: AbortSignal;
  onProgress: (rows: number, bytes: number) => void;
}

/** The file. Ends early, with the signal's reason, when the signal says so. */
export async function exported(wanted: Export): Promise<Blob> {
  const type = FORMATS.find((one) => one.value === wanted.format)?.mime ?? "";
  if (wanted.format !== "parquet") return new Blob(await texts(wanted, wanted.format), { type });
  const { MixedColumn } = await import("./parquet");
  const asJson = new Set<string>();
  for (;;) {
    try {
      return new Blob(await groups(wanted, asJson), { type });
    } catch (error) {
      // Begun anew with that column as JSON; each column at most once.
      if (!(error instanceof MixedColumn) || asJson.has(error.column)) throw error;
      asJson.add(error.column);
    }
  }
}

async function texts({ columns, onProgress, ...wanted }: Export, format: TextFormat): Promise<Blob[]> {
  const file = textFile(format, columns);
  const parts: Blob[] = [];
  let text = file.begin();
  let [rows, bytes] = [0, 0];
  const give = () => {
    const part = new Blob([text]);
    parts.push(part);
    bytes += part.size;
    text = "";
  };
  for await (const calls of callsOf(wanted)) {
    text += file.rows(calls);
    rows += calls.length;
    if (text.length >= PART_BYTES) give();
    onProgress(rows, bytes + text.length);
  }
  text += file.end();
  give();
  return parts;
}

async function groups({ columns, onProgress, ...wanted }: Export, asJson: Set<string>): Promise<Blob[]> {
  const { parquetFile } = await import("./parquet");
  const parts: Blob[] = [];
  let [rows, bytes] = [0, 0];
  const file = parquetFile(columns, new Set(asJson), (piece) => {
    parts.push(new Blob([piece]));
    bytes += piece.length;
  });
  let gathered: Call[] = [];
  for await (const calls of callsOf(wanted)) {
    gathered = gathered.concat(calls);
    rows += calls.length;
    if (gathered.length >= GROUP_ROWS) {
      file.group(gathered);
      gathered = [];
    }
    onProgress(rows, bytes);
  }
  if (gathered.length > 0) file.group(gathered);
  file.finish();
  return parts;
}

/** The calls of each question, some at a time, as they come. */
async function* callsOf(wanted: Pick<Export, "project" | "asked" | "signal">): AsyncGenerator<Call[]> {
  for (const asked of wanted.asked) {
    const response = await streamCalls(wanted.project, asked, wanted.signal);
    if (response.body) yield* linesOf(response.body);
  }
}

/** Lines of JSON of a stream, some at a time. */
export async function* linesOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<Call[]> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    const lines = (rest + (value ?? "")).split("\n");
    rest = done ? "" : (lines.pop() ?? "");
    const calls = lines.filter(Boolean).map((line) => JSON.parse(line) as Call);
    if (calls.length > 0) yield calls;
    if (done) return;
  }
}
