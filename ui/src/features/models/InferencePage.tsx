import { useQuery } from "@tanstack/react-query";
import { type MouseEvent, useState } from "react";
import { catalogQuery } from "~/api/catalog";
import { Button } from "~/components/Button";
import { Page } from "~/components/Page";
import { EmptyState, Loaded } from "~/components/States";
import { AddModelButton } from "./AddModel";
import { Filters } from "./Filters";
import { GridSkeleton, ModelGrid, SelectionBar } from "./ModelGrid";
import { useStages } from "./queries";
import { chooseModels, type ModelSearch, toggled } from "./search";

interface InferencePageProps {
  search: ModelSearch;
  isAdmin: boolean;
  /** Replaces parts of the address. */
  onSearch: (changed: Record<string, string | undefined>) => void;
  onReset: () => void;
}

const NOT_BACKGROUND = "[data-card], [role=search], a, button, input, label, select, [role=dialog]";

/** All models of the catalog as cards. */
export function InferencePage({ search, isAdmin, onSearch, onReset }: InferencePageProps) {
  const catalog = useQuery(catalogQuery);
  const stageOf = useStages();
  const [selected, setSelected] = useState<string[]>([]);
  const clear = (event: MouseEvent) => {
    if (!(event.target as Element).closest(NOT_BACKGROUND)) setSelected([]);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the Clear button is the keyboard's way
    // biome-ignore lint/a11y/useKeyWithClickEvents: the Clear button is the keyboard's way
    <div onClick={clear} className="min-h-full">
      <Page
        title="Models"
        lead="Pick a model to read about it, or select several to compare them."
        actions={isAdmin && <AddModelButton />}
        wide
      >
        <Filters search={search} onChange={onSearch} />
        <Loaded query={catalog} loading={<GridSkeleton />}>
          {({ models }) => {
            const shown = chooseModels(models, search, stageOf);
            if (models.length === 0)
              return (
                <EmptyState title="The catalog is empty">
                  Add a model, or look into the folder of model cards on the server.
                </EmptyState>
              );
            if (shown.length === 0)
              return (
                <EmptyState title="No model fits" action={<Button onClick={onReset}>Clear filters</Button>}>
                  Other words, another kind or another state may find what you look for.
                </EmptyState>
              );
            return (
              <ModelGrid
                models={shown}
                stageOf={stageOf}
                selected={selected}
                onToggle={(id) => setSelected((before) => toggled(before, id))}
              />
            );
          }}
        </Loaded>
        <SelectionBar selected={selected} onClear={() => setSelected([])} />
      </Page>
    </div>
  );
}
