import { useNavigate } from "@tanstack/react-router";
import { ArrowUp } from "lucide-react";
import { useMemo } from "react";
import type { Call } from "~/api/weave/calls";
import { callName } from "~/api/weave/told";
import { Grid } from "~/components/grid/Grid";
import type { Sort } from "~/components/Table";
import { count } from "~/lib/format";
import { gridColumns } from "./columns";
import type { Seen } from "./paths";
import { useNarrow } from "./useNarrow";
import type { Rows } from "./useRows";
import type { Chosen } from "./useSelection";

interface TracesGridProps {
  project: string;
  table: Rows;
  cols: string[];
  pins: string[];
  seen: Seen[];
  sort: Sort;
  chosen: Chosen;
  /** New calls that are not among the rows. */
  fresh: number;
  onSort: (sort: Sort) => void;
  /** Whether the first row is in sight. */
  onTop: (isThere: boolean) => void;
  onFresh: () => void;
}

/** Where a table was left, by its address: the way back from a call leads there. */
const left = new Map<string, number>();

/** The rows themselves. */
export function TracesGrid(props: TracesGridProps) {
  const { project, table, cols, pins, seen, fresh, onTop } = props;
  const [team = "", name = ""] = project.split("/");
  const navigate = useNavigate();
  const isNarrow = useNarrow();
  // On a phone a pinned column would leave no room for the others.
  const pinned = isNarrow ? NONE : pins;
  const columns = useMemo(() => gridColumns(cols, pinned, seen, project), [cols, pinned, seen, project]);
  const address = window.location.pathname + window.location.search;
  return (
    <div className={`relative ${table.isStale ? "opacity-60" : ""}`} aria-busy={table.isStale || undefined}>
      {fresh > 0 && (
        <button
          type="button"
          onClick={props.onFresh}
          className="absolute top-10 left-1/2 z-30 flex h-8 -translate-x-1/2 items-center gap-1.5 rounded-full bg-accent-solid px-3 text-xs font-medium text-white shadow-lg hover:brightness-110"
        >
          <ArrowUp aria-hidden className="size-3.5" />
          {fresh >= 1000 ? "1,000 or more" : count(fresh)} new {fresh === 1 ? "call" : "calls"}
        </button>
      )}
      <Grid<Call>
        label="Calls"
        columns={columns}
        rows={table.rows}
        rowKey={(call) => call.id}
        rowName={callName}
        rowHeight={34}
        sort={props.sort}
        onSort={props.onSort}
        selection={props.chosen}
        onOpen={(call) =>
          void navigate({
            to: "/$team/$project/r/call/$callId",
            params: { team, project: name, callId: call.id },
          })
        }
        onRange={(first, last) => {
          table.onRange(first, last);
          onTop(first === 0);
        }}
        scrolled={{ at: left.get(address) ?? 0, onLeave: (at) => left.set(address, at) }}
        height="h-[calc(100dvh-15.5rem)] min-h-72"
      />
    </div>
  );
}

const NONE: string[] = [];
