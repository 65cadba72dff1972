import type { CatalogModel } from "~/api/catalog";
import { Badge } from "~/components/Badge";
import { Section } from "~/components/Page";
import { type Column, Table } from "~/components/Table";
import { pricePerMillion } from "~/lib/money";

type Price = CatalogModel["prices"]["current"];

/** Every price that the model had here, the newest first. */
export function PriceHistory({ model }: { model: CatalogModel }) {
  const { current, history } = model.prices;
  const columns: Column<Price>[] = [
    {
      id: "from",
      header: "From",
      cell: (price) => (
        <span className="flex items-center gap-1.5 whitespace-nowrap">
          {price.effectiveDate}
          {price.version === current.version && <Badge tone="good">In force</Badge>}
        </span>
      ),
    },
    { id: "input", header: "Input", numeric: true, cell: (p) => pricePerMillion(p.inputNusdPerMtok) },
    { id: "cached", header: "Cached", numeric: true, cell: (p) => pricePerMillion(p.cachedInputNusdPerMtok) },
    { id: "output", header: "Output", numeric: true, cell: (p) => pricePerMillion(p.outputNusdPerMtok) },
    {
      id: "source",
      header: "Source",
      hideBelow: "md",
      cell: (price) => <span className="line-clamp-2 text-xs text-muted">{price.source}</span>,
    },
  ];
  return (
    <Section
      title="Price history"
      lead="Dollars per million tokens. What was used is billed at the price of its day."
    >
      <Table
        label="Prices"
        columns={columns}
        rows={[...history].reverse()}
        rowKey={(price) => price.version}
      />
    </Section>
  );
}
