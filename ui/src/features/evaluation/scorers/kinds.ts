import type { ScorerDraft } from "../draft/types";

/** The kinds of scorers, in words. */
export const KINDS: { kind: Exclude<ScorerDraft["kind"], "saved">; label: string; does: string }[] = [
  { kind: "exact", label: "Exact match", does: "The answer is the expected text, spaces around it aside." },
  { kind: "contains", label: "Contains", does: "The answer holds the expected text." },
  { kind: "regex", label: "Regular expression", does: "A pattern is found anywhere in the answer." },
  { kind: "json_schema", label: "JSON schema", does: "The answer is JSON that fits a schema." },
  { kind: "numeric", label: "Number", does: "The last number of the answer is close to the expected one." },
  {
    kind: "judge",
    label: "LLM judge",
    does: "Another model says whether the answer is good. It costs tokens of its own.",
  },
];

export function labelOf(kind: ScorerDraft["kind"]): string {
  return KINDS.find((one) => one.kind === kind)?.label ?? "Published scorer";
}
