import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import type { Schema } from "~/api/client";
import { Badge } from "~/components/Badge";
import { Button } from "~/components/Button";
import { Select } from "~/components/Field";
import { Money, Tokens } from "~/components/Figures";
import { EmptyState, Loaded, SkeletonRows } from "~/components/States";
import { type Column, Table } from "~/components/Table";
import { duration, stamp } from "~/lib/format";
import { NarrowChips } from "./NarrowChips";
import { requestsQuery } from "./queries";
import { RangePicker } from "./RangePicker";
import { plain, spanOf } from "./ranges";
import { narrow, OUTCOMES, type Outcome, type RequestsSearch } from "./search";
import { OUTCOME_WORDS } from "./words";

type Request = Schema<"RequestUsage">;

interface RequestsViewProps {
  team: string;
  search: RequestsSearch;
  now: Date;
  onSearch: (search: RequestsSearch) => void;
}

/** Requests one by one, newest first; the way back from a page is the browser's. */
export function RequestsView({ team, search, now, onSearch }: RequestsViewProps) {
  const span = useMemo(() => spanOf(search, now), [search, now]);
  const only = narrow({ ...search });
  const { outcome, cursor } = search;
  const moments = { since: plain(span.since), until: plain(span.until) };
  const page = useQuery(requestsQuery({ team, ...moments, ...only, outcome, cursor }));
  const names = useMemo(() => namesOf(page.data?.requests ?? []), [page.data]);
  /** The same list from its start, with something changed. */
  const change = (changed: Partial<RequestsSearch>, without: (keyof RequestsSearch)[] = []) => {
    const next: RequestsSearch = { ...search };
    for (const key of [...without, "cursor" as const]) delete next[key];
    onSearch({ ...next, ...changed });
  };
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <div className="flex flex-wrap items-end gap-3">
        <RangePicker span={span} onChange={(range) => change(range, ["range", "since", "until"])} />
        <div className="w-40">
          <Select
            label="Outcome"
            hideLabel
            value={outcome ?? ""}
            options={[
              { value: "", label: "Any outcome" },
              ...OUTCOMES.map((value) => ({ value, label: OUTCOME_WORDS[value].label })),
            ]}
            onChange={(value) => change(value ? { outcome: value as Outcome } : {}, ["outcome"])}
          />
        </div>
      </div>
      <NarrowChips only={only} names={names} onRemove={(key) => change({}, [key])} />
      <Loaded query={page} loading={<SkeletonRows rows={12} label="Loading requests" />}>
        {(data) => (
          <>
            <Table
              label="Requests"
              columns={COLUMNS}
              rows={data.requests}
              rowKey={(request) => request.id}
              empty={
                <EmptyState title={data.next_cursor ? "None on this page" : "No requests"}>
                  {data.next_cursor
                    ? "What is sought is rare: look further back."
                    : "Choose a longer time range, or take filters away."}
                </EmptyState>
              }
            />
            <div className="flex justify-between gap-2">
              <Button small disabled={!cursor} onClick={() => change({})}>
                Newest
              </Button>
              <Button
                small
                disabled={!data.next_cursor}
                onClick={() => onSearch({ ...search, cursor: data.next_cursor ?? undefined })}
              >
                Older
              </Button>
            </div>
          </>
        )}
      </Loaded>
    </div>
  );
}

/** Names of whoever and whatever the page shows, for the chips. */
function namesOf(requests: Request[]): Record<string, string> {
  const names: Record<string, string> = {};
  for (const one of requests) {
    names[one.project_id] = one.project;
    names[one.user_id] = one.user;
    names[one.key_id] = one.key;
  }
  return names;
}

const COLUMNS: Column<Request>[] = [
  {
    id: "time",
    header: "Time",
    cell: (request) => (
      <Link
        to="/requests/$id"
        params={{ id: request.id }}
        className="whitespace-nowrap text-accent hover:underline"
        title={request.id}
      >
        {stamp(new Date(request.posted_at))}
      </Link>
    ),
  },
  {
    id: "model",
    header: "Model",
    cell: (request) => <span className="block max-w-56 truncate">{request.model_id || "unknown"}</span>,
  },
  {
    id: "outcome",
    header: "Outcome",
    cell: (request) => {
      const { label, tone } = OUTCOME_WORDS[request.outcome];
      return (
        <Badge tone={tone} title={request.error_code || undefined}>
          {label} · {request.status}
        </Badge>
      );
    },
  },
  { id: "project", header: "Project", hideBelow: "lg", cell: (request) => afterSlash(request.project) },
  { id: "user", header: "User", hideBelow: "lg", cell: (request) => request.user },
  {
    id: "input",
    header: "Input",
    numeric: true,
    hideBelow: "md",
    cell: (request) => <Tokens value={request.input_tokens} />,
  },
  {
    id: "output",
    header: "Output",
    numeric: true,
    hideBelow: "md",
    cell: (request) => <Tokens value={request.output_tokens} />,
  },
  {
    id: "took",
    header: "Took",
    numeric: true,
    hideBelow: "md",
    cell: (request) => duration(request.total_ms / 1000),
  },
  { id: "cost", header: "Cost", numeric: true, cell: (request) => <Money nanoUsd={request.cost_nusd} /> },
];

function afterSlash(project: string): string {
  return project.slice(project.indexOf("/") + 1);
}
