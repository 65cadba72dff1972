import { Link } from "@tanstack/react-router";
import { clsx } from "clsx";
import type { MouseEvent } from "react";
import type { CatalogModel } from "~/api/catalog";
import { Badge } from "~/components/Badge";
import { buttonClass } from "~/components/Button";
import { plural } from "~/lib/format";
import { cardFeatures, context, exactContext, launched, lifecycleNote, priceRange } from "./describe";
import { FeatureBadge, Modalities, ProviderMark, StatusBadge } from "./Facts";
import { PlaygroundLink } from "./PlaygroundLink";
import { type Stage, statusOf } from "./status";

interface ModelCardProps {
  model: CatalogModel;
  stage: Stage | undefined;
  /** All that are selected, for the button. */
  selected: readonly string[];
  onToggle: (id: string) => void;
}

const ITS_OWN = "a, button, input, label, select";

/** A model in the grid: a click anywhere but on its name selects it, and so does Space on its checkbox. */
export function ModelCard({ model, stage, selected, onToggle }: ModelCardProps) {
  const status = statusOf(model, stage);
  const isSelected = selected.includes(model.id);
  const toggle = (event: MouseEvent) => {
    if (!(event.target as Element).closest(ITS_OWN)) onToggle(model.id);
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the checkbox inside is the keyboard's way
    <article
      aria-label={model.label}
      data-card
      onClick={toggle}
      className={clsx(
        "flex min-h-60 cursor-pointer flex-col gap-2 rounded-lg border bg-raised p-4",
        isSelected
          ? "border-accent ring-1 ring-accent"
          : "border-line hover:border-line-strong has-focus-visible:border-line-strong",
      )}
    >
      <header className="flex items-start gap-3">
        <ProviderMark provider={model.provider} />
        <div className="min-w-0 flex-1">
          <h2 className="flex flex-wrap items-center gap-x-2 text-base leading-5">
            <Link to="/catalog/$" params={{ _splat: model.id }} className="hover:underline">
              {model.label}
            </Link>
            {model.isNew && <Badge tone="accent">New</Badge>}
          </h2>
          <div className="truncate font-mono text-2xs text-muted" title={model.id}>
            {model.id}
          </div>
        </div>
        <StatusBadge status={status} />
        <input
          type="checkbox"
          checked={isSelected}
          onChange={() => onToggle(model.id)}
          aria-label={`Select ${model.label}`}
          className="mt-0.5 size-4 accent-accent-solid pointer-coarse:size-5"
        />
      </header>
      <p className="line-clamp-2 min-h-[2.9em] text-muted">{model.descriptionShort}</p>
      <div className="flex flex-wrap items-center gap-1">
        <Modalities model={model} />
        {cardFeatures(model).map((badge) => (
          <FeatureBadge key={badge.feature} badge={badge} />
        ))}
      </div>
      <Note model={model} />
      <footer className="mt-auto flex flex-col gap-2">
        <dl className="flex flex-wrap gap-x-5 gap-y-1">
          <Figure label="Price" note="per million tokens">
            {priceRange(model)}
          </Figure>
          <Figure label="Context" title={exactContext(model)}>
            {context(model)}
          </Figure>
          <Figure label="Launched">{launched(model)}</Figure>
        </dl>
        <div className="flex h-7 items-center">{isSelected && <SelectedAction selected={selected} />}</div>
      </footer>
    </article>
  );
}

function SelectedAction({ selected }: { selected: readonly string[] }) {
  return (
    <PlaygroundLink models={selected} className={buttonClass("primary", true)}>
      {selected.length === 1
        ? "Try in Playground"
        : `Compare ${plural(selected.length, "model")} in the Playground`}
    </PlaygroundLink>
  );
}

/** What keeps a model from answering as itself, or will. */
function Note({ model }: { model: CatalogModel }) {
  const note =
    lifecycleNote(model) ||
    (model.standIn
      ? "Not run here: a tiny stand-in model answers in its place."
      : model.runnable
        ? ""
        : `Needs ${model.needs[0] ?? "an engine"}`);
  if (!note) return null;
  return (
    <p className="line-clamp-2 text-xs break-words text-muted" title={note}>
      {note}
    </p>
  );
}

interface FigureProps {
  label: string;
  note?: string;
  title?: string;
  children: string;
}

function Figure({ label, note, title, children }: FigureProps) {
  return (
    <div title={title}>
      <dt className="text-2xs text-muted">{label}</dt>
      <dd className="font-medium">
        {children}
        {note && <span className="font-normal text-muted"> {note}</span>}
      </dd>
    </div>
  );
}

/** The place of a card that is on its way, of the same size. */
export function CardSkeleton() {
  return <div aria-hidden className="min-h-60 animate-pulse rounded-lg border border-line bg-panel" />;
}
