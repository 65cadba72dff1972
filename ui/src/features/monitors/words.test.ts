import { expect, test } from "vitest";
import { readingsOf } from "./readings";
import { figureText, opName, ruleText, stateWord, valueText } from "./words";

test("a state is a word, and a pause says which", () => {
  expect(stateWord({ state: "running", pause: "" })).toEqual({ word: "running", tone: "good" });
  expect(stateWord({ state: "paused", pause: "budget" }).word).toBe("budget spent");
});

test("shares are percentages, and small ones keep a digit", () => {
  expect(valueText(0.75, true)).toBe("75 %");
  expect(valueText(0.034, true)).toBe("3.4 %");
  const figure = { mean: 0.5, low: 0.2, high: 0.8, n: 4, is_share: true };
  expect(figureText(figure)).toBe("50 % (20 % to 80 %), n = 4");
});

test("an op is called by its name, whatever its version", () => {
  expect(opName("weave:///loom/cloth/op/answer:*")).toBe("answer");
  expect(opName("answer")).toBe("answer");
});

test("a rule is a sentence", () => {
  const rule = {
    ...{
      id: "r",
      measure: "share" as const,
      scorer: "Bad",
      field: "flagged",
      is_above: true,
      threshold: 0.1,
    },
    ...{ window_minutes: 60, every_minutes: 90, least_n: 1, told_at: null },
  };
  expect(ruleText(rule)).toBe(
    "Tell when the share of Bad.flagged is above 10 % over an hour, at most every 90 minutes.",
  );
});

test("every stretch of time has a place, and what is outside has none", () => {
  const series = { start: "2026-11-28T10:00:00Z", end: "2026-11-28T11:00:00Z", step_s: 900 };
  const at = (moment: string) => ({ at: moment, n: 1, mean: 1, low: 0, high: 1 });
  const figure = {
    ...{ scorer: "A", field: "b", is_share: true, n: 2, mean: 1, low: 0, high: 1 },
    buckets: [at("2026-11-28T10:15:00Z"), at("2026-11-28T12:00:00Z")],
  };
  const readings = readingsOf(series, figure);
  expect(readings.map((one) => one?.n ?? 0)).toEqual([0, 1, 0, 0]);
  expect(readings[1]?.text).toContain("n = 1");
});
