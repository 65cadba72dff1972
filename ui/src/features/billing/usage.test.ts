import { describe, expect, it } from "vitest";
import { periodsOf, spanOf } from "./ranges";
import { amount, NOTHING, OTHERS, tick, type UsageSums, viewOf, written } from "./usage";

const SPAN = spanOf({ since: "2026-11-01", until: "2026-11-04" }, new Date("2026-11-28"));

function row(group: string, group2: string, cost: string, requests = 1): UsageSums {
  return {
    group,
    name: group,
    group2,
    name2: group2 === OTHERS ? OTHERS : `name of ${group2}`,
    requests,
    errors: 0,
    completed: requests,
    cancelled: 0,
    failed: 0,
    refused: 0,
    interrupted: 0,
    input_tokens: 10,
    cached_input_tokens: 4,
    output_tokens: 5,
    reasoning_tokens: 0,
    cost_nusd: cost,
  };
}

const DAYS = { ...SPAN, grain: "day" as const };
const ROWS = [
  row("2026-11-01", "a", "1"),
  row("2026-11-01", OTHERS, "900719925474099300000"),
  row("2026-11-03", "b", "900719925474099300001", 7),
  row("2026-11-03", "a", "2"),
];

describe("viewOf", () => {
  const view = viewOf(ROWS, periodsOf(DAYS), "day", "cost");

  it("draws every day, also one without usage", () => {
    expect(view.bars.map((bar) => bar.key)).toEqual(["2026-11-01", "2026-11-02", "2026-11-03"]);
    expect(view.bars[1]?.values).toEqual([0, 0, 0]);
  });

  it("puts the dearest first and what is beyond the largest last", () => {
    expect(view.series.map((series) => series.label)).toEqual(["name of b", "name of a", "Everything else"]);
  });

  it("sums money to the nano-dollar, far beyond what a float holds", () => {
    expect(view.total.cost).toBe(1801439850948198600004n);
    expect(view.cell(2, -1).cost).toBe(900719925474099300003n);
    expect(view.cell(2, 1).cost).toBe(2n);
  });

  it("has the same figures in bars and table", () => {
    const fromGroups = view.groups.map((group) => group.cost).reduce((one, other) => one + other, 0n);
    const fromBars = view.bars
      .map((_, bar) => view.cell(bar, -1).cost)
      .reduce((one, other) => one + other, 0n);
    expect(fromGroups).toBe(fromBars);
    expect(view.total.requests).toBe(10);
  });

  it("orders by the metric that is drawn", () => {
    const by = viewOf(ROWS, periodsOf(DAYS), "day", "tokens");
    expect(by.series.map((series) => series.key)).toEqual(["a", "b", OTHERS]);
  });

  it("is empty for no rows", () => {
    const none = viewOf([], periodsOf(DAYS), "day", "cost");
    expect(none.total).toEqual(NOTHING);
    expect(none.bars).toHaveLength(3);
  });
});

it("writes figures with sensible digits", () => {
  const sums = { ...NOTHING, cost: 4_120_000n, input: 1_200_000, output: 34_567, requests: 1 };
  expect(written(sums, "cost")).toBe("$0.00412");
  expect(written(sums, "tokens")).toBe("1.23M tokens");
  expect(written(sums, "requests")).toBe("1 request");
  expect(amount(sums, "tokens")).toBe(1_234_567);
});

it("writes the axis from billionths to thousands of dollars", () => {
  expect([0, 0.000000005, 0.002, 0.5, 20, 15_000].map((value) => tick(value, "cost"))).toEqual([
    "$0",
    "$0.000000005",
    "$0.002",
    "$0.50",
    "$20.00",
    "$15k",
  ]);
  expect(tick(2_000_000, "tokens")).toBe("2M");
});
