/** Models side by side: rows of facts, how each differs from the baseline, and which is best. Pure. */

import type { CatalogModel } from "~/api/catalog";
import type { Schema } from "~/api/client";
import { count, duration, short } from "~/lib/format";
import { pricePerMillion } from "~/lib/money";
import { isEmbedding, launched } from "./describe";
import { readIds } from "./search";

export type Speed = Schema<"ModelSpeed">;

export interface CompareSearch {
  models?: string[];
  baseline?: string;
  differences?: true;
  plot?: string[];
}

export const MOST_COMPARED = 8;

export function readCompare(raw: Record<string, unknown>): CompareSearch {
  const found: CompareSearch = {};
  const models = readIds(raw.models, MOST_COMPARED);
  if (models.length > 0) found.models = models;
  if (typeof raw.baseline === "string" && models.includes(raw.baseline)) found.baseline = raw.baseline;
  if (raw.differences === true || raw.differences === "true") found.differences = true;
  const plot = readIds(raw.plot, 6).filter((id) => PLOTTED.some((property) => property.id === id));
  if (plot.length > 0) found.plot = plot;
  return found;
}

export interface Cell {
  text: string;
  value: number | null;
  /** Against the baseline: `-40 %`; null where there is nothing to say. */
  difference: { text: string; tone: "good" | "bad" | "plain" } | null;
  isBest: boolean;
}

export interface Row {
  id: string;
  label: string;
  cells: Cell[];
  /** Whether any cell says something else than the baseline's. */
  differs: boolean;
  isLong: boolean;
}

interface Property {
  id: string;
  label: string;
  text: (model: CatalogModel, speed: Speed | undefined) => string;
  value?: (model: CatalogModel, speed: Speed | undefined) => number | null;
  better?: "lower" | "higher";
  isLong?: boolean;
  /** A value on an axis; short if not given. */
  axis?: (value: number) => string;
}

const NONE = "–";
const yes = (has: boolean) => (has ? "Yes" : "No");
/** Dollars as a number are for bars and percentages only; the text is exact. */
const dollars = (text: string) => Number(text) / 1e9;
const onAxis = (value: number) => `$${short(value)}`;

const PROPERTIES: Property[] = [
  { id: "description", label: "Description", text: (m) => m.descriptionShort || NONE, isLong: true },
  { id: "provider", label: "Provider", text: (m) => m.provider },
  { id: "source", label: "Source", text: (m) => m.source ?? NONE },
  { id: "modalities", label: "Modalities", text: (m) => m.modalities.join(", ") },
  { id: "hugging-face", label: "Hugging Face", text: (m) => m.idHuggingFace ?? NONE },
  {
    id: "likes",
    label: "Likes",
    text: (m) => orNone(m.likesHuggingFace, count),
    value: (m) => m.likesHuggingFace,
    better: "higher",
  },
  {
    id: "downloads",
    label: "Downloads",
    text: (m) => orNone(m.downloadsHuggingFace, count),
    value: (m) => m.downloadsHuggingFace,
    better: "higher",
  },
  {
    id: "input-price",
    label: "Input price per million tokens",
    text: (m) => pricePerMillion(m.prices.current.inputNusdPerMtok),
    value: (m) => dollars(m.prices.current.inputNusdPerMtok),
    axis: onAxis,
    better: "lower",
  },
  {
    id: "cached-price",
    label: "Cached input price per million tokens",
    text: (m) => pricePerMillion(m.prices.current.cachedInputNusdPerMtok),
    value: (m) => dollars(m.prices.current.cachedInputNusdPerMtok),
    axis: onAxis,
    better: "lower",
  },
  {
    id: "output-price",
    label: "Output price per million tokens",
    text: (m) => (isEmbedding(m) ? NONE : pricePerMillion(m.prices.current.outputNusdPerMtok)),
    value: (m) => (isEmbedding(m) ? null : dollars(m.prices.current.outputNusdPerMtok)),
    axis: onAxis,
    better: "lower",
  },
  {
    id: "context",
    label: "Context window",
    text: (m) => count(m.contextWindow),
    value: (m) => m.contextWindow,
    better: "higher",
  },
  {
    id: "total-parameters",
    label: "Total parameters",
    text: (m) => orNone(m.parameterCountTotal, short),
    value: (m) => m.parameterCountTotal,
  },
  {
    id: "active-parameters",
    label: "Active parameters",
    text: (m) => orNone(m.parameterCountActive, short),
    value: (m) => m.parameterCountActive,
  },
  {
    id: "speed",
    label: "Measured output tokens per second (median)",
    text: (_, s) => orNone(s?.output_tokens_per_s?.p50 ?? null, (value) => short(value)),
    value: (_, s) => s?.output_tokens_per_s?.p50 ?? null,
    better: "higher",
  },
  {
    id: "ttft",
    label: "Measured time to first token (median)",
    text: (_, s) => orNone(s?.ttft_ms?.p50 ?? null, (value) => duration(value / 1000)),
    value: (_, s) => s?.ttft_ms?.p50 ?? null,
    axis: (value) => duration(value / 1000),
    better: "lower",
  },
  { id: "tools", label: "Tool calling", text: (m) => yes(m.featureToolCalling) },
  { id: "json", label: "Structured output", text: (m) => yes(m.featureStructuredOutput) },
  { id: "reasoning", label: "Reasoning", text: (m) => yes(m.featureReasoning) },
  { id: "lora", label: "Adapters (LoRA)", text: (m) => yes(m.featureLoRA) },
  { id: "quantization", label: "Quantization", text: (m) => m.quantization ?? NONE },
  { id: "license", label: "License", text: (m) => m.license || NONE },
  { id: "launched", label: "Release date", text: launched },
];

