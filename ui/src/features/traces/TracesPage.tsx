import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Page } from "~/components/Page";
import { ErrorState, SkeletonRows } from "~/components/States";
import { ExportDialog } from "./export/ExportDialog";
import { FilterBar } from "./filter/FilterBar";
import { QuickFilters } from "./filter/QuickFilters";
import { PlotsPane } from "./plots/PlotsPane";
import { withinSpan } from "./plots/span";
import { opsQuery } from "./queries";
import { NEWEST, SIZE, sortOf, type TracesSearch } from "./search";
import { EmptyTraces } from "./table/EmptyTraces";
import { Pager } from "./table/Pager";
import { SelectionBar } from "./table/SelectionBar";
import { USUAL_PINS, usualColumns } from "./table/shown";
import { Toolbar } from "./table/Toolbar";
import { TracesGrid } from "./table/TracesGrid";
import { usersSeen, useSeen } from "./table/useSeen";
import { useTraces } from "./useTraces";
import { useViews } from "./views/useViews";

interface TracesPageProps {
  /** `team/project`. */
  project: string;
  search: TracesSearch;
  onSearch: (search: TracesSearch, replace?: boolean) => void;
}

/** A project's calls as a table: filtered, sorted, watched, and taken elsewhere. */
export function TracesPage({ project, search, onSearch }: TracesPageProps) {
  const [exporting, setExporting] = useState<"selected" | "all" | null>(null);
  const { table, question, chosen, fresh, isNewest, refresh, onTop } = useTraces(project, search);
  const seen = useSeen(table.rows);
  const views = useViews(project, search, onSearch);
  const ops = useQuery(opsQuery(project));
  const { size = SIZE, page = 1, filters = [], pins = USUAL_PINS } = search;
  const cols = search.cols ?? usualColumns(seen.now);
  /** The same table with something changed, from its first page. */
  const change = (changed: Partial<TracesSearch>) => onSearch({ ...search, page: undefined, ...changed });
  const filter = (next: typeof filters) => change({ filters: next.length > 0 ? next : undefined });
  const isEmpty = !table.isLoading && !table.isStale && table.rows.length === 0 && page === 1;
  return (
    <Page
      title="Traces"
      lead={<OtherViews project={project} />}
      wide
      actions={
        <Toolbar
          views={views}
          search={search}
          cols={cols}
          pins={pins}
          seen={seen.ever}
          isLoading={table.isLoading}
          onChange={change}
          onRefresh={refresh}
          onExport={() => setExporting("all")}
        />
      }
    >
      <div className="flex min-w-0 flex-col gap-2">
        <QuickFilters
          all={search.all === true}
          filters={filters}
          ops={ops.data ?? []}
          users={usersSeen(project, table.rows)}
          onAll={(all) => change({ all: all ? true : undefined })}
          onChange={filter}
        />
        <FilterBar filters={filters} seen={seen.ever} onChange={filter} />
        {views.current?.whole === false && !views.isChanged && (
          <p className="text-xs text-warn">
            This view asks for more than filters can say: more calls are shown here than it means.
          </p>
        )}
      </div>
      {search.metrics && (
        <PlotsPane
          project={project}
          question={question}
          plots={search.plots}
          onPlots={(plots) => change({ plots })}
          onSpan={(from, to) => filter(withinSpan(filters, from, to))}
        />
      )}
      <SelectionBar
        project={project}
        chosen={chosen}
        onExport={() => setExporting("selected")}
        onDeleted={refresh}
      />
      {table.error ? (
        <ErrorState error={table.error} onRetry={table.retry} />
      ) : table.isLoading ? (
        <SkeletonRows rows={12} label="Loading traces" />
      ) : isEmpty ? (
        <EmptyTraces
          project={project}
          isNarrowed={filters.length > 0}
          onClear={() => change({ filters: undefined })}
        />
      ) : (
        <>
          <TracesGrid
            project={project}
            table={table}
            cols={cols}
            pins={pins}
            seen={seen.now}
            sort={sortOf(search)}
            chosen={chosen}
            fresh={fresh}
            onSort={({ by, descending }) => {
              const next = `${descending ? "-" : ""}${by}`;
              change({ sort: next === NEWEST ? undefined : next });
            }}
            onTop={onTop}
            onFresh={() => {
              refresh();
              if (!isNewest) change({ sort: undefined });
            }}
          />
          <Pager
            table={table}
            size={size}
            page={page}
            onSize={(next) => change({ size: next === SIZE ? undefined : next })}
            onPage={(next) => onSearch({ ...search, page: next > 1 ? next : undefined })}
          />
        </>
      )}
      {exporting && (
        <ExportDialog
          project={project}
          question={question}
          total={table.isMore ? null : table.total}
          cols={cols}
          selected={exporting === "selected" ? [...chosen.keys] : null}
          onClose={() => setExporting(null)}
        />
      )}
    </Page>
  );
}

function OtherViews({ project }: { project: string }) {
  return (
    <span className="flex flex-wrap gap-x-4">
      <a href={`/${project}/weave/threads`} className="text-accent hover:underline">
        Conversations by thread
      </a>
      <a href={`/${project}/weave/annotation-queues`} className="text-accent hover:underline">
        Annotation queues
      </a>
    </span>
  );
}
