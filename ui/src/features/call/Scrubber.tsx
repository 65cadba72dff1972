import { useMemo, useState } from "react";
import { count } from "~/lib/format";
import { pathTo, peersOf, siblingsOf } from "./rows";
import type { Trace } from "./tree";

const KINDS = {
  timeline: "Timeline",
  peers: "Same op",
  siblings: "Siblings",
  path: "Path",
} as const;
type Kind = keyof typeof KINDS;

interface ScrubberProps {
  trace: Trace;
  chosen: number;
  onChoose: (call: number) => void;
}

/** A slider through calls: all of them by time, those of the same op, those beside, those above. */
export function Scrubber({ trace, chosen, onChoose }: ScrubberProps) {
  const [kind, setKind] = useState<Kind>("timeline");
  const calls = useMemo(() => callsOf(kind, trace, chosen), [kind, trace, chosen]);
  const at = calls ? calls.indexOf(chosen) : chosen;
  const last = (calls?.length ?? trace.count) - 1;
  const choose = (to: number) => {
    const call = calls ? calls[to] : to;
    if (call !== undefined) onChoose(call);
  };
  return (
    <div className="flex items-center gap-2 border-t border-line bg-panel px-2 py-1 text-2xs text-muted">
      <select
        aria-label="Scrub through"
        value={kind}
        onChange={(event) => setKind(event.target.value as Kind)}
        className="h-6 rounded border border-line bg-bg px-1 text-fg"
      >
        {Object.entries(KINDS).map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
      <input
        type="range"
        aria-label={`${KINDS[kind]}: which call`}
        min={0}
        max={Math.max(last, 0)}
        value={Math.max(at, 0)}
        disabled={last < 1}
        onChange={(event) => choose(Number(event.target.value))}
        className="h-4 min-w-0 flex-1 accent-accent-solid"
      />
      <span className="tabular-nums">
        {count(at + 1)} of {count(last + 1)}
      </span>
    </div>
  );
}

/** Null: all of them, as they began. */
function callsOf(kind: Kind, trace: Trace, chosen: number): readonly number[] | null {
  if (kind === "peers") return peersOf(trace, chosen);
  if (kind === "siblings") return siblingsOf(trace, chosen);
  return kind === "path" ? [...pathTo(trace, chosen), chosen] : null;
}
