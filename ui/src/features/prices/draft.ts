/** A price that is being written: dollars as typed to what the server takes, exactly. Pure. */

import type { Schema } from "~/api/client";
import { exactUsd, nusd, parseUsd } from "~/lib/money";

export interface Draft {
  model: string;
  day: string;
  input: string;
  output: string;
  cached: string;
  source: string;
  note: string;
}

export const FIGURE_LABELS: Record<string, string> = {
  input_nusd_per_mtok: "Input",
  output_nusd_per_mtok: "Output",
  cached_input_nusd_per_mtok: "Cached input",
};

/** A draft that follows a price: its figures to start from. */
export function draftOf(model: string, day: string, before: Schema<"DatedPrice"> | undefined): Draft {
  const dollars = (text: string | undefined) =>
    text === undefined ? "" : exactUsd(nusd(text)).replace(/[$,]/g, "");
  return {
    model,
    day,
    input: dollars(before?.input_nusd_per_mtok),
    output: dollars(before?.output_nusd_per_mtok),
    cached:
      before && before.cached_input_nusd_per_mtok !== before.input_nusd_per_mtok
        ? dollars(before.cached_input_nusd_per_mtok)
        : "",
    source: "",
    note: "",
  };
}

/** What is wrong with each field that was typed; nothing where all is well. */
export function mistakes(draft: Draft): Partial<Record<keyof Draft, string>> {
  const found: Partial<Record<keyof Draft, string>> = {};
  for (const field of ["input", "output", "cached"] as const) {
    if (field === "cached" && draft.cached.trim() === "") continue;
    if (parseUsd(draft[field]) === null) found[field] = "Write dollars per million tokens, such as 0.55.";
  }
  if (!/^\d{4}-\d{2}-\d{2}$/.test(draft.day)) found.day = "Choose a day.";
  return found;
}

/** What the server judges; null while something is missing. */
export function request(draft: Draft): Schema<"PriceRequest"> | null {
  const input = parseUsd(draft.input);
  const output = parseUsd(draft.output);
  const cached = draft.cached.trim() === "" ? input : parseUsd(draft.cached);
  if (input === null || output === null || cached === null || Object.keys(mistakes(draft)).length > 0)
    return null;
  return {
    model: draft.model,
    effective_on: draft.day,
    input_nusd_per_mtok: input.toString(),
    output_nusd_per_mtok: output.toString(),
    cached_input_nusd_per_mtok: cached.toString(),
  };
}

/** How a figure changed: `+50 %`, `× 12.5`, `÷ 20`; empty where nothing can be said. */
export function step(before: string | null, after: string): string {
  if (before === null) return "new";
  const old = nusd(before);
  const now = nusd(after);
  if (old === now) return "as before";
  if (old === 0n || now === 0n) return now === 0n ? "free from then on" : "was free";
  const ratio = Number((now * 10_000n) / old) / 10_000;
  if (ratio >= 2) return `× ${round(ratio)}`;
  if (ratio <= 0.5) return `÷ ${round(Number((old * 10_000n) / now) / 10_000)}`;
  const change = (ratio - 1) * 100;
  return `${change > 0 ? "+" : "−"}${round(Math.abs(change))} %`;
}

function round(value: number): string {
  return String(Number(value.toPrecision(3)));
}
