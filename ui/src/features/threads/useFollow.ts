import { type RefObject, useEffect, useLayoutEffect, useRef } from "react";
import type { Call } from "~/api/weave/calls";

type Pane = RefObject<HTMLDivElement | null>;

/** Marks the turn that is read: the last one that begins in the upper part of the pane. */
export function useFollow(pane: Pane, turns: Call[], onRead: (id: string) => void): void {
  useEffect(() => {
    const element = pane.current;
    if (!element) return;
    const listen = () => {
      const top = element.getBoundingClientRect().top + 80;
      const read = turns.findLast((turn) => {
        const begins = document.getElementById(`turn-${turn.id}`)?.getBoundingClientRect().top;
        return begins !== undefined && begins <= top;
      });
      const isEnd = element.scrollTop + element.clientHeight >= element.scrollHeight - 4;
      const now = isEnd ? turns.at(-1) : read;
      if (now) onRead(now.id);
    };
    element.addEventListener("scroll", listen, { passive: true });
    return () => element.removeEventListener("scroll", listen);
  }, [pane, turns, onRead]);
}

/** Begins at the last turn; when earlier ones come in above, what is read stays where it is. */
export function useHeld(pane: Pane, turns: Call[]): void {
  const below = useRef(0);
  const first = turns[0]?.id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is other turns above that move what is below
  useLayoutEffect(() => {
    const element = pane.current;
    if (!element) return;
    element.scrollTop = element.scrollHeight - below.current;
    const keep = () => {
      below.current = element.scrollHeight - element.scrollTop;
    };
    keep();
    element.addEventListener("scroll", keep, { passive: true });
    return () => element.removeEventListener("scroll", keep);
  }, [pane, first]);
}
