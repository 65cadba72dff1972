import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "~/components/Button";
import { TextField } from "~/components/Field";
import { Section } from "~/components/Page";
import { EmptyState, Loaded, SkeletonRows } from "~/components/States";
import { AddPrice } from "./AddPrice";
import { PriceHistory } from "./PriceHistory";
import { PriceTable } from "./PriceTable";
import { pricesQuery } from "./queries";

interface PriceBookProps {
  /** The model whose history is open. */
  chosen: string | undefined;
}

/** The price book: what every model costs, cost, and will cost. */
export function PriceBook({ chosen }: PriceBookProps) {
  const book = useQuery(pricesQuery);
  const [search, setSearch] = useState("");
  const [adding, setAdding] = useState(false);
  return (
    <Loaded query={book} loading={<SkeletonRows rows={12} />}>
      {(data) => {
        const model = data.models.find((one) => one.model === chosen);
        return (
          <>
            {model && (
              <Section
                title={model.model}
                lead={
                  data.may_add
                    ? "A price in the book never changes; a new one begins on a later day."
                    : undefined
                }
                actions={
                  data.may_add &&
                  model.in_catalog && (
                    <Button kind="primary" onClick={() => setAdding(true)}>
                      Add a price
                    </Button>
                  )
                }
              >
                <PriceHistory model={model} mayChange={data.may_add} />
              </Section>
            )}
            {chosen && !model && (
              <EmptyState title={`${chosen} is not in the book`}>Choose a model below.</EmptyState>
            )}
            <Section title="All models" lead="Dollars per million tokens. Choose one for its history.">
              <div className="w-64 max-w-full">
                <TextField
                  label="Model"
                  hideLabel
                  type="search"
                  placeholder="Part of a name"
                  value={search}
                  onChange={(event) => setSearch(event.target.value)}
                />
              </div>
              <PriceTable models={data.models} search={search} />
            </Section>
            {adding && model && (
              <AddPrice model={model} earliest={data.earliest} onClose={() => setAdding(false)} />
            )}
          </>
        );
      }}
    </Loaded>
  );
}
