import { ChevronDown, ChevronRight } from "lucide-react";
import { memo } from "react";
import { count, duration, short } from "~/lib/format";
import { usd } from "~/lib/money";
import { StatusMark } from "./StatusMark";
import type { Trace } from "./tree";
import type { Shown } from "./useShown";

export const ROW_HEIGHT = 28;
const INDENT = 14;
/** Deeper calls are not pushed out of sight; their depth is written. */
const MOST_INDENT = 14;

interface TreeRowProps {
  trace: Trace;
  call: number;
  start: number;
  isChosen: boolean;
  isClosed: boolean;
  isHit: boolean;
  shown: Shown;
  onChoose: (call: number) => void;
  onToggle: (call: number) => void;
}

/** One call in the tree. */
export const TreeRow = memo(function TreeRow(props: TreeRowProps) {
  const { trace, call, isChosen, isClosed, shown } = props;
  const depth = trace.depths[call] ?? 0;
  const below = trace.below[call] ?? 0;
  const Chevron = isClosed ? ChevronRight : ChevronDown;
  const { outline } = trace;
  return (
    <div
      role="treeitem"
      id={rowId(call)}
      aria-level={depth + 1}
      aria-selected={isChosen}
      aria-expanded={below > 0 ? !isClosed : undefined}
      tabIndex={-1}
      onClick={() => props.onChoose(call)}
      onKeyDown={() => undefined}
      style={{
        height: ROW_HEIGHT,
        transform: `translateY(${props.start}px)`,
        paddingLeft: 4 + Math.min(depth, MOST_INDENT) * INDENT,
      }}
      className={`absolute inset-x-0 flex cursor-pointer items-center gap-1.5 pr-2 text-xs ${
        isChosen ? "bg-accent-soft" : "hover:bg-hover"
      }`}
    >
      {below > 0 ? (
        <span
          aria-hidden
          className="flex size-5 shrink-0 items-center justify-center rounded text-muted hover:bg-line"
          onClick={(event) => {
            event.stopPropagation();
            props.onToggle(call);
          }}
        >
          <Chevron className="size-3.5" />
        </span>
      ) : (
        <span className="size-5 shrink-0" />
      )}
      <StatusMark status={outline.statuses[outline.status[call] ?? 0] ?? "running"} />
      <span className={`min-w-0 truncate ${props.isHit ? "font-semibold" : ""}`} title={trace.names[call]}>
        {trace.names[call]}
      </span>
      {isClosed && <span className="shrink-0 text-2xs text-muted">+{count(below)}</span>}
      {depth > MOST_INDENT && <span className="shrink-0 text-2xs text-muted">depth {depth}</span>}
      <RowFigures trace={trace} call={call} shown={shown} />
    </div>
  );
});

function RowFigures({ trace, call, shown }: { trace: Trace; call: number; shown: Shown }) {
  const { spent, outline } = trace;
  const tokens = (spent.input[call] ?? 0) + (spent.output[call] ?? 0);
  const cost = spent.costs[call] ?? null;
  const took = outline.lengths_us[call];
  return (
    <span className="ml-auto flex shrink-0 gap-2 pl-2 text-2xs text-muted tabular-nums">
      {shown.cost && cost !== null && <span>{usd(cost)}</span>}
      {shown.tokens && tokens > 0 && <span>{short(tokens)} tok</span>}
      {shown.latency && typeof took === "number" && <span>{duration(took / 1e6)}</span>}
    </span>
  );
}

/** The element of a call's row. */
export function rowId(call: number): string {
  return `tree-row-${call}`;
}
