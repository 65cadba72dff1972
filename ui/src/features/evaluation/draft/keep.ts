/** Keeps the draft of a project for this tab, so that a reload loses nothing. Bounded, and never in the way. */

import { newDraft, newScorer } from "./make";
import type { DatasetDraft, Draft, ModelDraft, ScorerDraft } from "./types";

/** Browsers give a site about 5 MB of characters; the rest of the console keeps things, too. */
export const MAX_KEPT_CHARS = 2_000_000;

export interface Kept {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

export function keyOf(team: string, project: string): string {
  return `weft.evaluation/${team}/${project}`;
}

/** What was kept; a new one where there is nothing that can be read. Fields that came later have their beginnings. */
export function restore(store: Kept, key: string): Draft {
  const fresh = newDraft();
  try {
    const kept: unknown = JSON.parse(store.getItem(key) ?? "null");
    if (!isObject(kept)) return fresh;
    const told = kept as Partial<Draft>;
    return {
      ...fresh,
      ...told,
      input: { ...fresh.input, ...told.input },
      budget: { ...fresh.budget, ...told.budget },
      dataset: isObject(told.dataset) ? (told.dataset as DatasetDraft) : null,
      models: listOf<ModelDraft>(told.models),
      scorers: listOf<ScorerDraft>(told.scorers).map((one) => ({ ...newScorer(one.kind, []), ...one })),
    };
  } catch {
    return fresh;
  }
}

/**
 * Keep `draft`. Rows that are published are not kept: they are read again. False where rows that are not published did
 * not fit; all else is kept then.
 */
export function keep(store: Kept, key: string, draft: Draft): boolean {
  const { dataset } = draft;
  const whole = dataset?.published ? { ...draft, dataset: { ...dataset, sheet: null } } : draft;
  for (const [one, isWhole] of [
    [whole, true],
    [{ ...draft, dataset: null }, false],
  ] as const) {
    const text = JSON.stringify(one);
    if (text.length > MAX_KEPT_CHARS) continue;
    try {
      store.setItem(key, text);
      return isWhole;
    } catch {
      // Full, or not allowed: try with less.
    }
  }
  return false;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function listOf<One>(value: unknown): One[] {
  return Array.isArray(value) ? value.filter(isObject).map((one) => one as One) : [];
}
