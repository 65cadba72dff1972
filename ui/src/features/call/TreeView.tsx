import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useCallback, useEffect, useRef } from "react";
import { moveBy } from "./rows";
import { ROW_HEIGHT, rowId, TreeRow } from "./TreeRow";
import type { Trace } from "./tree";
import type { Shown } from "./useShown";
import type { Tree } from "./useTree";

interface TreeViewProps {
  trace: Trace;
  tree: Tree;
  chosen: number;
  shown: Shown;
  onChoose: (call: number) => void;
}

/** The calls of a trace as a tree of any size: only the rows in sight are in the page. Arrows move, open and close. */
export function TreeView({ trace, tree, chosen, shown, onChoose }: TreeViewProps) {
  const { rows, closed, setClosed, at } = tree;
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.calls.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another chosen call moves the view
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at, { align: "auto" });
  }, [chosen, at >= 0]);
  const toggle = useCallback(
    (call: number) => {
      const next = new Set(closed);
      if (!next.delete(call)) next.add(call);
      setClosed(next);
    },
    [closed, setClosed],
  );
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    const move = moveBy(event.key, trace, rows, closed, at);
    if (!move) return;
    event.preventDefault();
    if ("select" in move) onChoose(move.select);
    else toggle("open" in move ? move.open : move.close);
  };
  const drawn = virtual.getVirtualItems();
  const isDrawn = drawn.some((item) => item.index === at);
  if (rows.calls.length === 0) return <p className="p-4 text-muted">No call has a name like that.</p>;
  return (
    <div
      ref={scroller}
      role="tree"
      aria-label="Calls of the trace"
      aria-activedescendant={isDrawn ? rowId(chosen) : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
      className="min-h-0 flex-1 overflow-auto outline-offset-[-2px]"
    >
      <div role="none" className="relative" style={{ height: virtual.getTotalSize() }}>
        {drawn.map((item) => {
          const call = rows.calls[item.index];
          if (call === undefined) return null;
          return (
            <TreeRow
              key={call}
              trace={trace}
              call={call}
              start={item.start}
              isChosen={call === chosen}
              isClosed={closed.has(call)}
              isHit={rows.isHit(call)}
              shown={shown}
              onChoose={onChoose}
              onToggle={toggle}
            />
          );
        })}
      </div>
    </div>
  );
}
