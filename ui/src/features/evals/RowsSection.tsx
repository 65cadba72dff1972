import { Button } from "~/components/Button";
import { Select, TextField } from "~/components/Field";
import { Grid } from "~/components/grid/Grid";
import { Section } from "~/components/Page";
import { EmptyState, ErrorState, SkeletonRows } from "~/components/States";
import { count } from "~/lib/format";
import type { Comparison } from "./figures";
import type { Of } from "./queries";
import { RowDrawer } from "./RowDrawer";
import { rowColumns } from "./rowColumns";
import { partsOf } from "./rows";
import { type RunSearch, rowsAsked, SHOWS, type Show } from "./search";
import { type Row, useRows } from "./useRows";

export type OnSearch = (changed: { [Name in keyof RunSearch]?: RunSearch[Name] | undefined }) => void;

interface RowsSectionProps {
  of: Of;
  comparison: Comparison;
  names: Map<string, string>;
  /** The metric that rows are filtered by. */
  metric: string | undefined;
  search: RunSearch;
  onSearch: OnSearch;
}

/** Rows of the dataset with what every run made of them; filtered, sorted, and opened to the trace. */
export function RowsSection({ of, comparison, names, metric, search, onSearch }: RowsSectionProps) {
  const { metrics, baseline } = comparison;
  const runs = comparison.runs.map((one) => one.run.id);
  const chosen = metrics.find((one) => one.id === metric);
  const found = useRows(of, rowsAsked(runs, baseline, chosen?.id, search, chosen?.higher_is_better ?? true));
  const columns = rowColumns(runs, names, metrics, chosen?.id, found.rows.some(hasTarget));
  const sorted = search.sort?.startsWith("difference:") ? undefined : search.sort;
  const isFiltered = search.show !== undefined || search.min !== undefined || search.max !== undefined;
  return (
    <Section
      title="Rows"
      lead={
        found.isPending
          ? "Reading rows..."
          : `${count(found.total)} of ${count(found.allRows)} rows. Open one for all outputs, scores and traces.`
      }
    >
      <Filters
        comparison={comparison}
        names={names}
        metric={chosen?.id}
        search={search}
        onSearch={onSearch}
      />
      {found.error ? (
        <ErrorState error={found.error} onRetry={found.refetch} />
      ) : found.isPending ? (
        <SkeletonRows rows={8} label="Loading rows" />
      ) : (
        <Grid
          label="Rows of the dataset"
          columns={columns}
          rows={found.rows}
          rowKey={(row) => row.digest}
          onRange={found.onRange}
          sort={sorted ? { by: sorted, descending: !search.up } : undefined}
          onSort={({ by, descending }) => onSearch({ sort: by, up: descending ? undefined : true })}
          onOpen={(row) => onSearch({ row: row.digest })}
          openKey={search.row ?? null}
          empty={
            <EmptyState
              title={isFiltered ? "No row is like that" : "No rows yet"}
              action={
                isFiltered && (
                  <Button onClick={() => onSearch({ show: undefined, min: undefined, max: undefined })}>
                    Show all rows
                  </Button>
                )
              }
            >
              {isFiltered
                ? "Take the filter away, or choose another metric."
                : "They come as the run goes on."}
            </EmptyState>
          }
        />
      )}
      <RowDrawer
        of={of}
        row={search.row ? found.rows.find((row) => row?.digest === search.row) : undefined}
        runs={runs}
        names={names}
        metrics={metrics}
        onClose={() => onSearch({ row: undefined })}
      />
    </Section>
  );
}

function hasTarget(row: Row | undefined): boolean {
  return row !== undefined && partsOf(row.row.value).target !== undefined;
}

type FiltersProps = Omit<RowsSectionProps, "of">;

function Filters({ comparison, names, metric, search, onSearch }: FiltersProps) {
  const several = comparison.runs.length > 1;
  const number = (text: string) =>
    text.trim() === "" || Number.isNaN(Number(text)) ? undefined : Number(text);
  const sorts = [
    { value: "", label: "In the dataset's order" },
    ...(several && metric ? [{ value: `difference::${metric}`, label: "By the largest difference" }] : []),
    ...comparison.runs.flatMap(({ run }) =>
      metric && several && run.id !== comparison.baseline
        ? [{ value: `change:${run.id}:${metric}`, label: `By ${names.get(run.id)} beyond the baseline` }]
        : [],
    ),
  ];
  const shown = sorts.some((one) => one.value === search.sort) ? search.sort : "";
  return (
    <div role="search" className="flex flex-wrap items-end gap-2">
      <div className="w-64 max-sm:w-full">
        <Select
          label="Which rows"
          value={search.show ?? "all"}
          options={SHOWS.filter((one) => several || !one.many)}
          onChange={(show) => onSearch({ show: show === "all" ? undefined : (show as Show) })}
        />
      </div>
      <div className="w-52 max-sm:w-full">
        <Select
          label="By the metric"
          value={metric ?? ""}
          options={comparison.metrics.map((one) => ({ value: one.id, label: one.label }))}
          onChange={(value) => onSearch({ metric: value || undefined, sort: undefined })}
        />
      </div>
      <div className="w-24">
        <TextField
          label="From"
          key={`min ${search.min}`}
          inputMode="decimal"
          defaultValue={search.min ?? ""}
          onBlur={(event) => onSearch({ min: number(event.target.value) })}
        />
      </div>
      <div className="w-24">
        <TextField
          label="To"
          key={`max ${search.max}`}
          inputMode="decimal"
          defaultValue={search.max ?? ""}
          onBlur={(event) => onSearch({ max: number(event.target.value) })}
        />
      </div>
      {several && (
        <div className="w-64 max-sm:w-full">
          <Select
            label="Order"
            value={shown ?? ""}
            options={sorts}
            onChange={(sort) => onSearch({ sort: sort || undefined, up: undefined })}
          />
        </div>
      )}
    </div>
  );
}
