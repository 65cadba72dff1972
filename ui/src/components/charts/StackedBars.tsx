import { scaleBand, scaleLinear } from "d3-scale";
import { useRef, useState } from "react";
import { LabelAxis, ValueAxis } from "./Axes";
import { BarColumn } from "./BarColumn";
import { ChartTip } from "./ChartTip";
import { axis, type Bar, height, labelled, type Series, stack } from "./stack";
import { useRoving } from "./useRoving";
import { useWidth } from "./useWidth";
import { useZoom } from "./useZoom";

export interface StackedBarsProps {
  /** What the chart shows: "Cost by day and model". */
  label: string;
  bars: Bar[];
  series: Series[];
  /** The key of the series of what is beyond the largest, drawn grey. */
  rest?: string;
  /** The exact figure of a bar (`series` -1) or of one of its segments. */
  format: (bar: number, series: number) => string;
  /** A figure of the axis, which is round. */
  formatTick: (value: number) => string;
  /** A bar, or one segment of it, was chosen. */
  onOpen: (bar: Bar, series: Series | null) => void;
  /** What opening does, for screen readers: "show its requests". */
  verb: string;
  /** A span of bars was marked with the pointer. */
  onZoom?: (first: Bar, last: Bar) => void;
  height?: number;
}

const MARGIN = { top: 8, right: 4, bottom: 22, left: 60 };
const LABEL_PX = 56;
const TICKS = 4;

/**
 * Stacked bars over something that has an order. Drag marks a span; a click opens a segment. From the keyboard it is
 * one stop: left and right go from bar to bar, up and down from segment to segment, Enter opens.
 */
export function StackedBars(props: StackedBarsProps) {
  const { label, bars, series, rest, format, formatTick, onOpen, verb, onZoom } = props;
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const size = props.height ?? 260;
  const plot = {
    left: MARGIN.left,
    width: Math.max(0, width - MARGIN.left - MARGIN.right),
    count: bars.length,
  };
  const stacks = bars.map((bar) => stack(bar.values));
  const roving = useRoving(bars.length, (bar) => stacks[bar]?.length ?? 0);
  const zoom = useZoom(
    roving.ref,
    plot,
    onZoom &&
      ((first, last) => {
        const [from, to] = [bars[first], bars[last]];
        if (from && to) onZoom(from, to);
      }),
  );
  const [pointed, setPointed] = useState<number | null>(null);

  const { end, ticks } = axis(bars, TICKS);
  const y = scaleLinear()
    .domain([0, end])
    .range([size - MARGIN.bottom, MARGIN.top]);
  const x = scaleBand<number>()
    .domain(bars.map((_, index) => index))
    .range([plot.left, plot.left + plot.width])
    .paddingInner(bars.length > 60 ? 0.1 : 0.25);
  const hasLabel = labelled(bars.length, plot.width, LABEL_PX);
  const middle = (index: number) => (x(index) ?? 0) + x.bandwidth() / 2;

  return (
    <div ref={frame} className="relative min-w-0">
      <svg
        ref={roving.ref}
        role="group"
        aria-label={`${label}. Arrow keys move between bars and their parts.`}
        width={width}
        height={size}
        className="block touch-pan-y select-none"
        onKeyDown={roving.onKeyDown}
        onPointerLeave={() => setPointed(null)}
        {...zoom.handlers}
      >
        <ValueAxis ticks={ticks} y={y} left={plot.left} right={plot.left + plot.width} format={formatTick} />
        <LabelAxis
          y={size - 6}
          labels={bars.flatMap((bar, index) =>
            hasLabel(index) ? [{ key: bar.key, x: middle(index), text: bar.label }] : [],
          )}
        />
        {width > 0 &&
          bars.map((bar, index) => (
            <BarColumn
              key={bar.key}
              index={index}
              bar={bar}
              segments={stacks[index] ?? []}
              series={series}
              rest={rest}
              box={{ x: x(index) ?? 0, width: x.bandwidth(), step: x.step(), top: MARGIN.top, bottom: y(0) }}
              y={y}
              format={format}
              verb={verb}
              spot={roving.at}
              isMarked={isWithin(zoom.marked, index)}
              onPoint={() => setPointed(index)}
              onOpen={(segment) => {
                if (zoom.wasDrag()) return;
                onOpen(bar, segment === null ? null : (series[segment] ?? null));
              }}
            />
          ))}
      </svg>
      <ChartTip
        bar={pointed === null || zoom.marked ? undefined : bars[pointed]}
        index={pointed ?? 0}
        x={pointed === null ? 0 : middle(pointed)}
        width={width}
        series={series}
        rest={rest}
        format={format}
        isEmpty={pointed !== null && height(bars[pointed]?.values ?? []) === 0}
      />
    </div>
  );
}

function isWithin(span: [number, number] | null, index: number): boolean {
  return span !== null && span[0] <= index && index <= span[1];
}
