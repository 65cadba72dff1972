import type { ReactNode } from "react";
import { Badge } from "~/components/Badge";
import { Ago, Meter } from "~/components/Figures";
import { type Column, Table } from "~/components/Table";
import { figure, type Own, SCOPE_LABELS, title, used } from "./figures";

interface LimitsTableProps<Row extends Own> {
  label: string;
  rows: Row[];
  /** Why it stands, where that is known. */
  why?: (row: Row) => ReactNode;
  actions?: (row: Row) => ReactNode;
}

/** Limits with how far each is used. */
export function LimitsTable<Row extends Own>({ label, rows, why, actions }: LimitsTableProps<Row>) {
  const columns: Column<Row>[] = [
    {
      id: "whose",
      header: "Whose",
      cell: (row) => (
        <div className="max-w-56">
          <div className="truncate" title={row.name}>
            {row.name}
          </div>
          <div className="text-xs text-muted">{SCOPE_LABELS[row.scope] ?? row.scope}</div>
        </div>
      ),
    },
    { id: "what", header: "Limit", cell: title },
    { id: "used", header: "Used", cell: (row) => <Usage limit={row} /> },
    { id: "turns", header: "Turns", cell: (row) => <Ago at={row.resets_at} never="—" />, hideBelow: "md" },
    {
      id: "by",
      header: "Set by",
      cell: (row) => (
        <div className="max-w-64">
          <Badge tone={row.set_by.startsWith("plan ") ? "plain" : "accent"}>{row.set_by}</Badge>
          {why?.(row)}
        </div>
      ),
      hideBelow: "sm",
    },
  ];
  if (actions) columns.push({ id: "actions", header: "Actions", cell: actions, numeric: true });
  return (
    <Table
      label={label}
      columns={columns}
      rows={rows}
      rowKey={(row) => [row.scope_id, row.kind, row.period, row.model].join(" ")}
    />
  );
}

function Usage({ limit }: { limit: Own }) {
  return (
    <div className="flex min-w-36 flex-col gap-1">
      <div className="text-xs whitespace-nowrap">
        {figure(limit.kind, limit.current)} <span className="text-muted">of</span>{" "}
        {figure(limit.kind, limit.max)}
      </div>
      <Meter percent={used(limit)} label={`${title(limit)} of ${limit.name}`} />
    </div>
  );
}
