/** A trace over time: where each call is drawn. Pure. */

import type { Trace } from "./tree";

export interface Bar {
  call: number;
  row: number;
  /** From 0 to 1 of what is shown. */
  left: number;
  width: number;
}

export interface Flame {
  bars: Bar[];
  rows: number;
  /** Too short, or too many, to be drawn. */
  hidden: number;
  startUs: number;
  lengthUs: number;
}

const MOST_BARS = 1_500;
const MOST_ROWS = 120;
/** Narrower ones could be neither seen nor met. */
const LEAST_WIDTH = 1 / 800;

/**
 * The calls at and below `top` (-1: all of the trace) by when they ran. A call stands below the one that called it, in
 * the first row where it overlaps nobody: calls that ran at the same time lie under each other.
 */
export function flameOf(trace: Trace, top: number): Flame {
  const { outline } = trace;
  const from = top < 0 ? 0 : (trace.places[top] ?? 0);
  const until = top < 0 ? trace.count : from + (trace.below[top] ?? 0) + 1;
  const calls = trace.order.slice(from, until);
  const end = (call: number) => (outline.starts_us[call] ?? 0) + (outline.lengths_us[call] ?? 0);
  let startUs = Number.POSITIVE_INFINITY;
  let endUs = 0;
  for (const call of calls) {
    startUs = Math.min(startUs, outline.starts_us[call] ?? 0);
    endUs = Math.max(endUs, end(call));
  }
  if (calls.length === 0) startUs = 0;
  const lengthUs = Math.max(endUs - startUs, 1);
  const least = Math.max(lengthUs * LEAST_WIDTH, shortestOf(calls, outline.lengths_us));
  const rowOf = new Map<number, number>();
  const ends: number[] = [];
  const bars: Bar[] = [];
  for (const call of calls) {
    const took = outline.lengths_us[call];
    const width = took ?? endUs - (outline.starts_us[call] ?? 0);
    if (width < least && call !== top) continue;
    const begins = outline.starts_us[call] ?? 0;
    let row = (rowOf.get(trace.parents[call] ?? -1) ?? -1) + 1;
    while (row < MOST_ROWS && (ends[row] ?? -1) > begins) row += 1;
    if (row >= MOST_ROWS || bars.length >= MOST_BARS) continue;
    rowOf.set(call, row);
    ends[row] = begins + width;
    bars.push({ call, row, left: (begins - startUs) / lengthUs, width: width / lengthUs });
  }
  return { bars, rows: ends.length, hidden: calls.length - bars.length, startUs, lengthUs };
}

/** The least length that leaves no more calls than can be drawn. */
function shortestOf(calls: readonly number[], lengths: readonly (number | null)[]): number {
  if (calls.length <= MOST_BARS) return 0;
  const sorted = calls.map((call) => lengths[call] ?? 0).sort((a, b) => b - a);
  return sorted[MOST_BARS] ?? 0;
}
