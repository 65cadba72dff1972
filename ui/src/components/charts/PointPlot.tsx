import { clsx } from "clsx";
import { extent } from "d3-array";
import { scaleLinear, scaleTime } from "d3-scale";
import { line } from "d3-shape";
import { type KeyboardEvent, useRef, useState } from "react";
import { LabelAxis, ValueAxis } from "./Axes";
import { labelled, seriesClass, seriesStroke } from "./stack";
import { useRoving } from "./useRoving";
import { useWidth } from "./useWidth";
import { useZoom } from "./useZoom";

export interface PlotPoint {
  key: string;
  /** All that it says: "ask: 1.2 s, 340 tokens". */
  name: string;
  x: number;
  y: number;
  /** Which of the series. */
  series: number;
}

interface PointPlotProps {
  /** What the plot shows: "Latency over time". */
  label: string;
  points: PlotPoint[];
  /** Points of a series are joined, in their order. */
  joined?: boolean;
  /** The axis counts milliseconds since 1970. */
  isTime: boolean;
  formatX: (value: number, span: number) => string;
  formatY: (value: number) => string;
  /** A point was chosen, by its key. */
  onOpen?: ((key: string) => void) | undefined;
  /** A span of the axis was marked with the pointer. */
  onZoom?: ((from: number, to: number) => void) | undefined;
  height?: number;
}

const MARGIN = { top: 10, right: 16, bottom: 24, left: 60 };
const TICKS = 4;
const LABEL_PX = 76;
const SLOTS = 240;

/** Points, or lines through them. One tab stop: left and right go from point to point, Enter opens one. */
export function PointPlot(props: PointPlotProps) {
  const { label, points, isTime, formatX, formatY, onOpen, onZoom } = props;
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const height = props.height ?? 220;
  const plot = { left: MARGIN.left, width: Math.max(0, width - MARGIN.left - MARGIN.right) };
  const [low = 0, high = 1] = extent(points, (point) => point.x);
  const across: [number, number] = high > low ? [isTime ? low : Math.min(0, low), high] : [low - 1, low + 1];
  const x = scaleLinear()
    .domain(across)
    .range([plot.left, plot.left + plot.width]);
  const y = scaleLinear()
    .domain([Math.min(0, ...ends(points)), Math.max(0, ...ends(points)) || 1])
    .nice(TICKS)
    .range([height - MARGIN.bottom, MARGIN.top]);
  const ordered = [...points].sort((a, b) => a.x - b.x || a.series - b.series);
  const roving = useRoving(ordered.length, () => 0);
  const zoom = useZoom(
    roving.ref,
    { ...plot, count: SLOTS },
    onZoom && ((first, last) => onZoom(valueAt(first), valueAt(last + 1))),
  );
  const valueAt = (slot: number) => x.invert(plot.left + (slot / SLOTS) * plot.width);
  const [pointed, setPointed] = useState<string | null>(null);
  const most = Math.max(2, Math.floor(plot.width / 110));
  const ticks = isTime ? scaleTime().domain(across).ticks(most).map(Number) : x.ticks(most);
  const hasLabel = labelled(ticks.length, plot.width, LABEL_PX);
  const marked = zoom.marked;
  return (
    <div ref={frame} className="relative min-w-0">
      <svg
        ref={roving.ref}
        role="group"
        aria-label={`${label}. Arrow keys move between points.`}
        width={width}
        height={height}
        className="block touch-pan-y select-none"
        onKeyDown={roving.onKeyDown}
        {...zoom.handlers}
      >
        <ValueAxis
          ticks={y.ticks(TICKS)}
          y={y}
          left={plot.left}
          right={plot.left + plot.width}
          format={formatY}
        />
        <LabelAxis
          y={height - 6}
          labels={ticks.flatMap((tick, at) =>
            hasLabel(at) ? [{ key: String(tick), x: x(tick), text: formatX(tick, high - low) }] : [],
          )}
        />
        {marked && (
          <rect
            aria-hidden
            x={plot.left + (marked[0] / SLOTS) * plot.width}
            width={((marked[1] + 1 - marked[0]) / SLOTS) * plot.width}
            y={MARGIN.top}
            height={height - MARGIN.top - MARGIN.bottom}
            className="fill-accent-soft"
          />
        )}
        {props.joined && <Lines points={ordered} x={x} y={y} />}
        {width > 0 &&
          ordered.map((point, at) => (
            <Dot
              key={point.key}
              point={point}
              x={x(point.x)}
              y={y(point.y)}
              isSmall={props.joined === true}
              onPoint={setPointed}
              onOpen={onOpen && (() => !zoom.wasDrag() && onOpen(point.key))}
              spot={roving.at({ bar: at, segment: -1 })}
            />
          ))}
      </svg>
      <div aria-hidden className="h-4 truncate text-2xs text-muted">
        {pointed}
      </div>
    </div>
  );
}

interface DotProps {
  point: PlotPoint;
  x: number;
  y: number;
  isSmall: boolean;
  onPoint: (name: string | null) => void;
  onOpen: (() => void) | undefined;
  spot: { "data-spot": string; tabIndex: number; onFocus: () => void };
}

/** One point: a button where it opens something. */
function Dot({ point, x, y, isSmall, onPoint, onOpen, spot }: DotProps) {
  const look = {
    "aria-label": point.name,
    cx: x,
    cy: y,
    r: isSmall ? 3 : 4,
    className: clsx(
      seriesClass(point.series),
      !isSmall && "opacity-70",
      onOpen && "cursor-pointer",
      "hover:opacity-100 focus-visible:outline-2 focus-visible:outline-accent",
    ),
    onPointerEnter: () => onPoint(point.name),
    onPointerLeave: () => onPoint(null),
    ...spot,
  };
  // biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: arrows go to each point; only Enter does nothing
  if (!onOpen) return <circle role="img" {...look} />;
  return <circle role="button" {...look} onClick={onOpen} onKeyDown={(event) => onEnter(event, onOpen)} />;
}

interface LinesProps {
  points: readonly PlotPoint[];
  x: (value: number) => number;
  y: (value: number) => number;
}

function Lines({ points, x, y }: LinesProps) {
  const path = line<PlotPoint>(
    (point) => x(point.x),
    (point) => y(point.y),
  );
  const series = [...new Set(points.map((point) => point.series))];
  return (
    <g aria-hidden>
      {series.map((one) => (
        <path
          key={one}
          d={path(points.filter((point) => point.series === one)) ?? ""}
          className={clsx("fill-none", seriesStroke(one))}
          strokeWidth={1.5}
        />
      ))}
    </g>
  );
}

function ends(points: readonly PlotPoint[]): [number, number] {
  const [low = 0, high = 0] = extent(points, (point) => point.y);
  return [low, high];
}

function onEnter(event: KeyboardEvent, open: () => void): void {
  if (event.key !== "Enter" && event.key !== " ") return;
  event.preventDefault();
  open();
}
