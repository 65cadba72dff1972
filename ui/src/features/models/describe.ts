/** A model's facts as people read them. Pure. */

import type { CatalogModel } from "~/api/catalog";
import { count, day, short } from "~/lib/format";
import { pricePerMillion } from "~/lib/money";

/** `$0.03 - $0.13`; vectors have no output to pay for. */
export function priceRange(model: CatalogModel): string {
  const { inputNusdPerMtok, outputNusdPerMtok } = model.prices.current;
  if (BigInt(inputNusdPerMtok) === 0n && BigInt(outputNusdPerMtok) === 0n) return "Free";
  if (isEmbedding(model)) return pricePerMillion(inputNusdPerMtok);
  return `${pricePerMillion(inputNusdPerMtok)} - ${pricePerMillion(outputNusdPerMtok)}`;
}

export function isEmbedding(model: CatalogModel): boolean {
  return model.apiStyle === "embedding";
}

/** `131k`; exact in `exactContext`. */
export function context(model: CatalogModel): string {
  return short(model.contextWindow);
}

export function exactContext(model: CatalogModel): string {
  return `${count(model.contextWindow)} tokens`;
}

/** `3.61B - 20.9B`, active and total; one figure where all work on each token. */
export function parameters(model: CatalogModel): string {
  const { parameterCountActive: active, parameterCountTotal: total } = model;
  if (total === null) return "Unknown";
  if (active === null || active === total) return short(total);
  return `${short(active)} - ${short(total)}`;
}

export function launched(model: CatalogModel): string {
  return model.launchDate ? day(new Date(model.launchDate)) : "Unknown";
}

/** What is going to happen to a model, or has: in a sentence; empty where nothing is. */
export function lifecycleNote(model: CatalogModel): string {
  const instead = model.replacement ? `; use ${model.replacement} instead` : "";
  switch (model.lifecycleStage) {
    case "deprecated":
      return `Deprecated${model.deprecationDate ? ` since ${model.deprecationDate}` : ""}${
        model.retirementDate ? `, retires on ${model.retirementDate}` : ""
      }${instead}.`;
    case "retired":
      return `Retired${model.retirementDate ? ` on ${model.retirementDate}` : ""}${instead}.`;
    case "experimental":
      return "Experimental: it may change or go without notice.";
    default:
      return model.retirementDate ? `Retires on ${model.retirementDate}${instead}.` : "";
  }
}

export type Feature = CatalogModel["badges"][number];

const FEATURES: Record<Feature["feature"], string> = {
  stream: "Streaming",
  tools: "Tool calling",
  json_object: "JSON mode",
  json_schema: "Structured output",
  reasoning: "Reasoning",
  vision: "Vision",
  logprobs: "Log probabilities",
  n: "Several choices",
  seed: "Seed",
  stop: "Stop sequences",
  usage: "Usage",
  cancel: "Cancelling",
  context: "Full context",
};

export function featureName(feature: Feature["feature"]): string {
  return FEATURES[feature];
}

/** What a probe found, in a word. */
export function featureState(badge: Feature): string {
  switch (badge.state) {
    case "works":
      return "Works";
    case "also-works":
      return "Works, though its card does not claim it";
    case "broken":
      return "Broken";
    case "absent":
      return "Not there";
    case "unknown":
      return "Claimed, not probed yet";
  }
}

/** Of a model that was never probed: what its card claims, as badges of nobody's finding. */
export function features(model: CatalogModel): Feature[] {
  if (model.badges.length > 0 || isEmbedding(model)) return model.badges;
  const claimed: [Feature["feature"], boolean][] = [
    ["tools", model.featureToolCalling],
    ["json_object", model.featureJsonMode],
    ["json_schema", model.featureStructuredOutput],
    ["reasoning", model.featureReasoning],
    ["vision", model.modalitiesInput.includes("Vision")],
  ];
  return claimed
    .filter(([, has]) => has)
    .map(([feature]) => ({ feature, state: "unknown", checkedAt: null, detail: "" }));
}

/** The few badges that fit on a card: what people choose a model by. */
export function cardFeatures(model: CatalogModel): Feature[] {
  const shown: Feature["feature"][] = ["tools", "json_schema", "reasoning"];
  return features(model).filter((badge) => shown.includes(badge.feature) && badge.state !== "absent");
}
