import { describe, expect, it } from "vitest";
import {
  accountLabel,
  alertText,
  deliveryText,
  forecastText,
  limitFigure,
  limitName,
  monthName,
  rangeText,
} from "./words";

const MONTH = {
  month: "2026-11",
  spent_nusd: "24000000000",
  overage_nusd: "0",
  forecast_nusd: "30000000000",
  forecast_low_nusd: "27000000000",
  forecast_high_nusd: "33000000000",
  ends_at: "2026-12-01T00:00:00Z",
};
const ALERT = {
  id: "alert_1",
  kind: "credits" as const,
  threshold_percent: 80,
  threshold_nusd: null,
  window: "2026-11",
  current_nusd: "8000000000",
  max_nusd: "10000000000",
  made_at: "2026-11-21T09:14:00Z",
  sent: 0,
  pending: 0,
  given_up: 0,
};

describe("forecastText", () => {
  it("says the range and how often it holds", () => {
    expect(forecastText(MONTH)).toBe(
      "$30.00 by the end of November 2026 if it goes on so; between $27.00 and $33.00 in four months of five.",
    );
  });

  it("says when too little is known", () => {
    expect(forecastText({ ...MONTH, forecast_low_nusd: null, forecast_high_nusd: null })).toContain(
      "after three days of use",
    );
  });
});

it("says one figure where there is no doubt", () => {
  expect(rangeText("5000000000", "5000000000")).toBe("about $5.00");
  expect(rangeText(null, "1")).toBeNull();
});

it("names months", () => {
  expect(monthName("2027-01")).toBe("January 2027");
});

it("says what alerts are about, and whether they arrived", () => {
  expect(alertText(ALERT)).toBe("80% of the credit of 2026-11 used: $8.00 of $10.00");
  expect(
    alertText({ ...ALERT, kind: "overage", threshold_percent: null, threshold_nusd: "200000000000" }),
  ).toBe("$200.00 owed beyond credit in 2026-11");
  expect(deliveryText(ALERT)).toBe("shown here only");
  expect(deliveryText({ ...ALERT, sent: 2, given_up: 1 })).toBe("2 sent, 1 failed");
});

it("writes limits and their figures", () => {
  expect(limitName("requests", "minute")).toBe("Requests per minute");
  expect(limitName("concurrency", null)).toBe("Requests in flight");
  expect(limitFigure("spend", "1500000000")).toBe("$1.50");
  expect(limitFigure("requests", 6000)).toBe("6,000");
  expect(limitFigure("credits", null)).toBe("");
});

it("says whose account an entry is of", () => {
  expect(accountLabel("owed")).toContain("invoice");
  expect(accountLabel("plan")).toBe("Plan credit");
  expect(accountLabel("house/other")).toBe("house/other");
});
