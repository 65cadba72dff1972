/** Parquet as rows; loaded only when somebody opens such a file. */

import { parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import {
  decompressBrotli,
  decompressGzip,
  decompressLz4,
  decompressLz4Raw,
  decompressZstd,
} from "hyparquet-compressors";
import type { JsonRows } from "./json";
import { type Cell, checkSize, type Row, RowsError } from "./types";

// Snappy is hyparquet's own: see snappy.ts.
const COMPRESSORS = {
  BROTLI: decompressBrotli,
  GZIP: decompressGzip,
  LZ4: decompressLz4,
  LZ4_RAW: decompressLz4Raw,
  ZSTD: (input: Uint8Array) => decompressZstd(input),
};

/** All rows of a file. */
export async function readParquet(file: ArrayBuffer): Promise<JsonRows> {
  try {
    const metadata = await parquetMetadataAsync(file);
    const columns = metadata.schema[0]?.num_children ?? 0;
    checkSize(Number(metadata.num_rows), columns);
    const rows = await parquetReadObjects({ file, metadata, compressors: COMPRESSORS, utf8: false });
    const plain = new Plain();
    return { rows: rows.map((row) => plain.row(row)), notes: plain.notes() };
  } catch (cause) {
    if (cause instanceof RowsError) throw cause;
    const told = cause instanceof Error ? cause.message : String(cause);
    throw new RowsError(`The file cannot be read as Parquet: ${told}`, "Write it anew, or send JSON lines.");
  }
}

/** Makes JSON of what Parquet holds and JSON does not. */
class Plain {
  #large = 0;
  #bytes = 0;
  #odd = 0;

  row(row: Record<string, unknown>): Row {
    return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, this.#cell(value)]));
  }

  notes(): string[] {
    return [
      this.#large > 0 && `${this.#large} whole numbers are too large for a browser and are kept as texts.`,
      this.#bytes > 0 && `${this.#bytes} cells hold bytes and are kept as Base64.`,
      this.#odd > 0 &&
        `${this.#odd} cells hold NaN or infinity, which JSON does not know, and are left empty.`,
    ].filter((note) => note !== false);
  }

  #cell(value: unknown): Cell {
    if (value === null || value === undefined) return null;
    if (typeof value === "string" || typeof value === "boolean") return value;
    if (typeof value === "number") {
      if (Number.isFinite(value)) return value;
      this.#odd += 1;
      return null;
    }
    if (typeof value === "bigint") {
      const number = Number(value);
      if (Number.isSafeInteger(number)) return number;
      this.#large += 1;
      return value.toString();
    }
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
    if (value instanceof Uint8Array) {
      return this.#textOf(value);
    }
    if (ArrayBuffer.isView(value))
      return Array.from(value as unknown as ArrayLike<unknown>, (one) => this.#cell(one));
    if (Array.isArray(value)) return value.map((one) => this.#cell(one));
    if (typeof value === "object") return this.row(value as Record<string, unknown>);
    return String(value);
  }

  /** Bytes are mostly texts of which the writer did not say so. */
  #textOf(value: Uint8Array): string {
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(value);
    } catch {
      this.#bytes += 1;
      return btoa(Array.from(value, (byte) => String.fromCharCode(byte)).join(""));
    }
  }
}
