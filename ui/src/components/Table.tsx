import { ArrowDown, ArrowUp } from "lucide-react";
import type { ReactNode } from "react";

export interface Column<Row> {
  /** Stands in the URL when sorted by. */
  id: string;
  header: string;
  /** The header is for screen readers only, where the cells say it themselves. */
  hideHeader?: boolean;
  cell: (row: Row) => ReactNode;
  /** Figures stand at the right. */
  numeric?: boolean;
  /** Whether its header sorts. */
  sortable?: boolean;
  /** For narrow screens: left out below this width. */
  hideBelow?: "sm" | "md" | "lg";
}

export interface Sort {
  by: string;
  descending: boolean;
}

interface TableProps<Row> {
  label: string;
  columns: Column<Row>[];
  rows: Row[];
  rowKey: (row: Row) => string;
  sort?: Sort | undefined;
  onSort?: (sort: Sort) => void;
  /** Shown in place of rows when there are none. */
  empty?: ReactNode;
}

const HIDDEN = { sm: "max-sm:hidden", md: "max-md:hidden", lg: "max-lg:hidden" };

/** A table that scrolls sideways in itself, never the page. */
export function Table<Row>({ label, columns, rows, rowKey, sort, onSort, empty }: TableProps<Row>) {
  if (rows.length === 0 && empty) return <>{empty}</>;
  return (
    <section
      aria-label={label}
      tabIndex={0}
      className="relative overflow-x-auto rounded-lg border border-line"
    >
      <table className="w-full border-collapse text-sm">
        <thead className="bg-panel text-left text-xs text-muted">
          <tr>
            {columns.map((column) => (
              <Header key={column.id} column={column} sort={sort} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)} className="border-t border-line hover:bg-panel">
              {columns.map((column) => (
                <td key={column.id} className={cellClass(column)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function cellClass<Row>(column: Column<Row>): string {
  const hidden = column.hideBelow ? HIDDEN[column.hideBelow] : "";
  return `px-3 py-1.5 align-middle ${column.numeric ? "text-right" : ""} ${hidden}`;
}

interface HeaderProps<Row> {
  column: Column<Row>;
  sort: Sort | undefined;
  onSort: ((sort: Sort) => void) | undefined;
}

function Header<Row>({ column, sort, onSort }: HeaderProps<Row>) {
  const active = sort?.by === column.id;
  const direction = sort?.descending ? "descending" : "ascending";
  return (
    <th
      scope="col"
      aria-sort={active ? direction : undefined}
      className={`font-medium whitespace-nowrap ${cellClass(column)}`}
    >
      {column.sortable && onSort ? (
        <button
          type="button"
          className="inline-flex items-center gap-1 hover:text-fg"
          onClick={() =>
            onSort({ by: column.id, descending: active ? !sort.descending : Boolean(column.numeric) })
          }
        >
          {column.header}
          {active &&
            (sort.descending ? (
              <ArrowDown aria-hidden className="size-3" />
            ) : (
              <ArrowUp aria-hidden className="size-3" />
            ))}
        </button>
      ) : (
        <span className={column.hideHeader ? "sr-only" : undefined}>{column.header}</span>
      )}
    </th>
  );
}
