import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Badge } from "~/components/Badge";
import { Ago, Money } from "~/components/Figures";
import { Section } from "~/components/Page";
import { EmptyState, Loaded } from "~/components/States";
import { type Column, Table } from "~/components/Table";
import { count } from "~/lib/format";
import type { Place } from "~/lib/place";
import type { EvalBatch } from "../draft/types";
import { batchesQuery } from "../queries";
import { stateOf } from "./words";

/** The project's newest batches. */
export function BatchList({ place }: { place: Place }) {
  const batches = useQuery(batchesQuery(place));
  return (
    <Section title="Started here" lead="Evaluations of this project that the server runs, the newest first.">
      <Loaded query={batches}>
        {({ batches: found }) => (
          <Table
            label="Evaluations that were started here"
            columns={columnsOf(place)}
            rows={found}
            rowKey={(batch) => batch.id}
            empty={<EmptyState title="None yet">The first one shows here as soon as it starts.</EmptyState>}
          />
        )}
      </Loaded>
    </Section>
  );
}

function columnsOf(place: Place): Column<EvalBatch>[] {
  return [
    {
      id: "name",
      header: "Evaluation",
      cell: (batch) => (
        <Link
          to="/$team/$project/weave/evaluations/batches/$batchId"
          params={{ ...place, batchId: batch.id }}
          className="break-words text-accent hover:underline"
        >
          {batch.name}
        </Link>
      ),
    },
    {
      id: "state",
      header: "State",
      cell: (batch) => {
        const { word, tone } = stateOf(batch.state);
        return <Badge tone={tone}>{word}</Badge>;
      },
    },
    {
      id: "models",
      header: "Models",
      numeric: true,
      hideBelow: "sm",
      cell: (batch) => count(batch.runs.length),
    },
    {
      id: "questions",
      header: "Questions",
      numeric: true,
      hideBelow: "md",
      cell: (batch) => `${count(batch.questions_done)} of ${count(batch.questions_total)}`,
    },
    { id: "spent", header: "Spent", numeric: true, cell: (batch) => <Money nanoUsd={batch.spent_nusd} /> },
    { id: "at", header: "Started", hideBelow: "md", cell: (batch) => <Ago at={batch.created_at} /> },
    { id: "by", header: "By", hideBelow: "lg", cell: (batch) => batch.by },
  ];
}
