import { max } from "d3-array";
import { scaleLinear } from "d3-scale";

/** Something that is drawn in one colour through all bars, or one bar's share of it. */
export interface Series {
  key: string;
  label: string;
}

/** One column of the chart. */
export interface Bar {
  key: string;
  /** Below the axis, short: `28 Nov`. */
  label: string;
  /** In full, for the tooltip and screen readers: `28 November 2026`. */
  name: string;
  /** By series, in their order. For drawing only: exact figures are written by `format`. */
  values: number[];
}

export interface Segment {
  series: number;
  /** Heights in the unit of the values: from `low` to `high`. */
  low: number;
  high: number;
}

/** What lies on what in a bar, from the bottom up; nothing is drawn for nothing. */
export function stack(values: readonly number[]): Segment[] {
  const segments: Segment[] = [];
  let top = 0;
  values.forEach((value, series) => {
    if (!(value > 0)) return;
    segments.push({ series, low: top, high: top + value });
    top += value;
  });
  return segments;
}

export function height(values: readonly number[]): number {
  return stack(values).at(-1)?.high ?? 0;
}

/** The end of the axis, and round figures on it: a few, the first 0. An axis without data ends at 1. */
export function axis(bars: readonly Bar[], ticks: number): { end: number; ticks: number[] } {
  const most = max(bars, (bar) => height(bar.values)) ?? 0;
  const scale = scaleLinear()
    .domain([0, most || 1])
    .nice(ticks);
  return { end: scale.domain()[1] ?? 1, ticks: scale.ticks(ticks) };
}

/** Which labels fit below an axis of `width`: every one, every second, third, ... The first always stands. */
export function labelled(count: number, width: number, labelWidth: number): (index: number) => boolean {
  const room = Math.max(1, Math.floor(width / labelWidth));
  const step = Math.max(1, Math.ceil(count / room));
  return (index) => index % step === 0;
}

/** The bar at `x` of a plot of `width`; the nearest one for what is outside. */
export function barAt(x: number, width: number, count: number): number {
  if (count === 0 || width <= 0) return 0;
  return Math.min(count - 1, Math.max(0, Math.floor((x / width) * count)));
}

/** Eight hues of styles.css; the last one is for what is beyond the largest. */
export function seriesClass(index: number, isRest = false): string {
  return FILLS[isRest ? 7 : index % 7] ?? "fill-series-8";
}

/** The same hue, for lines. */
export function seriesStroke(index: number): string {
  return STROKES[index % 7] ?? "stroke-series-8";
}

const STROKES = [
  "stroke-series-1",
  "stroke-series-2",
  "stroke-series-3",
  "stroke-series-4",
  "stroke-series-5",
  "stroke-series-6",
  "stroke-series-7",
];

const FILLS = [
  "fill-series-1 bg-series-1",
  "fill-series-2 bg-series-2",
  "fill-series-3 bg-series-3",
  "fill-series-4 bg-series-4",
  "fill-series-5 bg-series-5",
  "fill-series-6 bg-series-6",
  "fill-series-7 bg-series-7",
  "fill-series-8 bg-series-8",
];
