import { describe, expect, it } from "vitest";
import { compareRows, difference, ordered, readCompare } from "./compare";
import { aModel } from "./sample";

const base = aModel({ id: "a", label: "A", input: "100000000", contextWindow: 1000 });
const cheap = aModel({ id: "b", label: "B", input: "60000000", contextWindow: 4000 });
const vectors = aModel({ id: "c", label: "C", apiStyle: "embedding", input: "125000000" });
const speed = (model: string, p50: number) => ({
  model,
  requests: 10,
  ttft_ms: { p5: 1, p50: p50 * 10, p95: 3 },
  output_tokens_per_s: { p5: 1, p50, p95: 3 },
});

describe("readCompare", () => {
  it("keeps a baseline that is among the models, and plots that exist", () => {
    expect(
      readCompare({ models: ["a", "b"], baseline: "b", plot: ["context", "x"], differences: true }),
    ).toEqual({
      models: ["a", "b"],
      baseline: "b",
      plot: ["context"],
      differences: true,
    });
    expect(readCompare({ models: "a,b", baseline: "z" })).toEqual({ models: ["a", "b"] });
    expect(readCompare({})).toEqual({});
  });
});

describe("compareRows", () => {
  const rows = compareRows(
    [base, cheap, vectors],
    new Map([
      ["a", speed("a", 50)],
      ["b", speed("b", 40)],
    ]),
  );
  const row = (id: string) => rows.find((one) => one.id === id);

  it("marks the best, lower prices and larger windows", () => {
    expect(row("input-price")?.cells.map((cell) => cell.isBest)).toEqual([false, true, false]);
    expect(row("context")?.cells.map((cell) => cell.isBest)).toEqual([false, false, true]);
    expect(row("ttft")?.cells.map((cell) => cell.isBest)).toEqual([false, true, false]);
    expect(row("total-parameters")?.cells.some((cell) => cell.isBest)).toBe(false);
  });

  it("tells differences against the first column, good or bad by what is better", () => {
    expect(row("input-price")?.cells.map((cell) => cell.difference)).toEqual([
      null,
      { text: "−40 %", tone: "good" },
      { text: "+25 %", tone: "bad" },
    ]);
    expect(row("context")?.cells[1]?.difference).toEqual({ text: "×4", tone: "good" });
    expect(row("speed")?.cells[1]?.difference).toEqual({ text: "−20 %", tone: "bad" });
    expect(row("speed")?.cells[2]).toEqual({ text: "–", value: null, difference: null, isBest: false });
  });

  it("knows which rows differ", () => {
    expect(row("license")?.differs).toBe(false);
    expect(row("output-price")?.cells[2]?.text).toBe("–");
    expect(row("output-price")?.differs).toBe(true);
  });
});

describe("difference", () => {
  it("is a percentage, a factor from three on, or nothing", () => {
    expect(difference(101.2, 100, "higher")).toEqual({ text: "+1.2 %", tone: "good" });
    expect(difference(99, 100, undefined)).toEqual({ text: "−1 %", tone: "plain" });
    expect(difference(5, 5, "lower")).toEqual({ text: "same", tone: "plain" });
    expect(difference(5, 0, "lower")).toEqual({ text: "more", tone: "bad" });
    expect(difference(null, 1, "lower")).toBeNull();
    expect(difference(1, 400, "higher")).toEqual({ text: "÷400", tone: "bad" });
    expect(difference(0, 400, "lower")).toEqual({ text: "−100 %", tone: "good" });
  });
});

describe("ordered", () => {
  it("puts the baseline first and leaves the others as they are", () => {
    expect(ordered([base, cheap, vectors], "c").map((model) => model.id)).toEqual(["c", "a", "b"]);
    expect(ordered([base, cheap], undefined).map((model) => model.id)).toEqual(["a", "b"]);
  });
});
