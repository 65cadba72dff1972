/** Feedback in words. Pure. */

import type { Feedback } from "~/api/weave/calls";
import { type Ref, refOf } from "~/api/weave/refs";

export const REACTION = "wandb.reaction.1";
export const NOTE = "wandb.note.1";
const ANNOTATION = "wandb.annotation.";
const RUNNABLE = "wandb.runnable.";
export const NOTE_CHARS = 1024;
export const EMOJIS = ["👍", "👎", "❤️", "🎉", "🤔", "❌", "⭐", "🐛"] as const;

export const isScore = (one: Feedback): boolean => one.feedback_type.startsWith(RUNNABLE);

/** What kind of feedback it is, and what it says. */
export function wordsOf(one: Feedback): { kind: string; value: unknown } {
  const { payload, feedback_type: type } = one;
  if (type === REACTION) return { kind: "Reaction", value: payload.emoji };
  if (type === NOTE) return { kind: "Note", value: payload.note };
  if (type.startsWith(ANNOTATION)) return { kind: type.slice(ANNOTATION.length), value: payload.value };
  return { kind: type, value: payload };
}

export interface Score {
  id: string;
  scorer: string;
  scorerRef: Ref | null;
  callRef: Ref | null;
  /** A guardrail's verdict; null where it gave none. */
  passed: boolean | null;
  output: unknown;
  at: string;
}

/** What a scorer said of a call. */
export function scoreOf(one: Feedback): Score {
  const { output } = one.payload;
  const told =
    typeof output === "object" && output !== null ? (output as Record<string, unknown>).passed : output;
  return {
    id: one.id,
    scorer: one.feedback_type.slice(RUNNABLE.length),
    scorerRef: refOf(one.runnable_ref),
    callRef: refOf(one.call_ref),
    passed: typeof told === "boolean" ? told : null,
    output,
    at: one.created_at,
  };
}
