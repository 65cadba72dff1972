/** A log that is followed: what is kept of it, and what is looked for in it. Pure. */

import type { Schema } from "~/api/client";

export const KEPT = 5_000;

export interface Followed {
  replica: string;
  /** Where to go on. */
  next: number;
  lines: { number: number; text: string }[];
  /** Lines that nobody has any more. */
  lost: number;
}

export const NOTHING: Followed = { replica: "", next: 0, lines: [], lost: 0 };

/** What was there with what came since; from the beginning where it is another replica's. */
export function follow(before: Followed, answer: Schema<"EngineLog">): Followed {
  const same = before.replica === answer.replica && before.next <= answer.next;
  const first = answer.next - answer.lines.length;
  const fresh = answer.lines.map((text, index) => ({ number: first + index + 1, text }));
  if (!same) return { replica: answer.replica, next: answer.next, lines: fresh, lost: answer.skipped };
  if (fresh.length === 0 && answer.skipped === 0) return before;
  const lines = [...before.lines, ...fresh.filter((line) => line.number > before.next)];
  return {
    replica: answer.replica,
    next: answer.next,
    lines: lines.slice(-KEPT),
    lost: before.lost + answer.skipped,
  };
}

/** The lines that hold a text, whatever its case. */
export function find(lines: Followed["lines"], wanted: string): Followed["lines"] {
  const text = wanted.trim().toLowerCase();
  return text ? lines.filter((line) => line.text.toLowerCase().includes(text)) : lines;
}
