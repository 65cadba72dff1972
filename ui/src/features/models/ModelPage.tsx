import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";
import { type CatalogModel, catalogQuery } from "~/api/catalog";
import { Badge } from "~/components/Badge";
import { Button, buttonClass } from "~/components/Button";
import { CopyButton } from "~/components/Copy";
import { Card, Page, Section, usePageTitle } from "~/components/Page";
import { EmptyState, Loaded, Skeleton } from "~/components/States";
import { Tooltip } from "~/components/Tooltip";
import { lifecycleNote } from "./describe";
import { EngineCard } from "./EngineCard";
import { Modalities, ProviderMark, StatusBadge } from "./Facts";
import { FeatureTable } from "./FeatureTable";
import { ModelFacts } from "./ModelFacts";
import { ModelTiles } from "./ModelTiles";
import { PlaygroundLink } from "./PlaygroundLink";
import { PriceHistory } from "./PriceHistory";
import { useStages } from "./queries";
import { statusOf } from "./status";
import { UseThisModel } from "./UseThisModel";

interface ModelPageProps {
  /** The id, or an alias. */
  id: string;
  isAdmin: boolean;
}

/** All that is known of one model. */
export function ModelPage({ id, isAdmin }: ModelPageProps) {
  const catalog = useQuery(catalogQuery);
  return (
    <Loaded query={catalog} loading={<PageSkeleton />}>
      {({ models }) => {
        const model = models.find((one) => one.id === id) ?? models.find((one) => one.aliases.includes(id));
        return model ? <Found model={model} isAdmin={isAdmin} /> : <NotFound id={id} />;
      }}
    </Loaded>
  );
}

function Found({ model, isAdmin }: { model: CatalogModel; isAdmin: boolean }) {
  const stageOf = useStages();
  const stage = stageOf(model.id);
  const status = statusOf(model, stage);
  const note = lifecycleNote(model);
  usePageTitle(model.label);
  return (
    <div className="mx-auto flex w-full max-w-6xl flex-col gap-5 p-4 md:p-6">
      <Link to="/inference" className="flex w-fit items-center gap-1 text-muted hover:text-fg">
        <ArrowLeft aria-hidden className="size-4" /> All models
      </Link>
      <header className="flex flex-wrap items-start gap-3">
        <ProviderMark provider={model.provider} />
        <div className="min-w-0 flex-1">
          <h1 className="text-lg leading-8 font-semibold">{model.label}</h1>
          <div className="flex flex-wrap items-center gap-1.5">
            <code className="text-xs break-all text-muted">{model.id}</code>
            <CopyButton text={model.id} label="Copy model ID" />
            <Modalities model={model} />
            {model.isNew && <Badge tone="accent">New</Badge>}
            <StatusBadge status={status} />
          </div>
        </div>
        <TryButton model={model} />
      </header>
      {(note || model.standIn) && (
        <p className="rounded-lg border border-line bg-warn-soft px-3 py-2 text-warn">
          {note || status.detail}{" "}
          {model.replacement && (
            <Link to="/catalog/$" params={{ _splat: model.replacement }} className="underline">
              Open {model.replacement}
            </Link>
          )}
        </p>
      )}
      <ModelTiles model={model} />
      <div className="grid gap-5 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <div className="flex min-w-0 flex-col gap-5">
          <div className="flex flex-col gap-2">
            {model.descriptionLong.split(/\n{2,}/).map((paragraph) => (
              <p key={paragraph} className="max-w-prose">
                {paragraph}
              </p>
            ))}
          </div>
          <UseThisModel model={model} />
          <PriceHistory model={model} />
        </div>
        <div className="flex min-w-0 flex-col gap-5">
          <EngineCard model={model} stage={stage} isAdmin={isAdmin} />
          <Section title="Supported features">
            <FeatureTable model={model} />
          </Section>
          <ModelFacts model={model} />
        </div>
      </div>
    </div>
  );
}

function TryButton({ model }: { model: CatalogModel }) {
  if (model.idPlayground && model.apiStyle !== "embedding")
    return (
      <PlaygroundLink models={[model.id]} className={buttonClass("primary")}>
        Try in Playground
      </PlaygroundLink>
    );
  const why =
    model.apiStyle === "embedding"
      ? "The Playground is for chats; this model gives vectors"
      : "This model is not available in the Playground: this server has nothing to run it with";
  return (
    <Tooltip tip={why}>
      <Button kind="primary" aria-disabled title={why}>
        Try in Playground
      </Button>
    </Tooltip>
  );
}

function NotFound({ id }: { id: string }) {
  return (
    <Page title="No such model">
      <EmptyState
        title={`The catalog has no model ${id}`}
        action={
          <Link to="/inference" className={buttonClass()}>
            See all models
          </Link>
        }
      >
        It may go by another name, or may have been taken out.
      </EmptyState>
    </Page>
  );
}

const TILES = ["a", "b", "c", "d", "e", "f"];

function PageSkeleton() {
  return (
    <div
      role="status"
      aria-label="Loading the model"
      className="mx-auto flex w-full max-w-6xl flex-col gap-5 p-4 md:p-6"
    >
      <Skeleton className="h-5 w-24" />
      <Skeleton className="h-14 w-96 max-w-full" />
      <div className="grid grid-cols-2 gap-3 md:grid-cols-3 lg:grid-cols-6">
        {TILES.map((tile) => (
          <Skeleton key={tile} className="h-16" />
        ))}
      </div>
      <Card>
        <Skeleton className="h-80" />
      </Card>
    </div>
  );
}
