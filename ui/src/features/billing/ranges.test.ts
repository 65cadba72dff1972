import { describe, expect, it } from "vitest";
import {
  fromInput,
  fullName,
  PRESETS,
  periodsOf,
  plain,
  type Span,
  shortName,
  spanName,
  spanOf,
  within,
} from "./ranges";

const NOW = new Date("2026-11-28T09:18:20Z");
const at = (text: string) => new Date(text);

describe("spanOf", () => {
  it.each([
    ["24h", "2026-11-27T10:00Z", "2026-11-28T10:00Z", "hour", 24],
    ["7d", "2026-11-22", "2026-11-29", "day", 7],
    ["30d", "2026-10-30", "2026-11-29", "day", 30],
    ["90d", "2026-08-31", "2026-11-29", "day", 90],
    ["month", "2026-11-01", "2026-12-01", "day", 30],
    ["12mo", "2025-12-01", "2026-12-01", "month", 12],
  ] as const)("%s is whole periods that end with the present one", (range, since, until, grain, count) => {
    const span = spanOf({ range }, NOW);
    expect([plain(span.since), plain(span.until), span.grain]).toEqual([since, until, grain]);
    expect(periodsOf(span)).toHaveLength(count);
  });

  it("has every preset", () => {
    for (const range of PRESETS) expect(spanOf({ range }, NOW).preset).toBe(range);
  });

  it("takes a span of one's own, and chooses its bars by its length", () => {
    const of = (since: string, until: string) => spanOf({ since, until }, NOW).grain;
    expect(of("2026-11-27", "2026-11-28")).toBe("hour");
    expect(of("2026-11-01", "2026-11-28")).toBe("day");
    expect(of("2026-01-01", "2026-11-28")).toBe("month");
  });

  it("falls back to the last 30 days for what is no span", () => {
    expect(spanOf({ since: "2026-11-28", until: "2026-11-01" }, NOW).preset).toBe("30d");
    expect(spanOf({ since: "yesterday" }, NOW).preset).toBe("30d");
  });

  it("crosses the end of a year and leap days", () => {
    expect(plain(spanOf({ range: "12mo" }, at("2028-02-29T23:59:59Z")).since)).toBe("2027-03-01");
    expect(plain(spanOf({ range: "7d" }, at("2027-01-02T00:00:00Z")).since)).toBe("2026-12-27");
  });
});

describe("periodsOf", () => {
  it("names periods as reports do", () => {
    const keys = (since: string, until: string) =>
      periodsOf(spanOf({ since, until }, NOW)).map((period) => period.key);
    expect(keys("2026-11-27T22:30Z", "2026-11-28T00:30Z")).toEqual([
      "2026-11-27T22:00Z",
      "2026-11-27T23:00Z",
      "2026-11-28T00:00Z",
    ]);
    expect(keys("2026-02-27", "2026-03-02")).toEqual(["2026-02-27", "2026-02-28", "2026-03-01"]);
    expect(keys("2025-11-15", "2026-03-02")).toEqual(["2025-11", "2025-12", "2026-01", "2026-02", "2026-03"]);
  });

  it("is bounded", () => {
    expect(periodsOf(spanOf({ since: "1900-01-01", until: "2026-01-01" }, NOW))).toHaveLength(400);
  });
});

it("opens no more of a period than lies in the span", () => {
  const span: Span = {
    since: at("2026-11-27T22:30Z"),
    until: at("2026-11-28T00:30Z"),
    grain: "hour",
    preset: null,
  };
  const [first, second] = periodsOf(span);
  expect(first && within(first, span)).toEqual({ since: "2026-11-27T22:30Z", until: "2026-11-27T23:00Z" });
  expect(second && within(second, span)).toEqual({ since: "2026-11-27T23:00Z", until: "2026-11-28" });
});

it("says spans with their last day", () => {
  expect(spanName({ since: at("2026-11-01"), until: at("2026-12-01") })).toBe(
    "1 Nov 2026 to 30 Nov 2026 (UTC)",
  );
  expect(spanName({ since: at("2026-11-01"), until: at("2026-11-02") })).toBe("1 Nov 2026 (UTC)");
  expect(spanName({ since: at("2026-11-01T05:00Z"), until: at("2026-11-02") })).toBe(
    "1 Nov 2026, 05:00 to 2 Nov 2026, 00:00 (UTC)",
  );
});

it("says periods in short and in full", () => {
  expect(shortName("hour", at("2026-11-28T09:00Z"))).toBe("09:00");
  expect(shortName("hour", at("2026-11-28T00:00Z"))).toBe("28 Nov");
  expect(fullName("hour", at("2026-11-28T09:00Z"))).toBe("28 Nov 2026, 09:00");
  expect(fullName("month", at("2026-11-01"))).toBe("Nov 2026");
});

it("reads what a date field holds as UTC", () => {
  expect(fromInput("2026-11-28T09:30")?.toISOString()).toBe("2026-11-28T09:30:00.000Z");
  expect(fromInput("")).toBeNull();
  expect(fromInput("2026-13-40T99:99")).toBeNull();
});
