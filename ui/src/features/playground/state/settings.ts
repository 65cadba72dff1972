/** The settings of a chat: their ranges, their defaults, and which of them somebody changed. */

import type { ChatSettings, ResponseFormat } from "./types";

export interface Range {
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

export const RANGES = {
  trials: { min: 1, max: 100, step: 1 },
  temperature: { min: 0, max: 2, step: 0.01 },
  topP: { min: 0, max: 1, step: 0.01 },
  frequencyPenalty: { min: 0, max: 1, step: 0.01 },
  presencePenalty: { min: 0, max: 1, step: 0.01 },
} as const satisfies Partial<Record<keyof ChatSettings, Range>>;

export const MAX_STOP_SEQUENCES = 16;
export const MAX_STOP_BYTES = 512;
export const MAX_FUNCTIONS = 128;
/** Where the model's limit is not known. */
export const UNKNOWN_LIMIT_TOKENS = 4096;

export const DEFAULTS: ChatSettings = {
  responseFormat: { type: "text" },
  functions: [],
  stop: [],
  trials: 1,
  maxTokens: null,
  temperature: 1,
  topP: 1,
  frequencyPenalty: 0,
  presencePenalty: 0,
  track: true,
};

export function maxTokensRange(limitTokens: number | null): Range {
  return { min: 0, max: Math.max(1, limitTokens ?? UNKNOWN_LIMIT_TOKENS), step: 1 };
}

/** What is sent as `max_tokens`; null sends none. */
export function maxTokensOf(settings: ChatSettings, limitTokens: number | null): number | null {
  const { max } = maxTokensRange(limitTokens);
  if (settings.maxTokens === null) return limitTokens === null ? null : Math.max(1, Math.floor(max / 2));
  const wanted = limitTokens === null ? settings.maxTokens : Math.min(settings.maxTokens, max);
  return wanted === 0 ? null : wanted;
}

/** The nearest value that the range has; what is no number becomes `otherwise`. */
export function clamp(value: number, { min, max, step }: Range, otherwise = min): number {
  if (!Number.isFinite(value)) return otherwise;
  const stepped = min + Math.round((value - min) / step) * step;
  const decimals = (step.toString().split(".")[1] ?? "").length;
  return Number(Math.min(max, Math.max(min, stepped)).toFixed(decimals));
}

/** Each changed setting in a few words, for the label of the settings button. */
export function changedSettings(settings: ChatSettings): string[] {
  const changed: string[] = [];
  const say = (words: string, isChanged: boolean) => isChanged && changed.push(words);
  const { responseFormat: format, functions, stop } = settings;
  say(`Response format: ${formatName(format)}`, format.type !== "text");
  say(`Functions: ${functions.map((each) => each.name).join(", ")}`, functions.length > 0);
  say(`Stop sequences: ${stop.map((each) => JSON.stringify(each)).join(", ")}`, stop.length > 0);
  say(`Number of trials: ${settings.trials}`, settings.trials !== DEFAULTS.trials);
  say(
    `Maximum tokens: ${settings.maxTokens === 0 ? "no limit" : settings.maxTokens}`,
    settings.maxTokens !== null,
  );
  say(`Temperature: ${settings.temperature}`, settings.temperature !== DEFAULTS.temperature);
  say(`Top P: ${settings.topP}`, settings.topP !== DEFAULTS.topP);
  say(`Frequency penalty: ${settings.frequencyPenalty}`, settings.frequencyPenalty !== 0);
  say(`Presence penalty: ${settings.presencePenalty}`, settings.presencePenalty !== 0);
  say("Not tracked with Weave", !settings.track);
  return changed;
}

export function formatName(format: ResponseFormat): string {
  return format.type === "json_schema" ? `json_schema (${format.name})` : format.type;
}

/** Why `text` cannot be a stop sequence beside the others, or null. */
export function stopProblem(text: string, others: readonly string[]): string | null {
  if (text === "") return "A stop sequence cannot be empty.";
  if (new TextEncoder().encode(text).length > MAX_STOP_BYTES)
    return `A stop sequence has at most ${MAX_STOP_BYTES} bytes.`;
  if (others.includes(text)) return "This stop sequence is there already.";
  if (others.length >= MAX_STOP_SEQUENCES) return `There are at most ${MAX_STOP_SEQUENCES} stop sequences.`;
  return null;
}
