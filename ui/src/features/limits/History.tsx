import type { Schema } from "~/api/client";
import { Ago } from "~/components/Figures";
import { Table } from "~/components/Table";
import { figure, title } from "./figures";

/** Limits that are in force no more. */
export function History({ rows }: { rows: Schema<"SetLimitInfo">[] }) {
  return (
    <Table
      label="Limits that ended"
      rows={rows}
      rowKey={(row) => row.id}
      empty={<p className="text-muted">No limit has ended or was replaced yet.</p>}
      columns={[
        { id: "whose", header: "Whose", cell: (row) => row.name },
        { id: "what", header: "Limit", cell: (row) => `${title(row)}: ${figure(row.kind, row.max)}` },
        {
          id: "by",
          header: "Set by",
          cell: (row) => `${row.set_by}${row.reason ? `: ${row.reason}` : ""}`,
          hideBelow: "md",
        },
        { id: "ended", header: "Ended", cell: (row) => <Ago at={row.ended_at} /> },
        {
          id: "end",
          header: "By",
          cell: (row) => `${row.ended_by}${row.end_reason ? `: ${row.end_reason}` : ""}`,
          hideBelow: "sm",
        },
      ]}
    />
  );
}
