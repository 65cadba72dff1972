/** What the address of the Inference page says: kind of model, words, state, order. Pure. */

import type { CatalogModel } from "~/api/catalog";
import { nusd } from "~/lib/money";
import { type StageOf, type StatusKey, statusOf } from "./status";

export const KINDS = [
  { value: "all", label: "All" },
  { value: "text", label: "Text" },
  { value: "vision", label: "Vision" },
  { value: "embedding", label: "Embedding" },
] as const;

export const SORTS = [
  { value: "popular", label: "Popularity" },
  { value: "newest", label: "Newest" },
  { value: "input-low", label: "Input price: low to high" },
  { value: "input-high", label: "Input price: high to low" },
  { value: "output-low", label: "Output price: low to high" },
  { value: "output-high", label: "Output price: high to low" },
  { value: "context", label: "Biggest context window" },
] as const;

export const STATES = [
  { value: "any", label: "Any state" },
  { value: "ready", label: "Ready" },
  { value: "starting", label: "Starting" },
  { value: "asleep", label: "Asleep" },
  { value: "stand-in", label: "Stand-in answers" },
  { value: "not-runnable", label: "Not runnable here" },
  { value: "failed", label: "Failed" },
  { value: "retired", label: "Retired" },
] as const;

export type Kind = (typeof KINDS)[number]["value"];
export type SortBy = (typeof SORTS)[number]["value"];
export type StateFilter = (typeof STATES)[number]["value"];

/** The parts of the address; what is left out has its first value. */
export interface ModelSearch {
  kind?: Exclude<Kind, "all">;
  q?: string;
  state?: Exclude<StateFilter, "any">;
  sort?: Exclude<SortBy, "popular">;
}

const MAX_WORDS_CHARS = 200;

/** Only what we know comes through; an old or mistyped address shows everything. */
export function readSearch(raw: Record<string, unknown>): ModelSearch {
  const found: ModelSearch = {};
  const kind = oneOf(KINDS, raw.kind);
  if (kind !== null && kind !== "all") found.kind = kind;
  const state = oneOf(STATES, raw.state);
  if (state !== null && state !== "any") found.state = state;
  const sort = oneOf(SORTS, raw.sort);
  if (sort !== null && sort !== "popular") found.sort = sort;
  // Words that are JSON arrive as what they are: `120`, `true`.
  const q = ["number", "boolean"].includes(typeof raw.q) ? String(raw.q) : raw.q;
  if (typeof q === "string" && q.trim() !== "") found.q = q.slice(0, MAX_WORDS_CHARS);
  return found;
}

function oneOf<Value extends string>(options: readonly { value: Value }[], given: unknown): Value | null {
  return options.find((option) => option.value === given)?.value ?? null;
}

/** The models to show, in order. */
export function chooseModels(
  models: readonly CatalogModel[],
  search: ModelSearch,
  stageOf: StageOf,
): CatalogModel[] {
  const words = (search.q ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  return models
    .filter(
      (model) =>
        isOfKind(model, search.kind ?? "all") &&
        hasWords(model, words) &&
        hasState(statusOf(model, stageOf(model.id)).key, search.state ?? "any"),
    )
    .sort(ORDERS[search.sort ?? "popular"]);
}

export function isOfKind(model: CatalogModel, kind: Kind): boolean {
  switch (kind) {
    case "all":
      return true;
    case "text":
      return model.modalitiesOutput.includes("Text");
    case "vision":
      return model.modalitiesInput.includes("Vision");
    case "embedding":
      return model.modalitiesOutput.includes("Embedding");
  }
}

function hasWords(model: CatalogModel, words: string[]): boolean {
  if (words.length === 0) return true;
  const text = [
    model.id,
    model.label,
    model.provider,
    model.descriptionShort,
    ...model.tags,
    ...model.aliases,
  ]
    .join("\n")
    .toLowerCase();
  return words.every((word) => text.includes(word));
}

function hasState(key: StatusKey, wanted: StateFilter): boolean {
  if (wanted === "any") return true;
  if (wanted === "starting") return key === "starting" || key === "waiting";
  return key === wanted;
}

type Order = (a: CatalogModel, b: CatalogModel) => number;

/** Likes on the hub where the card tells them; then what runs here itself, then the newest: nothing that changes by the minute. */
const popular: Order = (a, b) =>
  retired(a) - retired(b) ||
  (b.likesHuggingFace ?? -1) - (a.likesHuggingFace ?? -1) ||
  ownEngine(b) - ownEngine(a) ||
  newest(a, b);

const newest: Order = (a, b) => (b.launchDate ?? "").localeCompare(a.launchDate ?? "") || byId(a, b);

const ORDERS: Record<SortBy, Order> = {
  popular,
  newest,
  "input-low": (a, b) => money(input(a), input(b)) || byId(a, b),
  "input-high": (a, b) => money(input(b), input(a)) || byId(a, b),
  "output-low": (a, b) => money(output(a), output(b)) || byId(a, b),
  "output-high": (a, b) => money(output(b), output(a)) || byId(a, b),
  context: (a, b) => b.contextWindow - a.contextWindow || byId(a, b),
};

const byId: Order = (a, b) => a.id.toLowerCase().localeCompare(b.id.toLowerCase());
const retired = (model: CatalogModel) => Number(model.lifecycleStage === "retired");
const ownEngine = (model: CatalogModel) => Number(model.runnable && !model.standIn);
const input = (model: CatalogModel) => nusd(model.prices.current.inputNusdPerMtok);
const output = (model: CatalogModel) => nusd(model.prices.current.outputNusdPerMtok);
const money = (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0);

/** The selection after a click on the card of `id`. */
export function toggled(selected: readonly string[], id: string): string[] {
  return selected.includes(id) ? selected.filter((one) => one !== id) : [...selected, id];
}

/** The ids of an address's `models`: an array, one text, or several joined by commas. */
export function readIds(raw: unknown, most = 16): string[] {
  const list = Array.isArray(raw) ? raw : typeof raw === "string" ? raw.split(",") : [];
  const ids = list.filter((id): id is string => typeof id === "string" && id !== "" && id.length <= 200);
  return [...new Set(ids)].slice(0, most);
}
