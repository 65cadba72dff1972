/** Values as text. Pure. */

const SHOWN_CHARS = 20_000;
const CELL_CHARS = 300;

/** A value for reading: texts as they are, the rest as JSON, and no more of it than one reads. */
export function textOf(value: unknown, most = SHOWN_CHARS): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value, null, 2) ?? "");
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

/** A value on one line, for a cell. */
export function lineOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  const line = text.slice(0, CELL_CHARS * 2).replace(/\s+/g, " ");
  return line.length > CELL_CHARS ? `${line.slice(0, CELL_CHARS)}…` : line;
}
