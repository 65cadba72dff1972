import { type PointerEvent, type RefObject, useRef, useState } from "react";
import { barAt } from "./stack";

const DRAG_PX = 6;

interface Zoom {
  /** The bars that are being marked, first and last; null while none are. */
  marked: [number, number] | null;
  handlers: {
    onPointerDown: (event: PointerEvent) => void;
    onPointerMove: (event: PointerEvent) => void;
    onPointerUp: (event: PointerEvent) => void;
    onPointerCancel: () => void;
  };
  /** Whether the click that follows ended a drag, and means nothing else. */
  wasDrag: () => boolean;
}

/** Marking a span of bars with the pointer. Touch scrolls the page as ever: fingers use the presets. */
export function useZoom(
  svg: RefObject<SVGSVGElement | null>,
  plot: { left: number; width: number; count: number },
  onZoom: ((first: number, last: number) => void) | undefined,
): Zoom {
  const [marked, setMarked] = useState<[number, number] | null>(null);
  const start = useRef<{ x: number; bar: number } | null>(null);
  const dragged = useRef(false);

  const at = (event: PointerEvent): { x: number; bar: number } => {
    const box = svg.current?.getBoundingClientRect();
    const x = event.clientX - (box?.left ?? 0) - plot.left;
    return { x, bar: barAt(x, plot.width, plot.count) };
  };
  const end = () => {
    start.current = null;
    setMarked(null);
  };
  return {
    marked,
    wasDrag: () => dragged.current,
    handlers: {
      onPointerDown: (event) => {
        dragged.current = false;
        if (onZoom && event.button === 0 && event.pointerType !== "touch") start.current = at(event);
      },
      onPointerMove: (event) => {
        const from = start.current;
        if (!from) return;
        const to = at(event);
        if (!dragged.current && Math.abs(to.x - from.x) < DRAG_PX) return;
        if (!dragged.current) svg.current?.setPointerCapture(event.pointerId);
        dragged.current = true;
        setMarked([Math.min(from.bar, to.bar), Math.max(from.bar, to.bar)]);
      },
      onPointerUp: () => {
        if (dragged.current && marked) onZoom?.(marked[0], marked[1]);
        end();
      },
      onPointerCancel: end,
    },
  };
}
