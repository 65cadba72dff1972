import { expect, test } from "vitest";
import type { EvalBatch } from "../draft/types";
import { nextBudget, secondsLeft, shareOf, spentShare, whyAndWhatNow } from "./words";

const BATCH = {
  state: "out_of_budget",
  budget_nusd: "1000",
  spent_nusd: "900",
  questions_done: 90,
  questions_total: 200,
  runs: [],
} as unknown as EvalBatch;

test("figures of a batch", () => {
  expect(shareOf(1, 4)).toBe(25);
  expect(shareOf(0, 0)).toBe(0);
  expect(spentShare(BATCH)).toBe(90);
  expect(spentShare({ ...BATCH, budget_nusd: null })).toBeNull();
  const runs = [{ seconds_left: 3 }, { seconds_left: null }, { seconds_left: 8 }] as EvalBatch["runs"];
  expect(secondsLeft({ state: "running", runs })).toBe(8);
  expect(secondsLeft({ state: "done", runs })).toBeNull();
});

test("the next budget pays for what is left", () => {
  expect(nextBudget(BATCH)).toBe(2_500n); // 2,000 for all, a fifth more, and the 100 that could not be spent
  expect(nextBudget({ ...BATCH, questions_done: 0 })).toBe(2_000n);
  expect(nextBudget({ ...BATCH, budget_nusd: null })).toBeNull();
  expect(nextBudget({ ...BATCH, questions_done: 200, spent_nusd: "10" })).toBe(1_002n);
});

test("why a batch stopped is told in sentences", () => {
  expect(whyAndWhatNow({ reason: "it stopped", remedy: "Resume it." })).toBe("It stopped. Resume it.");
  expect(whyAndWhatNow({ reason: "", remedy: "" })).toBe("");
});
