import { type KeyboardEvent, useRef, useState } from "react";

/** The button of a bar: itself (`-1`), or one of its segments from the bottom up. */
export interface Spot {
  bar: number;
  segment: number;
}

/** Where an arrow key leads to; null for other keys. Pure. `segments` says how many a bar has. */
export function moveTo(
  key: string,
  from: Spot,
  count: number,
  segments: (bar: number) => number,
): Spot | null {
  const onBar = (bar: number): Spot => ({
    bar,
    segment: Math.min(from.segment, segments(bar) - 1),
  });
  switch (key) {
    case "ArrowRight":
      return onBar(Math.min(count - 1, from.bar + 1));
    case "ArrowLeft":
      return onBar(Math.max(0, from.bar - 1));
    case "Home":
      return onBar(0);
    case "End":
      return onBar(count - 1);
    case "ArrowUp":
      return { ...from, segment: Math.min(segments(from.bar) - 1, from.segment + 1) };
    case "ArrowDown":
      return { ...from, segment: Math.max(-1, from.segment - 1) };
    default:
      return null;
  }
}

/** One tab stop for a whole chart; arrows go from bar to bar and up and down in one. */
export function useRoving(count: number, segments: (bar: number) => number) {
  const ref = useRef<SVGSVGElement>(null);
  const [spot, setSpot] = useState<Spot>({ bar: 0, segment: -1 });
  const bar = Math.min(spot.bar, Math.max(0, count - 1));
  const current: Spot = { bar, segment: Math.min(spot.segment, count ? segments(bar) - 1 : -1) };
  const onKeyDown = (event: KeyboardEvent) => {
    const to = moveTo(event.key, current, count, segments);
    if (!to) return;
    event.preventDefault();
    setSpot(to);
    ref.current?.querySelector<SVGElement>(`[data-spot="${to.bar}:${to.segment}"]`)?.focus();
  };
  return {
    ref,
    onKeyDown,
    /** Attributes of the button at a spot. */
    at: (of: Spot) => ({
      "data-spot": `${of.bar}:${of.segment}`,
      tabIndex: of.bar === current.bar && of.segment === current.segment ? 0 : -1,
      onFocus: () => setSpot(of),
    }),
  };
}
