import { clsx } from "clsx";
import { seriesClass } from "./stack";

export interface WhiskerRow {
  key: string;
  label: string;
  /** Null where there is none: only its text is shown. */
  value: number | null;
  low?: number | undefined;
  high?: number | undefined;
  /** The figure, written, with what is said of it. */
  text: string;
  mark?: string | undefined;
}

interface WhiskerBarsProps {
  label: string;
  rows: WhiskerRow[];
  /** Where the scale ends at least: 1 for shares. */
  end?: number;
}

/** One bar for each row, with a whisker over its interval: a list first, and drawn second. */
export function WhiskerBars({ label, rows, end = 0 }: WhiskerBarsProps) {
  const ends = rows.flatMap((row) => [row.value ?? 0, row.low ?? 0, row.high ?? 0]);
  const most = Math.max(...ends, end, 0) || 1;
  const least = Math.min(...ends, 0);
  const at = (value: number) => ((value - least) / (most - least)) * 100;
  return (
    <ul aria-label={label} className="flex flex-col gap-2">
      {rows.map((row, index) => (
        <li key={row.key} className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-3">
          <span className="truncate" title={row.label}>
            {row.label}
          </span>
          <span className="tabular-nums">
            {row.mark && <span aria-hidden>{row.mark} </span>}
            {row.text}
          </span>
          <svg aria-hidden className="col-span-2 mt-1 h-3 w-full rounded bg-hover">
            {row.value !== null && (
              <rect
                x={`${at(Math.min(0, row.value))}%`}
                width={`${Math.abs(at(row.value) - at(0))}%`}
                y={2}
                height={8}
                rx={2}
                className={clsx(seriesClass(index))}
              />
            )}
            {row.low !== undefined && row.high !== undefined && (
              <g className="stroke-fg" strokeWidth={1.5}>
                <line x1={`${at(row.low)}%`} x2={`${at(row.high)}%`} y1={6} y2={6} />
                <line x1={`${at(row.low)}%`} x2={`${at(row.low)}%`} y1={2} y2={10} />
                <line x1={`${at(row.high)}%`} x2={`${at(row.high)}%`} y1={2} y2={10} />
              </g>
            )}
          </svg>
        </li>
      ))}
    </ul>
  );
}
