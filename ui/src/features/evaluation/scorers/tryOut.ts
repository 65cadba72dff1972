/** What a scorer says of one answer, worked out here as the server does it (src/weft/evals/runs/scorers.py). Pure. */

import { textOf } from "../draft/templates";
import type { ScorerDraft } from "../draft/types";
import { fits } from "./schema";

export interface Verdict {
  /** True or false; null where it cannot be told here. */
  passed: boolean | null;
  /** In a few words. */
  why: string;
}

const TEXT_CHARS = 20_000;
const NUMBER = /[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][-+]?\d{1,3})?/g;

/** The verdict on an answer to a row whose target is `target`. Judges and scorers of others are not tried here. */
export function tryOut(scorer: ScorerDraft, answer: string, target: unknown): Verdict {
  switch (scorer.kind) {
    case "exact": {
      const [said, wanted] = pair(scorer, answer, textOf(target));
      const passed = said.trim() === wanted.trim();
      return { passed, why: passed ? "the same text" : "not the same text" };
    }
    case "contains": {
      const [said, wanted] = pair(scorer, answer, textOf(target));
      const passed = said.includes(wanted);
      return { passed, why: passed ? "the answer holds the text" : "the answer does not hold the text" };
    }
    case "regex":
      return byPattern(scorer, answer, textOf(target));
    case "json_schema":
      return bySchema(scorer.schema, answer);
    case "numeric":
      return byNumber(scorer, answer, target);
    default:
      return { passed: null, why: "it is run with the evaluation" };
  }
}

function pair(scorer: ScorerDraft, answer: string, target: string): [string, string] {
  return scorer.ignoreCase ? [answer.toLowerCase(), target.toLowerCase()] : [answer, target];
}

function byPattern(scorer: ScorerDraft, answer: string, target: string): Verdict {
  let pattern: RegExp;
  try {
    pattern = new RegExp(scorer.pattern || target, scorer.ignoreCase ? "iu" : "u");
  } catch {
    return { passed: null, why: "the browser cannot read this pattern; the server has the last word" };
  }
  const passed = pattern.test(answer.slice(0, TEXT_CHARS));
  return { passed, why: passed ? "the pattern is found" : "the pattern is not found" };
}

function bySchema(text: string, answer: string): Verdict {
  let value: unknown;
  try {
    value = JSON.parse(answer);
  } catch {
    return { passed: false, why: "the answer is no JSON" };
  }
  try {
    const fitting = fits(value, JSON.parse(text || "{}"));
    if (fitting === null) return { passed: null, why: "JSON; the server checks the rest of the schema" };
    return {
      passed: fitting,
      why: fitting ? "JSON that fits the schema" : "JSON that does not fit the schema",
    };
  } catch {
    return { passed: null, why: "the schema is no JSON" };
  }
}

function byNumber(scorer: ScorerDraft, answer: string, target: unknown): Verdict {
  const wanted = numberIn(target);
  if (wanted === null) return { passed: null, why: "what is expected is no number" };
  const said = numberIn(answer);
  if (said === null) return { passed: false, why: "the answer has no number" };
  const error = Math.abs(said - wanted);
  const allowed = Math.max(
    Number(scorer.absolute) || 0,
    ((Number(scorer.relative) || 0) / 100) * Math.abs(wanted),
  );
  return { passed: error <= allowed, why: `${said} is off by ${Number(error.toPrecision(6))}` };
}

/** A number, or the last one in a text: models say it at the end. */
function numberIn(value: unknown): number | null {
  if (typeof value === "number") return value;
  if (typeof value !== "string") return null;
  const found = value.match(NUMBER)?.at(-1);
  if (found === undefined) return null;
  const number = Number(found.replaceAll(",", ""));
  return Number.isFinite(number) ? number : null;
}
