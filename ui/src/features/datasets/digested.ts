import type { Row as Told } from "~/lib/diff/rows";
import type { Row } from "~/lib/rows/types";

/** Rows that are not published yet, named by their content. Pure. */
export function digested(rows: Row[]): Told[] {
  return rows.map((val) => ({ digest: JSON.stringify(val), val }));
}