/** What can be drawn: properties that are numbers. */
export const PLOTTED = PROPERTIES.filter((property) => property.value !== undefined).map(
  ({ id, label, axis }) => ({ id, label, axis: axis ?? short }),
);

/** The baseline first, then the others in the order they were chosen. */
export function ordered(models: readonly CatalogModel[], baseline: string | undefined): CatalogModel[] {
  return [...models].sort((a, b) => Number(b.id === baseline) - Number(a.id === baseline));
}

/** One row for each fact, one cell for each of `models`, of which the first is the baseline. */
export function compareRows(models: readonly CatalogModel[], speeds: ReadonlyMap<string, Speed>): Row[] {
  return PROPERTIES.map((property) => row(property, models, speeds));
}

function row(property: Property, models: readonly CatalogModel[], speeds: ReadonlyMap<string, Speed>): Row {
  const figures = models.map((model) => ({
    text: property.text(model, speeds.get(model.id)),
    value: property.value?.(model, speeds.get(model.id)) ?? null,
  }));
  const base = figures[0];
  const best = bestOf(
    figures.map((figure) => figure.value),
    property.better,
  );
  return {
    id: property.id,
    label: property.label,
    isLong: property.isLong ?? false,
    differs: figures.some((figure) => figure.text !== base?.text),
    cells: figures.map((figure, index) => ({
      ...figure,
      difference: index === 0 || !base ? null : difference(figure.value, base.value, property.better),
      isBest: best !== null && figure.value === best,
    })),
  };
}

/** The best value, where there is more than one and they are not all alike. */
function bestOf(values: readonly (number | null)[], better: Property["better"]): number | null {
  const known = values.filter((value): value is number => value !== null);
  if (!better || known.length < 2 || known.every((value) => value === known[0])) return null;
  return better === "lower" ? Math.min(...known) : Math.max(...known);
}

/** `+25 %` of the baseline, good or bad by what is better; `×4` and `÷200` where percentages say little. */
export function difference(
  value: number | null,
  base: number | null,
  better: "lower" | "higher" | undefined,
): Cell["difference"] {
  if (value === null || base === null) return null;
  if (value === base) return { text: "same", tone: "plain" };
  const isGood = better === undefined ? null : value < base === (better === "lower");
  const tone = isGood === null ? "plain" : isGood ? "good" : "bad";
  if (base === 0) return { text: "more", tone };
  const ratio = value / base;
  if (ratio >= 3) return { text: `×${short(Number(ratio.toPrecision(3)))}`, tone };
  if (ratio > 0 && ratio < 0.01) return { text: `÷${short(Number((1 / ratio).toPrecision(3)))}`, tone };
  const percent = (ratio - 1) * 100;
  const shown = Math.abs(percent) < 10 ? percent.toFixed(1).replace(/\.0$/, "") : percent.toFixed(0);
  return { text: `${percent > 0 ? "+" : "−"}${shown.replace("-", "")} %`, tone };
}

function orNone(value: number | null, shown: (value: number) => string): string {
  return value === null ? NONE : shown(value);
}
