import type { KeyboardEvent, MouseEvent } from "react";
import { type Laid, SELECT_WIDTH } from "./columns";
import type { Selection } from "./Grid";

interface GridRowProps<Row> {
  row: Row;
  rowKey: string;
  name: string;
  index: number;
  start: number;
  height: number;
  laid: Laid<Row>[];
  selection: Selection | undefined;
  onOpen: ((row: Row) => void) | undefined;
  isOpen: boolean;
  /** The one row that Tab comes to. */
  isFocusable: boolean;
  onKey: (event: KeyboardEvent) => void;
  onFocus: () => void;
}

export function GridRow<Row>(props: GridRowProps<Row>) {
  const { row, rowKey, laid, selection, onOpen, isOpen } = props;
  const selected = selection?.keys.has(rowKey) ?? false;
  const ground = selected || isOpen ? "bg-accent-soft" : "bg-bg group-hover:bg-panel";
  const toggle = () => selection?.onChange(toggled(selection.keys, rowKey));
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target === event.currentTarget) {
      if (event.key === "Enter") onOpen?.(row);
      if (event.key === " " && selection) {
        event.preventDefault();
        toggle();
      }
    }
    props.onKey(event);
  };
  const onClick = (event: MouseEvent) => {
    // What can be clicked in a cell is clicked, and text that is marked is not a click.
    if ((event.target as Element).closest("a, button, input, select, label")) return;
    if (window.getSelection()?.isCollapsed === false) return;
    onOpen?.(row);
  };
  return (
    <div
      role="row"
      data-index={props.index}
      aria-rowindex={props.index + 2}
      aria-selected={selection ? selected : undefined}
      tabIndex={props.isFocusable ? 0 : -1}
      onKeyDown={onKeyDown}
      onClick={onClick}
      onFocus={props.onFocus}
      className={`group absolute left-0 flex min-w-full border-b border-line outline-offset-[-2px] ${
        onOpen ? "cursor-pointer" : ""
      }`}
      style={{ height: props.height, transform: `translateY(${props.start}px)` }}
    >
      {selection && (
        <div
          role="gridcell"
          className={`sticky left-0 z-10 flex items-center justify-center ${ground}`}
          style={{ width: SELECT_WIDTH, flex: "none" }}
        >
          <input
            type="checkbox"
            tabIndex={-1}
            aria-label={`Select ${props.name}`}
            checked={selected}
            onChange={toggle}
          />
        </div>
      )}
      {laid.map(({ column, width, left }) => (
        <div
          key={column.id}
          role="gridcell"
          title={column.title?.(row)}
          className={`flex min-w-0 items-center px-2.5 ${ground} ${
            column.numeric ? "justify-end tabular-nums" : ""
          } ${left === null ? "" : "sticky z-10"}`}
          style={{ width, flex: "none", left: left ?? undefined }}
        >
          <div className="min-w-0 truncate">{column.cell(row)}</div>
        </div>
      ))}
      <div aria-hidden className={`flex-1 ${ground}`} />
    </div>
  );
}

interface PendingRowProps {
  index: number;
  start: number;
  height: number;
}

/** A row that is still on its way. */
export function PendingRow({ index, start, height }: PendingRowProps) {
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-busy
      className="absolute left-0 flex w-full items-center border-b border-line px-2.5"
      style={{ height, transform: `translateY(${start}px)` }}
    >
      <div role="gridcell" className="w-full">
        <span className="sr-only">Loading</span>
        <div aria-hidden className="h-3 w-full rounded bg-hover" />
      </div>
    </div>
  );
}

function toggled(keys: ReadonlySet<string>, key: string): Set<string> {
  const next = new Set(keys);
  if (!next.delete(key)) next.add(key);
  return next;
}
