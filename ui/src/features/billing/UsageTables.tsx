import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Money, Tokens } from "~/components/Figures";
import { type Column, Table } from "~/components/Table";
import { Segmented } from "~/components/Tabs";
import { count } from "~/lib/format";
import { percent } from "~/lib/money";
import type { Group, RequestsSearch } from "./search";
import { GROUP_LABELS, OTHERS, type Sums, type UsageView } from "./usage";

interface UsageTablesProps {
  team: string;
  view: UsageView;
  by: Group;
  /** The requests of a period (null: all) and a group (null: all). */
  requestsOf: (period: number | null, group: string | null) => RequestsSearch;
}

interface Row extends Sums {
  key: string;
  label: string;
  search: RequestsSearch | null;
}

/** The figures of the chart as text: by group, or by time. The last row is the total. */
export function UsageTables({ team, view, by, requestsOf }: UsageTablesProps) {
  const [rows, setRows] = useState<"group" | "time">("group");
  const name = GROUP_LABELS[by];
  const total: Row = { ...view.total, key: "total", label: "Total", search: requestsOf(null, null) };
  const groups: Row[] = view.groups.map((group) => ({
    ...group,
    label: group.key === OTHERS ? "Everything else" : group.label,
    search: group.key === OTHERS ? null : requestsOf(null, group.key),
  }));
  const periods: Row[] = view.bars.map((bar, index) => ({
    ...view.cell(index, -1),
    key: bar.key,
    label: bar.name,
    search: requestsOf(index, null),
  }));
  const used = periods.filter((row) => row.requests > 0).reverse();
  const shown = [...(rows === "group" ? groups : used), total];
  return (
    <section aria-label="Figures" className="flex min-w-0 flex-col gap-2">
      <Segmented
        label="Rows of the table"
        value={rows}
        options={[
          { value: "group", label: `By ${name.startsWith("API") ? name : name.toLowerCase()}` },
          { value: "time", label: "By time" },
        ]}
        onChange={setRows}
      />
      <Table
        label={rows === "group" ? `Usage by ${name}` : "Usage by time"}
        columns={columns(team, rows === "group" ? name : "Time (UTC)", view.total.cost)}
        rows={shown}
        rowKey={(row) => row.key}
      />
    </section>
  );
}

function columns(team: string, first: string, cost: bigint): Column<Row>[] {
  return [
    {
      id: "label",
      header: first,
      cell: (row) => <RowName team={team} row={row} />,
    },
    { id: "requests", header: "Requests", numeric: true, cell: (row) => count(row.requests) },
    {
      id: "errors",
      header: "Not answered",
      numeric: true,
      hideBelow: "md",
      cell: (row) => count(row.errors),
    },
    {
      id: "input",
      header: "Input",
      numeric: true,
      hideBelow: "sm",
      cell: (row) => <Tokens value={row.input} />,
    },
    {
      id: "cached",
      header: "Cached",
      numeric: true,
      hideBelow: "md",
      cell: (row) => <Tokens value={row.cached} />,
    },
    {
      id: "output",
      header: "Output",
      numeric: true,
      hideBelow: "sm",
      cell: (row) => <Tokens value={row.output} />,
    },
    { id: "cost", header: "Cost", numeric: true, cell: (row) => <Money nanoUsd={row.cost} /> },
    {
      id: "share",
      header: "Share",
      numeric: true,
      hideBelow: "md",
      cell: (row) => `${percent(row.cost, cost).toFixed(1)} %`,
    },
  ];
}

function RowName({ team, row }: { team: string; row: Row }) {
  const look = row.key === "total" ? "font-semibold" : "";
  if (!row.search) return <span className={`block max-w-36 truncate sm:max-w-96 ${look}`}>{row.label}</span>;
  return (
    <Link
      to="/billing/$team/requests"
      params={{ team }}
      search={row.search as never}
      title={`Requests of ${row.label}`}
      className={`block max-w-36 truncate text-accent hover:underline sm:max-w-96 ${look}`}
    >
      {row.label}
    </Link>
  );
}
