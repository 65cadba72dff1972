import type { ReactNode } from "react";

export interface GridColumn<Row> {
  /** Stands in the URL when sorted by, pinned or hidden: for calls a dotted path. */
  id: string;
  header: string;
  cell: (row: Row) => ReactNode;
  /** What the cell holds, for a reader who hovers over what is cut off. */
  title?: (row: Row) => string | undefined;
  /** Figures stand at the right. */
  numeric?: boolean;
  sortable?: boolean;
  /** In pixels; a reader may pull it. */
  width?: number;
  pinned?: boolean;
}

export interface Laid<Row> {
  column: GridColumn<Row>;
  width: number;
  /** From the left edge, for pinned columns that stay when the others move. */
  left: number | null;
}

export const SELECT_WIDTH = 36;
export const MIN_WIDTH = 48;
const WIDTH = 160;

/** Columns in the order in which they are shown: pinned ones first. Pure. */
export function layOut<Row>(
  columns: GridColumn<Row>[],
  widths: Record<string, number>,
  selectable: boolean,
): Laid<Row>[] {
  const ordered = [...columns.filter((one) => one.pinned), ...columns.filter((one) => !one.pinned)];
  let left = selectable ? SELECT_WIDTH : 0;
  return ordered.map((column) => {
    const width = Math.max(MIN_WIDTH, widths[column.id] ?? column.width ?? WIDTH);
    const laid = { column, width, left: column.pinned ? left : null };
    left += width;
    return laid;
  });
}
