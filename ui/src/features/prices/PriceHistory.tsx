import { useState } from "react";
import type { Schema } from "~/api/client";
import { Badge, type Tone } from "~/components/Badge";
import { Button } from "~/components/Button";
import { Ago } from "~/components/Figures";
import { type Column, Table } from "~/components/Table";
import { day } from "~/lib/format";
import { pricePerMillion } from "~/lib/money";
import { WithdrawPrice } from "./WithdrawPrice";

type Price = Schema<"DatedPrice">;

const STAGES: Record<Price["stage"], [string, Tone]> = {
  in_force: ["in force", "good"],
  scheduled: ["scheduled", "accent"],
  past: ["past", "plain"],
  withdrawn: ["withdrawn", "warn"],
  unused: ["no file says it any more", "plain"],
};

/** Every price that a model ever had. */
export function PriceHistory({ model, mayChange }: { model: Schema<"ModelPrices">; mayChange: boolean }) {
  const [going, setGoing] = useState<Price | null>(null);
  const columns: Column<Price>[] = [
    {
      id: "from",
      header: "From",
      cell: (price) => (
        <div>
          <div className="whitespace-nowrap">
            {price.version.endsWith("@unpriced") ? "the start" : day(new Date(price.effective_at))}
          </div>
          <Badge tone={STAGES[price.stage][1]}>{STAGES[price.stage][0]}</Badge>
        </div>
      ),
    },
    {
      id: "input",
      header: "Input",
      numeric: true,
      cell: (price) => pricePerMillion(price.input_nusd_per_mtok),
    },
    {
      id: "cached",
      header: "Cached",
      numeric: true,
      cell: (price) => pricePerMillion(price.cached_input_nusd_per_mtok),
    },
    {
      id: "output",
      header: "Output",
      numeric: true,
      cell: (price) => pricePerMillion(price.output_nusd_per_mtok),
    },
    { id: "source", header: "Source", cell: (price) => <Source price={price} /> },
    { id: "recorded", header: "Recorded", hideBelow: "md", cell: (price) => <Ago at={price.recorded_at} /> },
  ];
  if (mayChange)
    columns.push({
      id: "actions",
      header: "Actions",
      numeric: true,
      cell: (price) =>
        price.stage === "scheduled" &&
        price.origin === "added" && (
          <Button small onClick={() => setGoing(price)}>
            Withdraw
          </Button>
        ),
    });
  return (
    <>
      <Table
        label={`Prices of ${model.model}`}
        columns={columns}
        rows={model.history}
        rowKey={(price) => price.version}
      />
      {going && <WithdrawPrice price={going} onClose={() => setGoing(null)} />}
    </>
  );
}

function Source({ price }: { price: Price }) {
  return (
    <div className="max-w-80 min-w-40 break-words">
      {price.source}
      <div className="text-xs text-muted">
        {price.origin === "added" ? `added by ${price.added_by}` : "from the catalog's files"}
        {price.note && ` · ${price.note}`}
      </div>
      {price.override_by && (
        <div className="text-xs text-warn">
          {price.override_by} stands by it: {price.override_reason}
        </div>
      )}
      {price.withdrawn_at && (
        <div className="text-xs text-muted">
          {price.withdrawn_by} withdrew it: {price.withdraw_reason}
        </div>
      )}
    </div>
  );
}
