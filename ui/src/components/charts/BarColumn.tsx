import { clsx } from "clsx";
import type { KeyboardEvent } from "react";
import { type Bar, type Segment, type Series, seriesClass } from "./stack";
import type { Spot } from "./useRoving";

interface BarColumnProps {
  index: number;
  bar: Bar;
  segments: Segment[];
  series: Series[];
  rest: string | undefined;
  box: { x: number; width: number; step: number; top: number; bottom: number };
  y: (value: number) => number;
  format: (bar: number, series: number) => string;
  verb: string;
  spot: (of: Spot) => { "data-spot": string; tabIndex: number; onFocus: () => void };
  isMarked: boolean;
  onPoint: () => void;
  /** The whole bar (null), or the segment of a series. */
  onOpen: (series: number | null) => void;
}

/** One bar: a button over its whole column, and one for each segment. */
export function BarColumn(props: BarColumnProps) {
  const { index, bar, segments, series, box, y, format, spot, isMarked, onPoint, onOpen } = props;
  return (
    <g onPointerEnter={onPoint}>
      <rect
        role="button"
        aria-label={`${bar.name}: ${format(index, -1)}; ${props.verb}`}
        x={box.x - (box.step - box.width) / 2}
        width={box.step}
        y={box.top}
        height={Math.max(0, box.bottom - box.top)}
        className={clsx(
          isMarked ? "fill-accent-soft" : "fill-transparent hover:fill-hover",
          "focus-visible:outline-2 focus-visible:outline-accent",
        )}
        onClick={() => onOpen(null)}
        onKeyDown={onEnter(() => onOpen(null))}
        {...spot({ bar: index, segment: -1 })}
      />
      {segments.map((segment, place) => (
        <rect
          key={series[segment.series]?.key ?? segment.series}
          role="button"
          aria-label={`${bar.name}, ${series[segment.series]?.label}: ${format(index, segment.series)}; ${props.verb}`}
          x={box.x}
          width={box.width}
          y={y(segment.high)}
          height={Math.max(0.75, y(segment.low) - y(segment.high))}
          className={clsx(
            seriesClass(segment.series, series[segment.series]?.key === props.rest),
            "hover:brightness-110 focus-visible:outline-2 focus-visible:outline-accent",
          )}
          onClick={() => onOpen(segment.series)}
          onKeyDown={onEnter(() => onOpen(segment.series))}
          {...spot({ bar: index, segment: place })}
        />
      ))}
    </g>
  );
}

function onEnter(open: () => void) {
  return (event: KeyboardEvent) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    open();
  };
}
