import { useInfiniteQuery } from "@tanstack/react-query";
import { api, must } from "~/api/client";
import { Button } from "~/components/Button";
import { Select, TextField } from "~/components/Field";
import { Ago } from "~/components/Figures";
import { Page } from "~/components/Page";
import { SearchField } from "~/components/SearchField";
import { EmptyState, Loaded, SkeletonRows } from "~/components/States";
import { type Column, Table } from "~/components/Table";
import { ABOUT, type AuditEntry, type AuditFilter, afterDay, details, startOf, verbOf } from "./words";

interface AuditProps {
  /** Null: of the whole server. */
  team: string | null;
  filter: AuditFilter;
  onFilter: (filter: AuditFilter) => void;
}

/** Who changed what, the newest first. */
export function AuditPage({ team, filter, onFilter }: AuditProps) {
  const query = useInfiniteQuery({
    queryKey: ["audit", team, filter],
    queryFn: ({ signal, pageParam }) =>
      must(
        api.GET("/api/audit", {
          params: {
            query: {
              team,
              by: filter.by,
              action: filter.action,
              since: filter.since && startOf(filter.since),
              until: filter.until && afterDay(filter.until),
              cursor: pageParam,
            },
          },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
  const filtered = Object.keys(filter).length > 0;
  return (
    <Page
      title={team ? "Audit log" : "Audit log of the server"}
      lead={`What admins changed${team ? ` of ${team}` : ""}, in the console, over the API and from the command line.`}
    >
      <Filters filter={filter} onFilter={onFilter} />
      <Loaded query={query} loading={<SkeletonRows rows={10} />}>
        {(data) => (
          <Table
            label="Audit log"
            columns={columnsOf(team === null)}
            rows={data.pages.flatMap((page) => page.entries)}
            rowKey={(one) => one.id}
            empty={
              filtered ? (
                <EmptyState
                  title="Nothing was changed, as far as these filters reach"
                  action={<Button onClick={() => onFilter({})}>Clear filters</Button>}
                />
              ) : (
                <EmptyState title="Nothing was changed yet">
                  Members, roles, limits, credit: whatever an admin changes is listed here from then on.
                </EmptyState>
              )
            }
          />
        )}
      </Loaded>
      {query.hasNextPage && (
        <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          Show older ones
        </Button>
      )}
    </Page>
  );
}

function columnsOf(ofServer: boolean): Column<AuditEntry>[] {
  const team: Column<AuditEntry> = {
    id: "team",
    header: "Team",
    hideBelow: "lg",
    cell: (one) => one.team ?? <span className="text-muted">server</span>,
  };
  return [
    { id: "when", header: "When", cell: (one) => <Ago at={one.at} /> },
    {
      id: "who",
      header: "Who",
      hideBelow: "sm",
      cell: (one) => <span className="break-words">{one.by}</span>,
    },
    { id: "what", header: "What", cell: (one) => <What entry={one} /> },
    ...(ofServer ? [team] : []),
  ];
}

function What({ entry }: { entry: AuditEntry }) {
  const told = details(entry.detail);
  return (
    <div className="min-w-0 py-0.5">
      <div className="break-words">
        <span title={entry.action}>{verbOf(entry.action)}</span>{" "}
        <span className="font-medium">{entry.subject}</span>
        <span className="text-muted sm:hidden"> · {entry.by}</span>
      </div>
      {told.length > 0 && (
        <div className="flex flex-wrap gap-x-3 text-xs text-muted">
          {told.map(({ name, value }) => (
            <span key={name} className="break-words">
              {name}: <span className="text-fg">{value}</span>
            </span>
          ))}
        </div>
      )}
    </div>
  );
}

interface FiltersProps {
  filter: AuditFilter;
  onFilter: (filter: AuditFilter) => void;
}

function Filters({ filter, onFilter }: FiltersProps) {
  const set = (change: { [Name in keyof AuditFilter]?: string }) => {
    const merged = Object.entries({ ...filter, ...change }).filter(([, value]) => value);
    onFilter(Object.fromEntries(merged));
  };
  const known = ABOUT.some((one) => one.value === (filter.action ?? ""));
  const options =
    known || !filter.action ? ABOUT : [...ABOUT, { value: filter.action, label: filter.action }];
  return (
    <search aria-label="Filters" className="flex flex-wrap items-end gap-2">
      <div className="w-48 max-sm:w-full">
        <SearchField label="Search by who" text={filter.by ?? ""} onSearch={(by) => set({ by })} />
      </div>
      <Select
        label="About"
        hideLabel
        value={filter.action ?? ""}
        options={options}
        onChange={(action) => set({ action })}
      />
      <TextField
        label="From"
        hideLabel
        title="From this day on (UTC)"
        type="date"
        value={filter.since ?? ""}
        onChange={(event) => set({ since: event.target.value })}
      />
      <TextField
        label="To"
        hideLabel
        title="Up to and with this day (UTC)"
        type="date"
        value={filter.until ?? ""}
        onChange={(event) => set({ until: event.target.value })}
      />
      {Object.keys(filter).length > 0 && <Button onClick={() => onFilter({})}>Clear</Button>}
    </search>
  );
}
