import { ArrowDown, ArrowUp } from "lucide-react";
import type { PointerEvent } from "react";
import type { Sort } from "~/components/Table";
import { type Laid, SELECT_WIDTH } from "./columns";
import type { Selection } from "./Grid";

interface GridHeadProps<Row> {
  laid: Laid<Row>[];
  sort: Sort | undefined;
  onSort: ((sort: Sort) => void) | undefined;
  onWidth: (id: string, pixels: number) => void;
  selection: Selection | undefined;
  /** Of all rows that are there. */
  keys: () => string[];
}

export function GridHead<Row>({ laid, sort, onSort, onWidth, selection, keys }: GridHeadProps<Row>) {
  return (
    <div role="rowgroup" className="sticky top-0 z-20 border-b border-line bg-panel text-xs text-muted">
      <div role="row" aria-rowindex={1} className="flex">
        {selection && (
          <div
            role="columnheader"
            className="sticky left-0 z-10 flex items-center justify-center bg-panel"
            style={{ width: SELECT_WIDTH, flex: "none" }}
          >
            <input
              type="checkbox"
              aria-label="Select all that are shown"
              checked={selection.keys.size > 0 && keys().every((key) => selection.keys.has(key))}
              onChange={(event) => selection.onChange(new Set(event.target.checked ? keys() : []))}
            />
          </div>
        )}
        {laid.map((one) => (
          <Header key={one.column.id} laid={one} sort={sort} onSort={onSort} onWidth={onWidth} />
        ))}
      </div>
    </div>
  );
}

interface HeaderProps<Row> extends Pick<GridHeadProps<Row>, "sort" | "onSort" | "onWidth"> {
  laid: Laid<Row>;
}

function Header<Row>({ laid, sort, onSort, onWidth }: HeaderProps<Row>) {
  const { column, width, left } = laid;
  const active = sort?.by === column.id;
  const Arrow = sort?.descending ? ArrowDown : ArrowUp;
  return (
    <div
      role="columnheader"
      aria-sort={active ? (sort.descending ? "descending" : "ascending") : undefined}
      className={`relative flex items-center bg-panel px-2.5 py-1.5 font-medium whitespace-nowrap ${
        column.numeric ? "justify-end" : ""
      } ${left === null ? "" : "sticky z-10"}`}
      style={{ width, flex: "none", left: left ?? undefined }}
    >
      {column.sortable && onSort ? (
        <button
          type="button"
          title={column.id}
          className="inline-flex min-w-0 items-center gap-1 hover:text-fg"
          onClick={() =>
            onSort({ by: column.id, descending: active ? !sort.descending : Boolean(column.numeric) })
          }
        >
          <span className="truncate">{column.header}</span>
          {active && <Arrow aria-hidden className="size-3 shrink-0" />}
        </button>
      ) : (
        <span className="truncate" title={column.id}>
          {column.header}
        </span>
      )}
      <div
        aria-hidden
        className="absolute inset-y-1 right-0 w-1.5 cursor-col-resize touch-none rounded hover:bg-line-strong"
        onPointerDown={(event) => pull(event, width, (pixels) => onWidth(column.id, pixels))}
      />
    </div>
  );
}

/** Follow the pointer until it is let go. */
function pull(event: PointerEvent<HTMLElement>, width: number, onWidth: (pixels: number) => void): void {
  event.preventDefault();
  const { currentTarget: handle, clientX: from, pointerId } = event;
  handle.setPointerCapture(pointerId);
  const follow = (moved: globalThis.PointerEvent) => onWidth(width + moved.clientX - from);
  const end = () => {
    handle.removeEventListener("pointermove", follow);
    handle.removeEventListener("pointerup", end);
    handle.removeEventListener("pointercancel", end);
  };
  handle.addEventListener("pointermove", follow);
  handle.addEventListener("pointerup", end);
  handle.addEventListener("pointercancel", end);
}
