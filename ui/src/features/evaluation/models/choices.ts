/** Models that can be evaluated, in words. Pure. */

import type { CatalogModel } from "~/api/catalog";
import type { Schema } from "~/api/client";
import type { SelectOption } from "~/components/Field";
import { parseCustomModelId } from "~/lib/customModels";
import { pricePerMillion } from "~/lib/money";

type ProviderModels = Pick<Schema<"ProviderTold">, "name" | "models">;

const STATES: Record<CatalogModel["state"], string> = {
  ready: "ready",
  asleep: "asleep",
  "stand-in": "stand-in",
  "not-runnable": "not runnable here",
};

/** Models that chat and are not withdrawn; those that answer here first, then by name. */
export function chatModels(models: readonly CatalogModel[]): CatalogModel[] {
  return models
    .filter((model) => model.apiStyle === "chat" && model.lifecycleStage !== "retired")
    .sort((one, other) => rank(one) - rank(other) || one.label.localeCompare(other.label));
}

export function isUsable(model: CatalogModel): boolean {
  return model.state !== "not-runnable";
}

/** `ready, $0.10 in, $0.40 out per million`. */
export function factsOf(model: CatalogModel): string {
  return `${STATES[model.state]}, ${priceOf(model)}`;
}

/** Whom a judge may ask: the catalog's models, those of custom providers, and the one that is chosen already. */
export function judgeChoices(
  models: readonly CatalogModel[],
  providers: readonly ProviderModels[],
  chosen: string,
): SelectOption[] {
  const known: SelectOption[] = chatModels(models).map((model) => ({
    value: model.id,
    label: model.label,
    disabled: !isUsable(model),
  }));
  for (const provider of providers)
    for (const { id, name } of provider.models)
      known.push({ value: id, label: name, group: `${provider.name}, cost unknown` });
  const isKnown = chosen === "" || known.some((option) => option.value === chosen);
  if (!isKnown) known.push({ value: chosen, label: parseCustomModelId(chosen)?.model ?? chosen });
  return [{ value: "", label: "Choose a model", disabled: true }, ...known];
}

/** The same of a model that the catalog does not have. */
export function strangerFacts(id: string): string {
  const custom = parseCustomModelId(id);
  return custom ? `of the custom provider ${custom.provider}, cost unknown` : "not in this server's catalog";
}

export function priceOf(model: CatalogModel): string {
  const { inputNusdPerMtok, outputNusdPerMtok } = model.prices.current;
  return `${pricePerMillion(inputNusdPerMtok)} in, ${pricePerMillion(outputNusdPerMtok)} out per million tokens`;
}

function rank(model: CatalogModel): number {
  if (!isUsable(model)) return 2;
  return model.state === "stand-in" ? 1 : 0;
}
