import { extent } from "d3-array";
import { scaleLinear } from "d3-scale";
import { useRef } from "react";
import { LabelAxis, ValueAxis } from "./Axes";
import { labelled, seriesClass } from "./stack";
import { useWidth } from "./useWidth";

export interface Point {
  key: string;
  label: string;
  x: number;
  y: number;
}

interface ScatterPlotProps {
  /** What the plot shows: "Price against context window". */
  label: string;
  points: Point[];
  xLabel: string;
  yLabel: string;
  formatX: (value: number) => string;
  formatY: (value: number) => string;
  height?: number;
  /** Points to be joined by a line, in this order: a front. */
  joined?: readonly string[];
}

const MARGIN = { top: 22, right: 36, bottom: 36, left: 60 };
const TICKS = 4;
const LABEL_PX = 72;

/** Points with their names beside them, two figures each. The whole is an image whose name says them all. */
export function ScatterPlot(props: ScatterPlotProps) {
  const { label, points, formatX, formatY } = props;
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const size = props.height ?? 300;
  const right = Math.max(MARGIN.left, width - MARGIN.right);
  const x = scaleLinear()
    .domain(fromZero(points.map((point) => point.x)))
    .nice(TICKS)
    .range([MARGIN.left, right]);
  const y = scaleLinear()
    .domain(fromZero(points.map((point) => point.y)))
    .nice(TICKS)
    .range([size - MARGIN.bottom, MARGIN.top]);
  const told = points.map(
    (point) => `${point.label}: ${props.xLabel} ${formatX(point.x)}, ${props.yLabel} ${formatY(point.y)}`,
  );
  return (
    <div ref={frame} className="min-w-0">
      <svg
        role="img"
        aria-label={`${label}. ${told.join("; ")}`}
        width={width}
        height={size}
        className="block"
      >
        <ValueAxis ticks={y.ticks(TICKS)} y={y} left={MARGIN.left} right={right} format={formatY} />
        <LabelAxis
          y={size - MARGIN.bottom + 16}
          labels={x
            .ticks(TICKS)
            .flatMap((tick, index, ticks) =>
              labelled(ticks.length, right - MARGIN.left, LABEL_PX)(index)
                ? [{ key: String(tick), x: x(tick), text: formatX(tick) }]
                : [],
            )}
        />
        <g aria-hidden className="fill-muted text-2xs">
          <text x={right} y={size - 4} textAnchor="end">
            {props.xLabel}
          </text>
          <text x={0} y={10}>
            {props.yLabel}
          </text>
        </g>
        {props.joined && (
          <polyline
            aria-hidden
            points={props.joined.flatMap((key) => placeOf(points, key, x, y)).join(" ")}
            className="fill-none stroke-accent"
            strokeDasharray="4 3"
          />
        )}
        {points.map((point, index) => {
          const isLeft = x(point.x) > (MARGIN.left + right) / 2;
          return (
            <g key={point.key}>
              <circle cx={x(point.x)} cy={y(point.y)} r={5} className={seriesClass(index)} />
              <text
                x={x(point.x) + (isLeft ? -9 : 9)}
                y={y(point.y)}
                dy="0.32em"
                textAnchor={isLeft ? "end" : "start"}
                className="fill-fg text-2xs"
              >
                {point.label}
              </text>
            </g>
          );
        })}
      </svg>
    </div>
  );
}

function placeOf(
  points: readonly Point[],
  key: string,
  x: (value: number) => number,
  y: (value: number) => number,
): string[] {
  const point = points.find((one) => one.key === key);
  return point ? [`${x(point.x)},${y(point.y)}`] : [];
}

function fromZero(values: number[]): [number, number] {
  const [low, high] = extent(values);
  return [Math.min(0, low ?? 0), Math.max(high ?? 1, 0) || 1];
}
