import { describe, expect, it } from "vitest";
import { figure, readMax, title, used } from "./figures";

describe("limits", () => {
  it("tells money in dollars and counts as they are", () => {
    expect(figure("spend", "5000000000")).toBe("$5.00");
    expect(figure("tokens", 1200)).toBe("1,200");
  });
  it("names the window and the model", () => {
    expect(title({ kind: "spend", period: "day" })).toBe("Spend per day");
    expect(title({ kind: "concurrency", period: null, model: "a/b" })).toBe("Requests in flight of a/b");
  });
  it("takes a limit of nothing for used up", () => {
    expect(used({ current: 0, max: 0 })).toBe(100);
    expect(used({ current: "250000000", max: "1000000000" })).toBe(25);
  });
  it("reads dollars exactly, and counts without signs", () => {
    expect(readMax("spend", "0.000000001")).toEqual({ max: "1" });
    expect(readMax("spend", "$1,234.5")).toEqual({ max: "1234500000000" });
    expect(readMax("spend", "0.0000000001")).toHaveProperty("error");
    expect(readMax("requests", "1,000")).toEqual({ max: 1000 });
    expect(readMax("requests", "1.5")).toHaveProperty("error");
    expect(readMax("tokens", "-1")).toHaveProperty("error");
  });
});
