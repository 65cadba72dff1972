import type { Schema } from "~/api/client";
import { Section } from "~/components/Page";
import { type Column, Table } from "~/components/Table";
import { count, day } from "~/lib/format";
import { pricePerMillion } from "~/lib/money";
import { type CostStep, costLines, inNano, stepLabel } from "./cost";

interface CostStepsProps {
  cost: Schema<"CostInfo">;
  price: Schema<"ChargedPrice">;
}

const COLUMNS: Column<CostStep>[] = [
  { id: "what", header: "Tokens", cell: stepLabel },
  { id: "tokens", header: "Count", numeric: true, cell: (step) => count(step.tokens) },
  {
    id: "price",
    header: "USD per million",
    numeric: true,
    cell: (step) => pricePerMillion(step.nusd_per_mtok),
  },
  { id: "product", header: "Nano-dollars", numeric: true, cell: (step) => inNano(step.product) },
];

/** The cost worked out: tokens times price, and the sum rounded up once. */
export function CostSteps({ cost, price }: CostStepsProps) {
  const since = day(new Date(price.effective_at));
  return (
    <Section
      title="How the cost comes about"
      lead={`Price ${price.version}, in force from ${since}: ${price.source}`}
    >
      <Table label="Cost, step by step" columns={COLUMNS} rows={cost.steps} rowKey={(step) => step.what} />
      <dl className="grid grid-cols-[1fr_auto] gap-x-4 gap-y-1 px-3">
        {costLines(cost).map((line) => (
          <div key={line.label} className="contents">
            <dt className="text-muted">{line.label}</dt>
            <dd className="text-right">{line.figure}</dd>
          </div>
        ))}
      </dl>
      <p className="text-xs text-muted">A nano-dollar is a billionth of a dollar. Nothing here is a float.</p>
    </Section>
  );
}
