import { scaleLinear } from "d3-scale";
import { useRef } from "react";
import { LabelAxis, ValueAxis } from "./Axes";
import { labelled } from "./stack";
import { useWidth } from "./useWidth";

export interface Reading {
  /** The moment, written short; below the axis. */
  label: string;
  /** Everything of it in words, for the tooltip and screen readers. */
  text: string;
  n: number;
  mean: number;
  low: number | null;
  high: number | null;
}

interface IntervalLineProps {
  label: string;
  /** Every stretch of time; null where there is nothing. */
  readings: (Reading | null)[];
  /** The axis goes from 0 to 1. */
  isShare: boolean;
  format: (value: number) => string;
}

const HEIGHT = 220;
const COUNTS = 36;
const MARGIN = { top: 8, right: 8, bottom: 22, left: 52 };
const LABEL_PX = 64;

/** A mean over time with its interval as a whisker, and below it how many results each point is of. */
export function IntervalLine({ label, readings, isShare, format }: IntervalLineProps) {
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const there = readings.filter((one) => one !== null);
  const lows = there.map((one) => one.low ?? one.mean);
  const highs = there.map((one) => one.high ?? one.mean);
  const domain: [number, number] = isShare ? [0, 1] : [Math.min(0, ...lows), Math.max(1e-9, ...highs)];
  const bottom = HEIGHT - MARGIN.bottom - COUNTS;
  const y = scaleLinear().domain(domain).range([bottom, MARGIN.top]);
  if (!isShare) y.nice(4);
  const x = scaleLinear()
    .domain([-0.5, readings.length - 0.5])
    .range([MARGIN.left, Math.max(MARGIN.left, width - MARGIN.right)]);
  const most = Math.max(1, ...there.map((one) => one.n));
  const wide = Math.max(2, Math.min(14, (x(1) ?? 0) - (x(0) ?? 0) - 2));
  const shows = labelled(readings.length, Math.max(0, width - MARGIN.left), LABEL_PX);
  const labels = readings.flatMap((one, index) =>
    one && shows(index) ? [{ key: `${index}`, x: x(index), text: one.label }] : [],
  );
  return (
    <div ref={frame} className="relative min-w-0">
      <svg role="img" aria-label={label} width={width} height={HEIGHT} className="block overflow-visible">
        <ValueAxis
          ticks={y.ticks(4)}
          y={(value) => y(value)}
          left={MARGIN.left}
          right={Math.max(MARGIN.left, width - MARGIN.right)}
          format={format}
        />
        <path d={pathOf(readings, x, y)} className="fill-none stroke-accent" strokeWidth={1.5} />
        {readings.map((one, index) =>
          one === null ? null : (
            <g key={one.text} className="text-accent">
              <title>{one.text}</title>
              <rect x={x(index) - wide / 2} y={MARGIN.top} width={wide} height={bottom} fill="transparent" />
              {one.low !== null && one.high !== null && (
                <line
                  x1={x(index)}
                  x2={x(index)}
                  y1={y(one.low)}
                  y2={y(one.high)}
                  stroke="currentColor"
                  strokeWidth={wide > 6 ? 3 : 1.5}
                  opacity={0.35}
                />
              )}
              <circle cx={x(index)} cy={y(one.mean)} r={3} fill="currentColor" />
              <rect
                x={x(index) - wide / 2}
                y={HEIGHT - MARGIN.bottom - (one.n / most) * (COUNTS - 10)}
                width={wide}
                height={(one.n / most) * (COUNTS - 10)}
                className="fill-muted"
                opacity={0.5}
              />
            </g>
          ),
        )}
        <text
          aria-hidden
          x={MARGIN.left - 6}
          y={HEIGHT - MARGIN.bottom - 4}
          textAnchor="end"
          className="fill-muted text-2xs"
        >
          n ≤ {most}
        </text>
        <LabelAxis labels={labels} y={HEIGHT - 6} />
      </svg>
    </div>
  );
}

/** A line through neighbours; a stretch with nothing in it breaks it. */
function pathOf(
  readings: (Reading | null)[],
  x: (index: number) => number,
  y: (value: number) => number,
): string {
  let path = "";
  readings.forEach((one, index) => {
    if (one)
      path += `${path && readings[index - 1] ? "L" : "M"}${x(index).toFixed(1)} ${y(one.mean).toFixed(1)}`;
  });
  return path;
}
