/** Feedback in words, and what people are asked by an annotation. Pure. */

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

export type Answer =
  | { is: "choice"; options: { label: string; value: unknown }[] }
  | { is: "number"; isWhole: boolean; min: number | undefined; max: number | undefined }
  | { is: "text"; most: number };

export interface Question {
  name: string;
  ref: string;
  label: string;
  description: string;
  answer: Answer;
}

const TEXT_CHARS = 1_000;

/** What an `AnnotationSpec` asks; its `field_schema` is JSON Schema, of which the client writes these forms. */
export function questionOf(spec: { name: string; ref: string; val: unknown }): Question {
  const val = isObject(spec.val) ? spec.val : {};
  const schema = isObject(val.field_schema) ? val.field_schema : {};
  return {
    name: spec.name,
    ref: spec.ref,
    label: typeof val.name === "string" && val.name !== "" ? val.name : spec.name,
    description: typeof val.description === "string" ? val.description : "",
    answer: answerOf(schema),
  };
}

function answerOf(schema: Record<string, unknown>): Answer {
  if (Array.isArray(schema.enum))
    return { is: "choice", options: schema.enum.map((value) => ({ label: String(value), value })) };
  if (schema.type === "boolean")
    return {
      is: "choice",
      options: [
        { label: "Yes", value: true },
        { label: "No", value: false },
      ],
    };
  if (schema.type === "number" || schema.type === "integer")
    return {
      is: "number",
      isWhole: schema.type === "integer",
      min: numberIn(schema.minimum),
      max: numberIn(schema.maximum),
    };
  return { is: "text", most: numberIn(schema.maxLength) ?? TEXT_CHARS };
}

/** What somebody typed or chose as the annotation's value; undefined where it is none. */
export function answerIn(answer: Answer, typed: string): unknown {
  if (answer.is === "choice") return answer.options[Number(typed)]?.value;
  if (answer.is === "text") return typed === "" ? undefined : typed;
  const number = Number(typed);
  if (typed.trim() === "" || !Number.isFinite(number)) return undefined;
  if (answer.isWhole && !Number.isInteger(number)) return undefined;
  if (number < (answer.min ?? number) || number > (answer.max ?? number)) return undefined;
  return number;
}

function numberIn(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
