import { ChevronDown, ChevronRight } from "lucide-react";
import { useMemo, useState } from "react";
import { IconButton } from "~/components/Button";
import { count, duration, plural, short } from "~/lib/format";
import { usd } from "~/lib/money";
import { compose, type OpRow, opRows } from "./composition";
import type { Trace } from "./tree";

const MOST_ROWS = 400;

interface CompositionViewProps {
  trace: Trace;
  /** Shows the calls of an op in the tree. */
  onOp: (name: string) => void;
}

/** What ops called what: how often, how long, for how much. */
export function CompositionView({ trace, onOp }: CompositionViewProps) {
  const [closed, setClosed] = useState<ReadonlySet<string>>(() => new Set());
  const nodes = useMemo(() => compose(trace), [trace]);
  const rows = useMemo(() => opRows(nodes, closed), [nodes, closed]);
  const longest = nodes[0]?.totalUs ?? 0;
  const toggle = (key: string) => {
    const next = new Set(closed);
    if (!next.delete(key)) next.add(key);
    setClosed(next);
  };
  return (
    <section aria-label="Code composition" tabIndex={0} className="min-h-0 flex-1 overflow-auto">
      <table className="w-full border-collapse text-xs whitespace-nowrap">
        <thead className="sticky top-0 z-10 bg-panel text-left text-muted">
          <tr>
            <th scope="col" className="px-2 py-1 font-medium">
              Op
            </th>
            {["Calls", "Time", "Own", "Tokens", "Cost"].map((head) => (
              <th key={head} scope="col" className="px-1.5 py-1 text-right font-medium">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, MOST_ROWS).map((row) => (
            <OpLine
              key={row.key}
              row={row}
              share={longest > 0 ? row.node.totalUs / longest : 0}
              isClosed={closed.has(row.key)}
              onToggle={() => toggle(row.key)}
              onOp={onOp}
            />
          ))}
        </tbody>
      </table>
      {rows.length > MOST_ROWS && (
        <p className="p-2 text-xs text-muted">
          {plural(rows.length - MOST_ROWS, "more place")} of ops; close some to see the others.
        </p>
      )}
    </section>
  );
}

interface OpLineProps {
  row: OpRow;
  share: number;
  isClosed: boolean;
  onToggle: () => void;
  onOp: (name: string) => void;
}

function OpLine({ row: { node, depth }, share, isClosed, onToggle, onOp }: OpLineProps) {
  const Chevron = isClosed ? ChevronRight : ChevronDown;
  return (
    <tr className="border-t border-line tabular-nums hover:bg-hover">
      <td className="w-full max-w-0 min-w-28 px-2 py-0.5">
        <div className="flex min-w-0 items-center gap-1" style={{ paddingLeft: Math.min(depth, 10) * 14 }}>
          {node.children.length > 0 ? (
            <IconButton
              label={isClosed ? `Open ${node.name}` : `Close ${node.name}`}
              aria-expanded={!isClosed}
              className="size-5!"
              onClick={onToggle}
            >
              <Chevron aria-hidden className="size-3.5" />
            </IconButton>
          ) : (
            <span className="w-5 shrink-0" />
          )}
          <button
            type="button"
            className="min-h-6 min-w-6 truncate text-left text-accent hover:underline"
            title={`Show the calls of ${node.name}`}
            onClick={() => onOp(node.name)}
          >
            {node.name}
          </button>
          {node.failed > 0 && <span className="shrink-0 text-bad">{count(node.failed)} failed</span>}
        </div>
      </td>
      <td className="px-1.5 text-right">{count(node.calls)}</td>
      <td className="px-1.5 text-right">
        <div className="flex items-center justify-end gap-1.5">
          <span aria-hidden className="h-1.5 w-8 overflow-hidden rounded-full bg-hover max-2xl:hidden">
            <span className="block h-full bg-series-1" style={{ width: `${Math.min(share, 1) * 100}%` }} />
          </span>
          {duration(node.totalUs / 1e6)}
        </div>
      </td>
      <td className="px-1.5 text-right text-muted">{duration(node.ownUs / 1e6)}</td>
      <td className="px-1.5 text-right">{node.tokens > 0 ? short(node.tokens) : ""}</td>
      <td className="px-1.5 text-right">{node.cost === null ? "" : usd(node.cost)}</td>
    </tr>
  );
}
