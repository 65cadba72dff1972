import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { countRows, findRows, type TableRow } from "~/api/weave/tables";
import { Dialog } from "~/components/Dialog";
import type { GridColumn } from "~/components/grid/columns";
import { Grid } from "~/components/grid/Grid";
import { Section } from "~/components/Page";
import { EmptyState, Loaded } from "~/components/States";
import { lineOf } from "~/components/value/text";
import { ValueView } from "~/components/value/ValueView";
import { columnsOf, fieldsOf } from "~/lib/diff/rows";
import { count, plural } from "~/lib/format";

const PAGE = 500;
const NEAR = 100;

interface RowsViewProps {
  of: string;
  table: string;
  label: string;
}

/** The rows of a table of any length: a page is asked for as it comes near; a row opens whole. */
export function RowsView({ of, table, label }: RowsViewProps) {
  const [open, setOpen] = useState<TableRow | null>(null);
  const total = useQuery({
    queryKey: ["tables", of, table, "count"],
    queryFn: ({ signal }) => countRows(of, table, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const rows = useInfiniteQuery({
    queryKey: ["tables", of, table, "rows"],
    queryFn: ({ signal, pageParam }) => findRows(of, table, { limit: PAGE, offset: pageParam }, signal),
    initialPageParam: 0,
    getNextPageParam: (last, pages) => (last.length < PAGE ? undefined : pages.length * PAGE),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const all = useMemo(() => rows.data?.pages.flat() ?? [], [rows.data]);
  const columns = useMemo(() => gridColumns(all), [all]);
  const onReach = (index: number) => {
    if (index > all.length - NEAR && rows.hasNextPage && !rows.isFetchingNextPage) void rows.fetchNextPage();
  };
  return (
    <Section
      title="Rows"
      lead={
        total.data !== undefined &&
        (all.length < total.data
          ? `${plural(total.data, "row")}, ${count(all.length)} of them here; more come as you scroll.`
          : plural(total.data, "row"))
      }
    >
      <Loaded query={rows}>
        {() => (
          <Grid
            label={`Rows of ${label}`}
            columns={columns}
            rows={all}
            rowKey={(row) => `${row.original_index}`}
            rowName={(row) => `row ${numberOf(row)}`}
            onOpen={setOpen}
            onReach={onReach}
            empty={<EmptyState title="No rows" />}
          />
        )}
      </Loaded>
      <Dialog
        drawer
        open={open !== null}
        onClose={() => setOpen(null)}
        title={open ? `Row ${numberOf(open)}` : ""}
      >
        {open && (
          <div className="flex flex-col gap-4">
            {Object.entries(fieldsOf(open.val)).map(([name, value]) => (
              <div key={name} className="flex flex-col gap-1">
                <h3 className="font-mono text-xs text-muted">{name}</h3>
                <ValueView label={name} value={value} />
              </div>
            ))}
          </div>
        )}
      </Dialog>
    </Section>
  );
}

/** From 1, as people count. */
function numberOf(row: TableRow): number {
  return (row.original_index ?? 0) + 1;
}

function gridColumns(rows: TableRow[]): GridColumn<TableRow>[] {
  return [
    {
      id: "#",
      header: "Row",
      width: 64,
      numeric: true,
      pinned: true,
      cell: (row) => <span className="text-muted">{numberOf(row)}</span>,
    },
    ...columnsOf(rows.map((row) => row.val)).map(
      (name): GridColumn<TableRow> => ({
        id: name,
        header: name,
        width: 220,
        cell: (row) => lineOf(fieldsOf(row.val)[name]),
        title: (row) => lineOf(fieldsOf(row.val)[name]),
      }),
    ),
  ];
}
