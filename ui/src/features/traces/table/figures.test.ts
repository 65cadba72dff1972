import { expect, test } from "vitest";
import type { Call, Feedback } from "~/api/weave/calls";
import { costOf, feedbackOf, statusOf, tokensOf } from "./figures";

const call = (more: Partial<Call>): Call => ({
  id: "1",
  project_id: "a/b",
  trace_id: "t",
  op_name: "op",
  started_at: "2026-11-28T00:00:00Z",
  ...more,
});

test("tokens are summed over models, in the words of either API", () => {
  const usage = {
    a: { prompt_tokens: 3, completion_tokens: 4 },
    b: { input_tokens: 10, output_tokens: 20 },
  };
  expect(tokensOf(call({ summary: { usage } }))).toEqual({ input: 13, output: 24 });
  expect(tokensOf(call({ summary: {} }))).toBeNull();
});

test("a cost is what was charged, else what prices make of the tokens", () => {
  const costs = { a: { prompt_tokens_total_cost: 0.000_000_1, completion_tokens_total_cost: 0.5 } };
  expect(costOf(call({ summary: { weave: { costs } } }))).toBe(500_000_100n);
  expect(costOf(call({ summary: { weft: { cost_nusd: "7" }, weave: { costs } } }))).toBe(7n);
  expect(costOf(call({ summary: { weave: { costs: {} } } }))).toBeNull();
});

test("a status is told, or follows from what is there", () => {
  expect(statusOf(call({ summary: { weave: { status: "descendant_error" } } }))).toBe("descendant_error");
  expect(statusOf(call({}))).toBe("running");
  expect(statusOf(call({ exception: "x" }))).toBe("error");
});

test("feedback is summed up by its kind", () => {
  const one = (feedback_type: string, payload: Record<string, unknown>): Feedback => ({
    id: "f",
    weave_ref: "r",
    created_at: "",
    feedback_type,
    payload,
  });
  expect(
    feedbackOf([
      one("wandb.reaction.1", { emoji: "👍" }),
      one("wandb.reaction.1", { emoji: "👍" }),
      one("wandb.note.1", { note: "good" }),
      one("wandb.runnable.judge", { output: { score: 1 } }),
    ]),
  ).toEqual({
    emoji: [["👍", 2]],
    notes: 1,
    results: [{ field: "wandb.runnable.judge", name: "judge", value: { score: 1 } }],
  });
});
