import { Link } from "@tanstack/react-router";
import { Badge } from "~/components/Badge";
import { Money, Progress } from "~/components/Figures";
import { type Column, Table } from "~/components/Table";
import { count, duration } from "~/lib/format";
import type { Place } from "~/lib/place";
import type { EvalBatch, EvalRun } from "../draft/types";
import { shareOf, stateOf } from "./words";

/** Each model's run, with how far it is. */
export function RunTable({ place, batch }: { place: Place; batch: EvalBatch }) {
  return (
    <Table
      label="Runs of this evaluation"
      columns={columnsOf(place, batch)}
      rows={batch.runs}
      rowKey={(run) => run.call_id}
    />
  );
}

function columnsOf({ team, project }: Place, batch: EvalBatch): Column<EvalRun>[] {
  const base = `/${team}/${project}/weave`;
  return [
    {
      id: "model",
      header: "Model",
      cell: (run) => (
        <>
          <Link
            to={`${base}/evaluations/${run.call_id}` as string}
            className="break-words text-accent hover:underline"
          >
            {run.model}
          </Link>
          <div className="mt-1 sm:hidden">
            <RunState run={run} />
          </div>
        </>
      ),
    },
    {
      id: "state",
      header: "State",
      hideBelow: "sm",
      cell: (run) => <RunState run={run} />,
    },
    {
      id: "rows",
      header: "Rows",
      cell: (run) => (
        <div className="flex min-w-24 flex-col gap-1">
          <span className="whitespace-nowrap">
            {count(run.rows_done)} of {count(run.rows_total)}
          </span>
          <Progress percent={shareOf(run.rows_done, run.rows_total)} label={`Rows of ${run.model}`} />
        </div>
      ),
    },
    {
      id: "errors",
      header: "Errors",
      numeric: true,
      hideBelow: "sm",
      cell: (run) => <span className={run.errors > 0 ? "text-bad" : ""}>{count(run.errors)}</span>,
    },
    { id: "cost", header: "Cost", numeric: true, cell: (run) => costOf(batch, run) },
    {
      id: "left",
      header: "Time left",
      numeric: true,
      hideBelow: "md",
      cell: (run) => (run.seconds_left === null ? "" : duration(run.seconds_left)),
    },
    {
      id: "trace",
      header: "Trace",
      hideHeader: true,
      hideBelow: "sm",
      cell: (run) => (
        <Link to={`${base}/calls/${run.call_id}` as string} className="text-accent hover:underline">
          Trace
        </Link>
      ),
    },
  ];
}

function RunState({ run }: { run: EvalRun }) {
  const { word, tone } = stateOf(run.state);
  return <Badge tone={tone}>{word}</Badge>;
}

/** Of a custom provider's model what its judges cost is known, and no more. */
function costOf({ unpriced_models }: EvalBatch, run: EvalRun) {
  if (unpriced_models.includes(run.model_id) && run.cost_nusd === "0") return "unknown";
  return <Money nanoUsd={run.cost_nusd} />;
}
