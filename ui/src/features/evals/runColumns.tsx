import { Link } from "@tanstack/react-router";
import { Ago, Money, Tokens } from "~/components/Figures";
import type { GridColumn } from "~/components/grid/columns";
import { count, duration } from "~/lib/format";
import { type Estimate, type EvalRun, spreadText, spreadTitle, valueText } from "./figures";
import type { Of } from "./queries";
import { StatusBadge } from "./StatusBadge";

type Column = GridColumn<EvalRun>;

const nothing = <span className="text-muted">–</span>;

/** Of each run by its id: what its rows say of each metric. Runs are missing until the server has read them. */
export type Means = Record<string, Record<string, Estimate>>;

/** The columns of the list of runs; one for each metric. */
export function runColumns(of: Of, metrics: string[], means: Means): Column[] {
  return [
    {
      id: "name",
      header: "Run",
      sortable: true,
      width: 240,
      title: (run) => run.name,
      cell: (run) => (
        <Link
          to="/$team/$project/weave/evaluations/$callId"
          params={{ ...of, callId: run.id }}
          className="text-accent hover:underline"
        >
          {run.name}
        </Link>
      ),
    },
    { id: "status", header: "Status", width: 150, cell: (run) => <StatusBadge run={run} /> },
    named("model", "Model", 180),
    named("dataset", "Dataset", 150),
    ...metrics.map(
      (id): Column => ({
        id,
        header: id.replace(/^scores\./, ""),
        numeric: true,
        sortable: true,
        width: 210,
        title: (run) => {
          const told = means[run.id]?.[id];
          return [run.means[id], told && spreadTitle(told)].filter((part) => part !== undefined).join("; ");
        },
        cell: (run) => {
          const mean = run.means[id];
          const told = means[run.id]?.[id];
          if (mean === undefined) return nothing;
          return (
            <>
              {valueText("number", mean)}{" "}
              {told && <span className="ml-1 text-xs text-muted">{spreadText(told)}</span>}
            </>
          );
        },
      }),
    ),
    {
      id: "rows",
      header: "n",
      numeric: true,
      sortable: true,
      width: 80,
      title: (run) => `${count(run.trials_done)} trials of rows`,
      cell: (run) => count(run.trials_done),
    },
    {
      id: "cost",
      header: "Cost",
      numeric: true,
      sortable: true,
      width: 90,
      cell: (run) => (run.cost_nusd === null ? nothing : <Money nanoUsd={run.cost_nusd} />),
    },
    {
      id: "latency",
      header: "Latency",
      numeric: true,
      sortable: true,
      width: 90,
      cell: (run) => (run.latency_s === null ? nothing : duration(run.latency_s)),
    },
    {
      id: "tokens",
      header: "Tokens",
      numeric: true,
      sortable: true,
      width: 90,
      cell: (run) => (run.tokens === null ? nothing : <Tokens value={run.tokens} />),
    },
    {
      id: "started",
      header: "Started",
      sortable: true,
      width: 130,
      cell: (run) => <Ago at={run.started_at} />,
    },
    { id: "user", header: "By", width: 110, cell: (run) => run.user ?? nothing },
    {
      id: "evaluation",
      header: "Evaluation",
      width: 180,
      title: (run) => run.evaluation?.ref,
      cell: (run) => run.evaluation?.name ?? nothing,
    },
  ];
}

function named(id: "model" | "dataset", header: string, width: number): Column {
  return {
    id,
    header,
    width,
    sortable: true,
    title: (run) => run[id]?.ref,
    cell: (run) => {
      const found = run[id];
      if (!found) return nothing;
      return found.version === null ? found.name : `${found.name}:v${found.version}`;
    },
  };
}
