import type { Schema } from "~/api/client";
import { Ago, Money } from "~/components/Figures";
import { Section } from "~/components/Page";
import { EmptyState } from "~/components/States";
import { type Column, Table } from "~/components/Table";
import { creditLabel } from "./words";

type Card = Schema<"BillingCard">;
type Credit = Card["credits"][number] & { place: number };

const COLUMNS: Column<Credit>[] = [
  { id: "place", header: "Burns", cell: (credit) => (credit.place === 1 ? "next" : `${credit.place}.`) },
  {
    id: "kind",
    header: "Credit",
    cell: (credit) => (
      <>
        {creditLabel(credit.kind)}
        {credit.note && <span className="text-muted"> · {credit.note}</span>}
      </>
    ),
  },
  { id: "left", header: "Left", numeric: true, cell: (credit) => <Money nanoUsd={credit.left_nusd} /> },
  {
    id: "given",
    header: "Given",
    numeric: true,
    hideBelow: "sm",
    cell: (credit) => <Money nanoUsd={credit.amount_nusd} />,
  },
  { id: "ends", header: "Ends", cell: (credit) => <Ago at={credit.expires_at} /> },
];

/** What is left of each credit, in the order in which it burns. */
export function Credits({ card }: { card: Card }) {
  const rows = card.credits.map((credit, index) => ({ ...credit, place: index + 1 }));
  return (
    <Section
      title="Credit"
      lead="Burns from the top: what was given before what was bought, and of these what ends soonest."
    >
      <Table
        label="Credit in the order in which it burns"
        columns={COLUMNS}
        rows={rows}
        rowKey={(credit) => `${credit.place}`}
        empty={
          <EmptyState title="No credit left">
            {card.plan.when_credit_ends === "refuse"
              ? "Requests are refused until there is credit again: buy some, or wait for the next month's."
              : "Requests go on, and come with the invoice of the month."}
          </EmptyState>
        }
      />
    </Section>
  );
}
