import { ChartLine, Columns3, Download, RefreshCw } from "lucide-react";
import { useState } from "react";
import { Button, IconButton } from "~/components/Button";
import { Checkbox } from "~/components/Field";
import type { TracesSearch } from "../search";
import type { Views } from "../views/useViews";
import { ViewsMenu } from "../views/ViewsMenu";
import { ColumnsDialog } from "./ColumnsDialog";
import type { Seen } from "./paths";
import { USUAL_PINS } from "./shown";

interface ToolbarProps {
  views: Views;
  search: TracesSearch;
  cols: string[];
  pins: string[];
  seen: Seen[];
  /** Rows are on their way: which columns there are is not known yet. */
  isLoading: boolean;
  onChange: (changed: Partial<TracesSearch>) => void;
  onRefresh: () => void;
  onExport: () => void;
}

/** What concerns the table as a whole. */
export function Toolbar({
  views,
  search,
  cols,
  pins,
  seen,
  isLoading,
  onChange,
  onRefresh,
  onExport,
}: ToolbarProps) {
  const [choosing, setChoosing] = useState(false);
  const isOwn = search.cols !== undefined || search.pins !== undefined;
  return (
    <>
      <Checkbox
        asSwitch
        label="Live"
        checked={search.live === true}
        onChange={(on) => onChange({ live: on ? true : undefined })}
      />
      <IconButton label="Read anew" onClick={onRefresh}>
        <RefreshCw aria-hidden className="size-3.5" />
      </IconButton>
      <ViewsMenu views={views} />
      <Button
        small
        aria-expanded={search.metrics === true}
        onClick={() => onChange({ metrics: search.metrics ? undefined : true })}
      >
        <ChartLine aria-hidden className="size-3.5" /> {search.metrics ? "Hide metrics" : "Show metrics"}
      </Button>
      <Button small disabled={isLoading} onClick={() => setChoosing(true)}>
        <Columns3 aria-hidden className="size-3.5" /> Columns
      </Button>
      <Button small onClick={onExport}>
        <Download aria-hidden className="size-3.5" /> Export
      </Button>
      <ColumnsDialog
        open={choosing}
        onClose={() => setChoosing(false)}
        shown={cols}
        pins={pins}
        seen={seen}
        onChange={(next, pinned) =>
          onChange({ cols: next, pins: pinned.join() === USUAL_PINS.join() ? undefined : pinned })
        }
        onReset={isOwn ? () => onChange({ cols: undefined, pins: undefined }) : undefined}
      />
    </>
  );
}
