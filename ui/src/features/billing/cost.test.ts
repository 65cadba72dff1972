import { expect, it } from "vitest";
import { costLines, inNano } from "./cost";

it("writes millionths of nano-dollars exactly", () => {
  expect(inNano("1")).toBe("0.000001");
  expect(inNano("600000000")).toBe("600");
  expect(inNano("1234567500000")).toBe("1,234,567.5");
  expect(inNano("0")).toBe("0");
});

it("says how the sum becomes the charge", () => {
  const cost = { steps: [], sum: "1099500000", rounded_nusd: "1100", charged_nusd: "1100", capped: false };
  expect(costLines(cost).map((line) => line.figure)).toEqual(["1,099.5 nano-dollars", "1,100 nano-dollars"]);
  const capped = costLines({ ...cost, charged_nusd: "900", capped: true });
  expect(capped.at(-1)).toEqual({ label: "But no more than was reserved", figure: "$0.0000009" });
  const free = costLines({ ...cost, charged_nusd: "0" });
  expect(free.at(-1)?.label).toBe("Not charged in full");
});
