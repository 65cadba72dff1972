import { ChevronsDownUp, ChevronsUpDown, RefreshCw, SlidersHorizontal } from "lucide-react";
import { IconButton } from "~/components/Button";
import { Menu, MenuItem } from "~/components/Menu";
import { SearchField } from "~/components/SearchField";
import { Segmented } from "~/components/Tabs";
import { count, plural } from "~/lib/format";
import { CompositionView } from "./CompositionView";
import { FlameView } from "./FlameView";
import { Scrubber } from "./Scrubber";
import type { CallSearch, View } from "./search";
import { TreeView } from "./TreeView";
import type { Trace } from "./tree";
import { FIGURES, useShown } from "./useShown";
import type { Tree } from "./useTree";

const VIEW_NAMES: { value: View; label: string }[] = [
  { value: "tree", label: "Tree" },
  { value: "code", label: "Code" },
  { value: "flame", label: "Flame" },
];

interface TracePaneProps {
  trace: Trace;
  tree: Tree;
  chosen: number;
  search: CallSearch;
  onSearch: (change: Partial<Record<keyof CallSearch, string>>) => void;
  onChoose: (call: number) => void;
  onRefresh: () => void;
}

/** The trace that a call is in, in one of three views. */
export function TracePane(props: TracePaneProps) {
  const { trace, tree, chosen, search, onSearch, onChoose } = props;
  const [shown, toggle] = useShown();
  const view = search.view ?? "tree";
  const parents = () => trace.order.filter((call) => (trace.below[call] ?? 0) > 0);
  const told = search.name
    ? `${count(tree.rows.hits)} of ${plural(trace.count, "call")}`
    : plural(trace.count, "call");
  return (
    <section aria-label="Trace" className="flex min-h-0 flex-1 flex-col bg-panel">
      <div className="flex flex-wrap items-center gap-1.5 border-b border-line px-2 py-1.5">
        <Segmented
          label="View of the trace"
          value={view}
          options={VIEW_NAMES}
          onChange={(value) => onSearch({ view: value })}
        />
        <span className="text-xs text-muted">{told}</span>
        <span className="ml-auto flex">
          {view === "tree" && (
            <>
              <IconButton label="Close all" onClick={() => tree.setClosed(new Set(parents()))}>
                <ChevronsDownUp aria-hidden className="size-3.5" />
              </IconButton>
              <IconButton label="Open all" onClick={() => tree.setClosed(new Set())}>
                <ChevronsUpDown aria-hidden className="size-3.5" />
              </IconButton>
              <Menu
                label="Figures beside calls"
                button={
                  <IconButton label="Figures beside calls">
                    <SlidersHorizontal aria-hidden className="size-3.5" />
                  </IconButton>
                }
              >
                {FIGURES.map((figure) => (
                  <MenuItem key={figure} onSelect={() => toggle(figure)}>
                    {shown[figure] ? "Hide" : "Show"} {figure}
                  </MenuItem>
                ))}
              </Menu>
            </>
          )}
          <IconButton label="Look for new calls" onClick={props.onRefresh}>
            <RefreshCw aria-hidden className="size-3.5" />
          </IconButton>
        </span>
        {view === "tree" && (
          <div className="w-full *:max-w-none">
            <SearchField
              label="Name or regular expression"
              text={search.name ?? ""}
              onSearch={(name) => onSearch({ name })}
            />
          </div>
        )}
      </div>
      {view === "tree" && (
        <TreeView trace={trace} tree={tree} chosen={chosen} shown={shown} onChoose={onChoose} />
      )}
      {view === "flame" && <FlameView trace={trace} chosen={chosen} onChoose={onChoose} />}
      {view === "code" && (
        <CompositionView
          trace={trace}
          onOp={(name) => onSearch({ view: "tree", name: `^${escaped(name)}$` })}
        />
      )}
      <Scrubber trace={trace} chosen={chosen} onChoose={onChoose} />
    </section>
  );
}

function escaped(name: string): string {
  return name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
