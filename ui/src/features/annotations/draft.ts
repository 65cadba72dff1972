/** A question that is being written. Pure. */

export type QuestionKind = "yes-no" | "choice" | "number" | "text";

export interface QuestionDraft {
  name: string;
  description: string;
  kind: QuestionKind;
  /** A line each. */
  options: string;
  least: string;
  most: string;
}

export const NO_QUESTION: QuestionDraft = {
  name: "",
  description: "",
  kind: "yes-no",
  options: "",
  least: "",
  most: "",
};

/** Its JSON Schema, in the forms that the client writes; null while something is missing or wrong. */
export function schemaOf(draft: QuestionDraft): Record<string, unknown> | null {
  if (draft.kind === "yes-no") return { type: "boolean" };
  if (draft.kind === "text") return { type: "string" };
  if (draft.kind === "choice") {
    const options = [...new Set(draft.options.split("\n").map((line) => line.trim()))].filter(Boolean);
    return options.length > 1 ? { type: "string", enum: options } : null;
  }
  const [minimum, maximum] = [boundIn(draft.least), boundIn(draft.most)];
  if (Number.isNaN(minimum) || Number.isNaN(maximum)) return null;
  if (minimum !== undefined && maximum !== undefined && minimum >= maximum) return null;
  return {
    type: "number",
    ...(minimum !== undefined && { minimum }),
    ...(maximum !== undefined && { maximum }),
  };
}

function boundIn(text: string): number | undefined {
  return text.trim() === "" ? undefined : Number(text);
}
