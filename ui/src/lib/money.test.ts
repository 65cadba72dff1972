import { expect, test } from "vitest";
import { exactUsd, parseUsd, percent, pricePerMillion, usd } from "./money";

test("exact to the nano-dollar, also past what a float holds", () => {
  expect(exactUsd(9_007_199_254_740_993_000_000_001n)).toBe("$9,007,199,254,740,993.000000001");
  expect(exactUsd(1_500_000_000n)).toBe("$1.50");
  expect(exactUsd(-3n)).toBe("−$0.000000003");
});

test("short on a screen, and never zero for something", () => {
  expect(usd(0n)).toBe("$0.00");
  expect(usd(4_123_456n)).toBe("$0.00412");
  expect(usd(12_345_000_000n)).toBe("$12.35");
  expect(usd(1n)).toBe("<$0.000001");
  expect(usd(-20_000_000n)).toBe("−$0.02");
  expect(usd(999_999_999_999n)).toBe("$1,000.00");
});

test("prices keep their digits", () => {
  expect(pricePerMillion("30000000")).toBe("$0.03");
  expect(pricePerMillion("2500000")).toBe("$0.0025");
  expect(pricePerMillion("0")).toBe("$0");
});

test("typed amounts are read exactly or not at all", () => {
  expect(parseUsd("$1,234.5")).toBe(1_234_500_000_000n);
  expect(parseUsd("0.000000001")).toBe(1n);
  for (const bad of ["", "-1", "1.0000000001", "1e3", "abc"]) expect(parseUsd(bad)).toBeNull();
});

test("percent is for bars", () => {
  expect(percent(1n, 3n)).toBe(33.33);
  expect(percent(1n, 0n)).toBe(0);
});
