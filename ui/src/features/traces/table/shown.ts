import { KNOWN, NAME } from "./known";
import { isShownByItself, type Seen } from "./paths";

/** Which columns a table has. Pure. */

const INPUTS = 8;
const OUTPUTS = 8;

/** Columns of a table for which nobody chose any: what every call has, and the first inputs and outputs seen. */
export function usualColumns(seen: Seen[]): string[] {
  const inside = seen.map((one) => one.path).filter(isShownByItself);
  const inputs = inside.filter((path) => path.startsWith("inputs")).slice(0, INPUTS);
  const outputs = inside.filter((path) => path.startsWith("output")).slice(0, OUTPUTS);
  const at = (where: "first" | "last") => KNOWN.filter((one) => one.shown === where).map((one) => one.path);
  return [...at("first"), ...inputs, ...outputs, ...at("last")];
}

/** All that can be a column, and what is one already though it was not seen. */
export function possibleColumns(seen: Seen[], shown: string[]): string[] {
  return [...new Set([...KNOWN.map((one) => one.path), ...seen.map((one) => one.path), ...shown])];
}

export const USUAL_PINS = [NAME];

/** Columns with one moved up or down by one place. */
export function moved(columns: string[], path: string, by: -1 | 1): string[] {
  const from = columns.indexOf(path);
  const to = from + by;
  const other = columns[to];
  if (from < 0 || other === undefined) return columns;
  const next = [...columns];
  next[from] = other;
  next[to] = path;
  return next;
}

/** With it if it was not there, else without it. */
export function toggled(paths: string[], path: string): string[] {
  return paths.includes(path) ? paths.filter((one) => one !== path) : [...paths, path];
}
