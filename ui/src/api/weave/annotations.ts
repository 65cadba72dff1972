/** What people are asked about calls: objects of the class `AnnotationSpec`. Pure but for what asks. */

import { queryOptions } from "@tanstack/react-query";
import { createObject, findObjects } from "./objects";
import { objectRef, readRefs, refOf } from "./refs";

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

/** The newest version of each question of a project. */
export const specsQuery = (of: string) =>
  queryOptions({
    queryKey: ["weave", of, "annotation-specs"],
    queryFn: async ({ signal }) => {
      const asked = {
        filter: { base_object_classes: ["AnnotationSpec"], latest_only: true },
        limit: 100,
      };
      return (await findObjects(of, asked, signal)).map((spec) => ({
        name: spec.object_id,
        ref: objectRef(of, spec.object_id, spec.digest),
        val: spec.val,
      }));
    },
    staleTime: 60_000,
  });

/** The questions that references lead to, without those that are gone. */
export async function readQuestions(refs: string[], signal?: AbortSignal): Promise<Question[]> {
  const values = await readRefs(refs, signal);
  return refs.flatMap((ref, at) => {
    const name = refOf(ref)?.name;
    const val = values[at];
    return name && val !== null && val !== undefined ? [questionOf({ name, ref, val })] : [];
  });
}

/** Publish a question as the client's own object; its reference. */
export async function publishQuestion(
  project: string,
  id: string,
  asked: { name: string; description: string; schema: Record<string, unknown> },
): Promise<string> {
  const { digest } = await createObject(project, id, {
    _type: "AnnotationSpec",
    name: asked.name,
    description: asked.description || null,
    field_schema: asked.schema,
    unique_among_creators: false,
    op_scope: null,
    _class_name: "AnnotationSpec",
    _bases: ["BaseObject", "BaseModel"],
  });
  return objectRef(project, id, digest);
}

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
  if (typed.trim() === "") return undefined;
  if (answer.is === "choice") return answer.options[Number(typed)]?.value;
  if (answer.is === "text") return typed;
  const number = Number(typed);
  if (!Number.isFinite(number)) return undefined;
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
