import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Schema } from "~/api/client";
import { Badge } from "~/components/Badge";
import { Button } from "~/components/Button";
import { Ago, Money } from "~/components/Figures";
import { Section } from "~/components/Page";
import { EmptyState, Loaded } from "~/components/States";
import { type Column, Table } from "~/components/Table";
import { BuyCredit } from "./BuyCredit";
import { purchasesQuery } from "./queries";
import { PURCHASE_WORDS } from "./words";

type Purchase = Schema<"PurchaseInfo">;

const COLUMNS: Column<Purchase>[] = [
  { id: "at", header: "When", cell: (one) => <Ago at={one.created_at} /> },
  { id: "amount", header: "Amount", numeric: true, cell: (one) => <Money nanoUsd={one.amount_nusd} /> },
  {
    id: "status",
    header: "Status",
    cell: (one) => <Badge tone={PURCHASE_WORDS[one.status].tone}>{PURCHASE_WORDS[one.status].label}</Badge>,
  },
  {
    id: "method",
    header: "How",
    hideBelow: "sm",
    cell: (one) => (one.method === "manual" ? "recorded by an administrator" : one.method),
  },
  { id: "reference", header: "Reference", hideBelow: "md", cell: (one) => one.reference || one.note },
  { id: "by", header: "By", hideBelow: "md", cell: (one) => one.made_by },
];

interface PurchasesProps {
  team: string;
  card: Schema<"BillingCard">;
}

/** What was bought, and a way to buy more. */
export function Purchases({ team, card }: PurchasesProps) {
  const [isBuying, setIsBuying] = useState(false);
  const purchases = useQuery(purchasesQuery(team));
  const buy = (
    <Button small kind="primary" onClick={() => setIsBuying(true)}>
      Buy credit
    </Button>
  );
  return (
    <Section title="Purchases" actions={buy}>
      <Loaded query={purchases}>
        {(data) => (
          <Table
            label="What was bought"
            columns={COLUMNS}
            rows={data.purchases}
            rowKey={(one) => one.id}
            empty={
              <EmptyState title="Nothing was bought yet">
                Bought credit never ends, and burns last.
              </EmptyState>
            }
          />
        )}
      </Loaded>
      <BuyCredit team={team} card={card} open={isBuying} onClose={() => setIsBuying(false)} />
    </Section>
  );
}
