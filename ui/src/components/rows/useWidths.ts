import { type PointerEvent, useState } from "react";
import type { RowsColumn } from "~/lib/rows/types";

const MIN_WIDTH = 64;
const MAX_WIDTH = 1_200;
const WIDTHS = { text: 240, number: 110, boolean: 110, json: 240 };

/** How wide columns are, and how to pull one wider. */
export function useWidths(columns: RowsColumn[]) {
  const [pulled, setPulled] = useState<Record<string, number>>({});
  const widths = columns.map(({ name, type }) => pulled[name] ?? WIDTHS[type]);
  const pull = (event: PointerEvent<HTMLElement>, at: number) => {
    const column = columns[at];
    const width = widths[at];
    if (!column || width === undefined) return;
    event.preventDefault();
    const { currentTarget: handle, clientX: from, pointerId } = event;
    handle.setPointerCapture(pointerId);
    const follow = (moved: globalThis.PointerEvent) => {
      const wanted = Math.max(MIN_WIDTH, Math.min(MAX_WIDTH, width + moved.clientX - from));
      setPulled((all) => ({ ...all, [column.name]: wanted }));
    };
    const end = () => {
      handle.removeEventListener("pointermove", follow);
      handle.removeEventListener("pointerup", end);
      handle.removeEventListener("pointercancel", end);
    };
    handle.addEventListener("pointermove", follow);
    handle.addEventListener("pointerup", end);
    handle.addEventListener("pointercancel", end);
  };
  return { widths, pull };
}
