import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import type { Sort } from "~/components/Table";
import { type GridColumn, layOut, SELECT_WIDTH } from "./columns";
import { GridHead } from "./GridHead";
import { GridRow, PendingRow } from "./GridRow";

export interface Selection {
  keys: ReadonlySet<string>;
  onChange: (keys: Set<string>) => void;
}

interface GridProps<Row> {
  label: string;
  columns: GridColumn<Row>[];
  /** Undefined are those that are still on their way. */
  rows: readonly (Row | undefined)[];
  rowKey: (row: Row) => string;
  /** What a row is called, for screen readers; its key if not given. */
  rowName?: (row: Row) => string;
  rowHeight?: number;
  sort?: Sort | undefined;
  onSort?: (sort: Sort) => void;
  selection?: Selection;
  /** Opens a row: a click on it, or Enter. Links inside cells stay links. */
  onOpen?: (row: Row) => void;
  /** Shown as the one that is open. */
  openKey?: string | null;
  /** Shown in place of rows when there are none. */
  empty?: ReactNode;
  /** Rows are asked for as they come near: called with the last one that is drawn. */
  onReach?: (index: number) => void;
  /** Called with the first and the last row that are drawn, as they change. */
  onRange?: (first: number, last: number) => void;
  /** The row that is at the top when the grid opens, and is told when it goes. */
  scrolled?: { at: number; onLeave: (at: number) => void };
  /** Tailwind's height; the grid scrolls in itself. */
  height?: string;
}

/** A table of any length: only the rows in sight are in the page; columns can be pinned and pulled wider. */
export function Grid<Row>(props: GridProps<Row>) {
  const { label, columns, rows, rowKey, rowHeight = 36, selection, empty } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [widths, setWidths] = useState<Record<string, number>>({});
  const [at, setAt] = useState(0);
  const selectable = selection !== undefined;
  const laid = useMemo(() => layOut(columns, widths, selectable), [columns, widths, selectable]);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 8,
    initialOffset: () => (props.scrolled?.at ?? 0) * rowHeight,
    onChange: (instance) => {
      const items = instance.getVirtualItems();
      const [first, last] = [items[0]?.index, items.at(-1)?.index];
      if (first === undefined || last === undefined) return;
      props.onReach?.(last);
      props.onRange?.(first, last);
    },
  });
  const onLeave = useRef(props.scrolled?.onLeave);
  onLeave.current = props.scrolled?.onLeave;
  useEffect(() => {
    const shown = scroller.current;
    return () => onLeave.current?.(Math.floor((shown?.scrollTop ?? 0) / rowHeight));
  }, [rowHeight]);
  if (rows.length === 0 && empty) return <>{empty}</>;
  const width = laid.reduce((sum, one) => sum + one.width, 0) + (selectable ? SELECT_WIDTH : 0);
  const move = (to: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, to));
    setAt(next);
    virtual.scrollToIndex(next);
    requestAnimationFrame(() =>
      scroller.current?.querySelector<HTMLElement>(`[data-index="${next}"]`)?.focus(),
    );
  };
  return (
    <div
      ref={scroller}
      role="grid"
      aria-label={label}
      aria-rowcount={rows.length + 1}
      aria-colcount={laid.length + (selectable ? 1 : 0)}
      aria-multiselectable={selectable ? true : undefined}
      className={`relative overflow-auto rounded-lg border border-line text-sm ${props.height ?? "max-h-[70vh]"}`}
    >
      <div style={{ width, minWidth: "100%" }}>
        <GridHead
          laid={laid}
          sort={props.sort}
          onSort={props.onSort}
          onWidth={(id, pixels) => setWidths((all) => ({ ...all, [id]: pixels }))}
          selection={selection}
          keys={() => rows.filter((row) => row !== undefined).map(rowKey)}
        />
        <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index];
            if (row === undefined)
              return (
                <PendingRow
                  key={`at-${item.index}`}
                  index={item.index}
                  start={item.start}
                  height={rowHeight}
                />
              );
            return (
              <GridRow
                key={rowKey(row)}
                row={row}
                rowKey={rowKey(row)}
                name={props.rowName?.(row) ?? rowKey(row)}
                index={item.index}
                start={item.start}
                height={rowHeight}
                laid={laid}
                selection={selection}
                onOpen={props.onOpen}
                isOpen={props.openKey === rowKey(row)}
                isFocusable={item.index === Math.min(at, rows.length - 1)}
                onKey={(event) => onKey(event, item.index, rows.length, move)}
                onFocus={() => setAt(item.index)}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

const PAGE_ROWS = 12;

function onKey(event: KeyboardEvent, index: number, count: number, move: (to: number) => void): void {
  const to: Record<string, number> = {
    ArrowDown: index + 1,
    ArrowUp: index - 1,
    PageDown: index + PAGE_ROWS,
    PageUp: index - PAGE_ROWS,
    Home: 0,
    End: count - 1,
  };
  const wanted = to[event.key];
  if (wanted === undefined) return;
  event.preventDefault();
  move(wanted);
}
