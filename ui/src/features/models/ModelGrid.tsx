import { Link } from "@tanstack/react-router";
import type { CatalogModel } from "~/api/catalog";
import { Button, buttonClass } from "~/components/Button";
import { plural } from "~/lib/format";
import { CardSkeleton, ModelCard } from "./ModelCard";
import { PlaygroundLink } from "./PlaygroundLink";
import type { StageOf } from "./status";

const GRID = "grid grid-cols-[repeat(auto-fill,minmax(min(100%,27rem),1fr))] gap-3";

interface ModelGridProps {
  models: readonly CatalogModel[];
  stageOf: StageOf;
  selected: readonly string[];
  onToggle: (id: string) => void;
}

export function ModelGrid({ models, stageOf, selected, onToggle }: ModelGridProps) {
  return (
    <div className={GRID}>
      {models.map((model) => (
        <ModelCard
          key={model.id}
          model={model}
          stage={stageOf(model.id)}
          selected={selected}
          onToggle={onToggle}
        />
      ))}
    </div>
  );
}

const PLACES = ["a", "b", "c", "d", "e", "f"];

export function GridSkeleton() {
  return (
    <div role="status" aria-label="Loading models" className={GRID}>
      {PLACES.map((place) => (
        <CardSkeleton key={place} />
      ))}
    </div>
  );
}

interface SelectionBarProps {
  selected: readonly string[];
  onClear: () => void;
}

/** What can be done with the selection, in reach wherever the page is scrolled to. */
export function SelectionBar({ selected, onClear }: SelectionBarProps) {
  if (selected.length === 0) return null;
  return (
    <section
      aria-label="Selection"
      className="sticky bottom-3 z-20 mx-auto flex max-w-full flex-wrap items-center gap-2 rounded-lg border border-line bg-raised px-3 py-2 shadow-lg"
    >
      <span aria-live="polite">{plural(selected.length, "model")} selected</span>
      <Link to="/inference/compare" search={{ models: [...selected] }} className={buttonClass("plain", true)}>
        Compare specifications
      </Link>
      <PlaygroundLink models={selected} className={buttonClass("primary", true)}>
        Open in Playground
      </PlaygroundLink>
      <Button small kind="quiet" onClick={onClear}>
        Clear
      </Button>
    </section>
  );
}
