import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import type { Call } from "~/api/weave/calls";
import type { FileColumn } from "./values";

/**
 * Parquet in the browser, a row group at a time: only the group that is being gathered is in memory, and the file's
 * foot. A column's type is that of its first group; where a later value is of another, `MixedColumn` says so, and the
 * file is begun anew with that column as JSON.
 */

type ColumnType = "STRING" | "DOUBLE" | "BOOLEAN" | "JSON";

export class MixedColumn extends Error {
  readonly column: string;

  constructor(column: string) {
    super(`${column} has values of several kinds`);
    this.column = column;
  }
}

/** A writer whose bytes are taken away after each group. */
class Draining extends ByteWriter {
  private readonly take: (bytes: Uint8Array<ArrayBuffer>) => void;

  constructor(take: (bytes: Uint8Array<ArrayBuffer>) => void) {
    super(1 << 16);
    this.take = take;
  }

  flush(): void {
    this.take(this.getBytes().slice());
    this.index = 0;
  }
}

export interface ParquetFile {
  group: (calls: Call[]) => void;
  finish: () => void;
}

/** A file whose bytes go to `take`; `asJson` are columns that are known to hold several kinds. */
export function parquetFile(
  columns: FileColumn[],
  asJson: ReadonlySet<string>,
  take: (bytes: Uint8Array<ArrayBuffer>) => void,
): ParquetFile {
  const sink = new Draining(take);
  let types: ColumnType[] | null = null;
  let writer: ParquetWriter | null = null;
  const open = (firsts: unknown[][]) => {
    types = columns.map((one, at) => (asJson.has(one.name) ? "JSON" : typeOf(firsts[at] ?? [])));
    const schema = [
      { name: "root", num_children: columns.length },
      ...columns.map((one, at) => element(one.name, types?.[at] ?? "JSON")),
    ];
    writer = new ParquetWriter({ writer: sink, schema });
    return writer;
  };
  return {
    group: (calls) => {
      const data = columns.map((one) => calls.map((call) => one.of(call) ?? null));
      const out = writer ?? open(data);
      out.write({
        columnData: columns.map((one, at) => ({
          name: one.name,
          data: (data[at] ?? []).map((value) => cell(value, types?.[at] ?? "JSON", one.name)),
        })),
        rowGroupSize: Math.max(1, calls.length),
      });
    },
    finish: () => {
      (writer ?? open([])).finish();
      sink.flush();
    },
  };
}

/** What the values of a column are; JSON unless they are all of one plain kind. */
function typeOf(values: unknown[]): ColumnType {
  const kinds = new Set(values.filter((one) => one !== null).map((one) => typeof one));
  if (kinds.size !== 1) return kinds.size === 0 ? "STRING" : "JSON";
  const [kind] = kinds;
  if (kind === "number") return "DOUBLE";
  if (kind === "boolean") return "BOOLEAN";
  return kind === "string" ? "STRING" : "JSON";
}

function element(name: string, type: ColumnType) {
  const optional = { name, repetition_type: "OPTIONAL" as const };
  if (type === "DOUBLE" || type === "BOOLEAN") return { ...optional, type };
  return {
    ...optional,
    type: "BYTE_ARRAY" as const,
    converted_type: type === "JSON" ? ("JSON" as const) : ("UTF8" as const),
  };
}

function cell(value: unknown, type: ColumnType, column: string): unknown {
  if (value === null) return null;
  // The library writes JSON itself.
  if (type === "JSON") return value;
  const wanted = { STRING: "string", DOUBLE: "number", BOOLEAN: "boolean" }[type];
  if (typeof value !== wanted) throw new MixedColumn(column);
  return value;
}
