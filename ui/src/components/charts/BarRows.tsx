import { clsx } from "clsx";
import { seriesClass } from "./stack";

export interface BarRow {
  key: string;
  label: string;
  value: number;
  /** The figure, written. */
  text: string;
}

interface BarRowsProps {
  label: string;
  rows: BarRow[];
}

/** One bar for each row, all of one figure: a list first, and drawn second. */
export function BarRows({ label, rows }: BarRowsProps) {
  const most = Math.max(...rows.map((row) => row.value), 0) || 1;
  return (
    <ul aria-label={label} className="flex flex-col gap-2">
      {rows.map((row, index) => (
        <li key={row.key} className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-3">
          <span className="truncate">{row.label}</span>
          <span>{row.text}</span>
          <span aria-hidden className="col-span-2 mt-1 h-2 rounded-full bg-hover">
            <span
              className={clsx("block h-full rounded-full", seriesClass(index))}
              style={{ width: `${Math.max(0, (row.value / most) * 100)}%` }}
            />
          </span>
        </li>
      ))}
    </ul>
  );
}
