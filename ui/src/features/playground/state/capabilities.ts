/** What a model can do, from its row of the catalog, and why a setting makes no sense for it. */

import type { ModelFacts } from "./request";
import type { Chat } from "./types";

/** The parts of a catalog row that matter here. */
export interface CatalogModel {
  readonly id: string;
  readonly label: string;
  readonly provider: string;
  readonly contextWindow: number;
  readonly apiStyle: string;
  readonly state: "asleep" | "not-runnable" | "ready" | "stand-in";
  readonly runnable: boolean;
  readonly standIn: boolean;
  readonly needs: readonly string[];
  readonly lifecycleStage: string;
  readonly idPlayground: string | null;
  readonly featureToolCalling: boolean;
  readonly featureJsonMode: boolean;
  readonly featureStructuredOutput: boolean;
  readonly modalitiesInput: readonly string[];
  readonly badges: readonly { readonly feature: string; readonly state: string; readonly detail: string }[];
}

export type Capability = "tools" | "json_object" | "json_schema" | "vision" | "n" | "stop" | "stream";

const CANNOT: Readonly<Record<Capability, string>> = {
  tools: "calls no functions",
  json_object: "has no JSON mode",
  json_schema: "keeps to no JSON schema",
  vision: "reads text only, no images",
  n: "gives one answer at a time",
  stop: "does not end at stop sequences",
  stream: "does not stream",
};

/**
 * Why `model` cannot do this, in a sentence; null where it can, or where nobody knows: the server has the last word.
 * A stand-in answers with what it can; what it must leave out, the answer says.
 */
export function cannot(model: CatalogModel | null, wanted: Capability): string | null {
  if (model === null) return null;
  const badge = model.badges.find((each) => each.feature === wanted);
  if (badge?.state === "broken") return `${model.label}: the last probe found this broken (${badge.detail}).`;
  return claims(model, wanted) ? null : `${model.label} ${CANNOT[wanted]}.`;
}

function claims(model: CatalogModel, wanted: Capability): boolean {
  switch (wanted) {
    case "tools":
      return model.featureToolCalling;
    case "json_object":
      return model.featureJsonMode;
    case "json_schema":
      return model.featureStructuredOutput;
    case "vision":
      return model.modalitiesInput.some((name) => name.toLowerCase() === "vision");
    default:
      return true;
  }
}

export function factsOf(model: CatalogModel | null): ModelFacts {
  return {
    limitTokens: model?.contextWindow ?? null,
    streams: cannot(model, "stream") === null,
  };
}

/** What the chat asks for and its model cannot do: each a sentence, shown above the composer. */
export function conflicts(chat: Chat, model: CatalogModel | null): string[] {
  const { responseFormat, functions } = chat.settings;
  const wanted: [Capability, boolean][] = [
    ["tools", functions.length > 0],
    ["json_object", responseFormat.type === "json_object"],
    ["json_schema", responseFormat.type === "json_schema"],
    ["vision", [...chat.prompt, ...chat.messages].some((message) => message.images.length > 0)],
    ["n", chat.settings.trials > 1],
    ["stop", chat.settings.stop.length > 0],
  ];
  return wanted.flatMap(([capability, isWanted]) => (isWanted ? (cannot(model, capability) ?? []) : []));
}

/** The state of a model in a word or two, and whether it can be chosen. */
export function stateOf(model: CatalogModel): { word: string; explanation: string; isUsable: boolean } {
  if (model.lifecycleStage === "retired")
    return { word: "retired", explanation: "This model was withdrawn.", isUsable: false };
  if (model.apiStyle !== "chat")
    return {
      word: "embeddings",
      explanation: "This model makes vectors; it does not chat.",
      isUsable: false,
    };
  switch (model.state) {
    case "ready":
      return { word: "", explanation: "Ready: answers at once.", isUsable: true };
    case "asleep":
      return { word: "asleep", explanation: "Asleep: wakes with the first message.", isUsable: true };
    case "stand-in":
      return {
        word: "stand-in",
        explanation: "This model cannot run here; a small stand-in answers in its place.",
        isUsable: true,
      };
    case "not-runnable": {
      const needs = model.needs.length > 0 ? ` It needs ${model.needs.join(", or ")}.` : "";
      return { word: "not runnable", explanation: `This model cannot run here.${needs}`, isUsable: false };
    }
  }
}
