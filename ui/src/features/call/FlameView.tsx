import { type KeyboardEvent, useMemo, useState } from "react";
import { Button } from "~/components/Button";
import { count, duration } from "~/lib/format";
import { type Bar, flameOf } from "./flame";
import { siblingsOf } from "./rows";
import type { Trace } from "./tree";

const ROW = 22;
const COLOURS = 8;

interface FlameViewProps {
  trace: Trace;
  chosen: number;
  onChoose: (call: number) => void;
}

/** A trace over time: a bar is a call, below it what it called. Arrows move by parent, child and sibling. */
export function FlameView({ trace, chosen, onChoose }: FlameViewProps) {
  const [top, setTop] = useState(-1);
  const flame = useMemo(() => flameOf(trace, top), [trace, top]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    const to = moved(event.key, trace, chosen);
    if (to === null) return;
    event.preventDefault();
    if (to !== undefined && to >= 0) onChoose(to);
  };
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex flex-wrap items-center gap-1 border-b border-line px-2 py-1 text-xs text-muted">
        <span>{duration(flame.lengthUs / 1e6)}</span>
        {flame.hidden > 0 && <span>· {count(flame.hidden)} too short to be drawn</span>}
        <span className="ml-auto flex gap-1">
          <Button small disabled={top === chosen} onClick={() => setTop(chosen)}>
            Zoom to the call
          </Button>
          <Button small disabled={top < 0} onClick={() => setTop(-1)}>
            Whole trace
          </Button>
        </span>
      </div>
      <div className="min-h-0 flex-1 overflow-auto p-1">
        <div
          role="group"
          aria-label="Flame graph"
          onKeyDown={onKeyDown}
          className="relative"
          style={{ height: flame.rows * ROW }}
        >
          {flame.bars.map((bar) => (
            <BarView
              key={bar.call}
              trace={trace}
              bar={bar}
              isChosen={bar.call === chosen}
              onChoose={onChoose}
              onZoom={setTop}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

interface BarViewProps {
  trace: Trace;
  bar: Bar;
  isChosen: boolean;
  onChoose: (call: number) => void;
  onZoom: (call: number) => void;
}

function BarView({ trace, bar, isChosen, onChoose, onZoom }: BarViewProps) {
  const { outline, names } = trace;
  const took = outline.lengths_us[bar.call];
  const failed = outline.statuses[outline.status[bar.call] ?? 0] === "error";
  const told = `${names[bar.call]}, ${typeof took === "number" ? duration(took / 1e6) : "running"}${failed ? ", failed" : ""}`;
  const colour = ((outline.ops[bar.call] ?? 0) % COLOURS) + 1;
  return (
    <button
      type="button"
      aria-label={told}
      aria-pressed={isChosen}
      title={told}
      tabIndex={isChosen ? 0 : -1}
      onClick={() => onChoose(bar.call)}
      onDoubleClick={() => onZoom(bar.call)}
      style={{
        top: bar.row * ROW,
        left: `${bar.left * 100}%`,
        width: `max(2px, ${bar.width * 100}%)`,
        height: ROW - 2,
        borderLeftColor: failed ? "var(--bad)" : `var(--series-${colour})`,
        backgroundColor: `color-mix(in srgb, var(--series-${colour}) 22%, var(--bg))`,
      }}
      className={`absolute overflow-hidden border-l-3 px-1 text-left text-2xs whitespace-nowrap text-fg ${
        isChosen ? "z-10 outline-2 outline-accent" : ""
      }`}
    >
      {bar.width > 0.03 && names[bar.call]}
    </button>
  );
}

/** Where a key leads; null if it means nothing here, undefined if there is nothing that way. */
function moved(key: string, trace: Trace, chosen: number): number | null | undefined {
  const beside = siblingsOf(trace, chosen);
  const at = beside.indexOf(chosen);
  if (key === "ArrowUp") return trace.parents[chosen];
  if (key === "ArrowDown") return trace.children[chosen]?.[0];
  if (key === "ArrowLeft") return beside[at - 1];
  if (key === "ArrowRight") return beside[at + 1];
  return null;
}
