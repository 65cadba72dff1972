import { Link } from "@tanstack/react-router";
import type { Call } from "~/api/weave/calls";
import { callName, statusOf } from "~/api/weave/told";
import { Ago } from "~/components/Figures";
import { type Column, Table } from "~/components/Table";

interface CallListProps {
  team: string;
  project: string;
  label: string;
  calls: Call[];
  /** Each leads to the page of the evaluation. */
  areEvaluations?: boolean;
}

/** Calls by name, each with its page. */
export function CallList({ team, project, label, calls, areEvaluations }: CallListProps) {
  const columns: Column<Call>[] = [
    {
      id: "name",
      header: "Call",
      cell: (call) => (
        <Link
          to={areEvaluations ? "/$team/$project/weave/evaluations/$callId" : "/$team/$project/r/call/$callId"}
          params={{ team, project, callId: call.id }}
          className="break-all text-accent hover:underline"
        >
          {callName(call)}
        </Link>
      ),
    },
    { id: "status", header: "Status", cell: statusOf },
    { id: "began", header: "Began", cell: (call) => <Ago at={call.started_at} /> },
  ];
  return <Table label={label} columns={columns} rows={calls} rowKey={(call) => call.id} />;
}
