import { useState } from "react";

export const FIGURES = ["latency", "tokens", "cost"] as const;
export type Figure = (typeof FIGURES)[number];
export type Shown = Record<Figure, boolean>;

const KEY = "weft.call.figures";

/** Which figures a tree shows beside its calls; remembered in this browser. */
export function useShown(): [Shown, (figure: Figure) => void] {
  const [shown, setShown] = useState<Shown>(kept);
  const toggle = (figure: Figure) => {
    const next = { ...shown, [figure]: !shown[figure] };
    setShown(next);
    try {
      localStorage.setItem(KEY, JSON.stringify(FIGURES.filter((one) => next[one])));
    } catch {
      // A browser that keeps nothing shows all of them the next time.
    }
  };
  return [shown, toggle];
}

function kept(): Shown {
  let names: unknown = null;
  try {
    names = JSON.parse(localStorage.getItem(KEY) ?? "null");
  } catch {
    // Kept by something else.
  }
  const has = (figure: Figure) => !Array.isArray(names) || names.includes(figure);
  return { latency: has("latency"), tokens: has("tokens"), cost: has("cost") };
}
