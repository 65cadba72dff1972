import { clsx } from "clsx";
import { type Bar, type Series, seriesClass } from "./stack";

interface ChartTipProps {
  bar: Bar | undefined;
  index: number;
  /** The middle of the bar, in pixels. */
  x: number;
  width: number;
  series: Series[];
  rest: string | undefined;
  format: (bar: number, series: number) => string;
  isEmpty: boolean;
}

const WIDTH_PX = 240;

/** The figures of the bar under the pointer. Screen readers have them in the names of bars, and in the table. */
export function ChartTip({ bar, index, x, width, series, rest, format, isEmpty }: ChartTipProps) {
  if (!bar) return null;
  const left = Math.max(0, Math.min(width - WIDTH_PX, x > width / 2 ? x - WIDTH_PX - 16 : x + 16));
  return (
    <div
      aria-hidden
      style={{ left, width: Math.min(WIDTH_PX, width) }}
      className="pointer-events-none absolute top-2 z-10 rounded-md border border-line bg-raised p-2 text-xs shadow-lg"
    >
      <div className="flex justify-between gap-3 font-medium">
        <span>{bar.name}</span>
        <span>{format(index, -1)}</span>
      </div>
      {isEmpty && <div className="text-muted">Nothing</div>}
      {series.map((one, place) =>
        (bar.values[place] ?? 0) > 0 ? (
          <div key={one.key} className="mt-0.5 flex items-center gap-1.5">
            <span className={clsx("size-2 shrink-0 rounded-xs", seriesClass(place, one.key === rest))} />
            <span className="min-w-0 flex-1 truncate text-muted">{one.label}</span>
            <span>{format(index, place)}</span>
          </div>
        ) : null,
      )}
    </div>
  );
}
