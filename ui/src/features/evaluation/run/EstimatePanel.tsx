import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Money, Tokens } from "~/components/Figures";
import { Tile } from "~/components/Page";
import { ErrorState, Skeleton } from "~/components/States";
import { type Column, Table } from "~/components/Table";
import { count, duration } from "~/lib/format";
import type { Place } from "~/lib/place";
import { CostUnknown } from "../CostUnknown";
import type { EvalEstimate } from "../draft/types";
import { standingQuery } from "../queries";
import { standingProblem } from "./budget";

interface EstimatePanelProps {
  place: Place;
  query: UseQueryResult<EvalEstimate>;
  /** After some rows were asked: counts in place of the other. */
  measured: EvalEstimate | undefined;
  /** Nothing is missing for an estimate. */
  isReady: boolean;
  /** Something was changed just now, and is not asked yet. */
  isStale: boolean;
}

/** What the evaluation is going to cost: likely, at the dear end, and at the very worst; and what that rests on. */
export function EstimatePanel({ place, query, measured, isReady, isStale }: EstimatePanelProps) {
  const { data: standing } = useQuery(standingQuery(place.team));
  if (!isReady)
    return (
      <p className="rounded-lg border border-dashed border-line px-4 py-3 text-muted">
        The estimate comes as soon as nothing is missing above.
      </p>
    );
  if (query.error && !measured)
    return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  const data = measured ?? query.data;
  if (!data) return <Skeleton className="h-20 w-full" />;
  const problem = standing ? standingProblem(standing, data) : null;
  return (
    <section
      aria-label="Estimate"
      aria-busy={isStale || query.isFetching}
      className={`flex flex-col gap-3 ${isStale || query.isFetching ? "opacity-60" : ""}`}
    >
      <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
        <Tile
          label="Likely cost"
          note={
            <>
              <Money nanoUsd={data.low_nusd} /> to <Money nanoUsd={data.high_nusd} />
            </>
          }
        >
          <Money nanoUsd={data.cost_nusd} />
        </Tile>
        <Tile label="At the very worst" note="each answer as long as it may be">
          <Money nanoUsd={data.most_nusd} />
        </Tile>
        <Tile label="Time" note={`${count(data.questions)} questions`}>
          {data.seconds === null ? "not known yet" : duration(data.seconds)}
        </Tile>
        <Tile label="Judges" note={hasJudgePrice(data) ? "of the likely cost" : "not in the likely cost"}>
          {hasJudgePrice(data) ? <Money nanoUsd={data.judge_cost_nusd} /> : "unknown"}
        </Tile>
      </div>
      <Table label="Estimate by model" columns={COLUMNS} rows={partsOf(data)} rowKey={(part) => part.key} />
      <CostUnknown models={data.unpriced_models} />
      <p className="text-xs text-muted">
        {data.is_measured ? "Measured" : "Not measured yet"}: {data.basis}
      </p>
      {problem && (
        <p role="alert" className="rounded-md bg-warn-soft px-3 py-2">
          {problem}{" "}
          <Link to="/billing/$team" params={{ team: place.team }} className="text-accent hover:underline">
            Billing
          </Link>
        </p>
      )}
    </section>
  );
}

/** Whether there is a judge whose price is known, or none at all. */
function hasJudgePrice({ judges, unpriced_models }: EvalEstimate): boolean {
  return judges.length === 0 || judges.some((judge) => !unpriced_models.includes(judge.model));
}

interface Part {
  key: string;
  name: string;
  model: string;
  what: string;
  questions: number;
  input: number;
  output: number;
  cost: string;
  /** False where a custom provider charges it. */
  isPriced: boolean;
}

const COLUMNS: Column<Part>[] = [
  {
    id: "name",
    header: "Model or judge",
    cell: (part) => (
      <>
        {part.name} <span className="text-xs text-muted">{part.what}</span>
      </>
    ),
  },
  {
    id: "questions",
    header: "Questions",
    numeric: true,
    hideBelow: "sm",
    cell: (part) => count(part.questions),
  },
  {
    id: "input",
    header: "Tokens in",
    numeric: true,
    hideBelow: "md",
    cell: (part) => <Tokens value={part.input} />,
  },
  {
    id: "output",
    header: "Tokens out",
    numeric: true,
    hideBelow: "md",
    cell: (part) => <Tokens value={part.output} />,
  },
  {
    id: "cost",
    header: "Likely cost",
    numeric: true,
    cell: (part) => (part.isPriced ? <Money nanoUsd={part.cost} /> : "unknown"),
  },
];

function partsOf(estimate: EvalEstimate): Part[] {
  const parts = (what: string, list: (EvalEstimate["models"][number] | EvalEstimate["judges"][number])[]) =>
    list.map((one) => ({
      key: `${what} ${one.name}`,
      name: one.name,
      model: one.model,
      what: what || one.model,
      questions: one.questions,
      input: one.input_tokens,
      output: one.output_tokens,
      cost: one.cost_nusd,
      isPriced: !estimate.unpriced_models.includes(one.model),
    }));
  return [...parts("", estimate.models), ...parts("judge", estimate.judges)];
}
