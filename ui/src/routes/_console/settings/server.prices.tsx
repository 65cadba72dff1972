import { createFileRoute } from "@tanstack/react-router";
import { Page } from "~/components/Page";
import { PriceBook } from "~/features/prices/PriceBook";

export const Route = createFileRoute("/_console/settings/server/prices")({
  validateSearch: (search): { model?: string } =>
    typeof search.model === "string" ? { model: search.model } : {},
  component: Prices,
});

function Prices() {
  const { model } = Route.useSearch();
  return (
    <Page
      title="Price book"
      lead="What every model costs, cost before, and will cost. Prices that look like a slip are refused, unless somebody stands by them."
    >
      <PriceBook chosen={model} />
    </Page>
  );
}
