import { describe, expect, it } from "vitest";
import { type Draft, mistakes, request, step } from "./draft";

const DRAFT: Draft = {
  model: "a/b",
  day: "2027-01-01",
  input: "0.55",
  output: "1.65",
  cached: "",
  source: "",
  note: "",
};

describe("a price that is written", () => {
  it("becomes exact nano-dollars, and cached input costs what input costs unless said", () => {
    expect(request(DRAFT)).toEqual({
      model: "a/b",
      effective_on: "2027-01-01",
      input_nusd_per_mtok: "550000000",
      output_nusd_per_mtok: "1650000000",
      cached_input_nusd_per_mtok: "550000000",
    });
    expect(request({ ...DRAFT, cached: "0.0025" })?.cached_input_nusd_per_mtok).toBe("2500000");
  });
  it("is not asked about before it is whole", () => {
    expect(request({ ...DRAFT, input: "" })).toBeNull();
    expect(request({ ...DRAFT, day: "" })).toBeNull();
    expect(Object.keys(mistakes({ ...DRAFT, input: "x", cached: "y" }))).toEqual(["input", "cached"]);
  });
  it("says how large a step is", () => {
    expect(step("1000", "1500")).toBe("+50 %");
    expect(step("1000", "900")).toBe("−10 %");
    expect(step("1000", "12500")).toBe("× 12.5");
    expect(step("1000", "50")).toBe("÷ 20");
    expect(step("0", "5")).toBe("was free");
    expect(step("5", "0")).toBe("free from then on");
    expect(step(null, "5")).toBe("new");
    expect(step("5", "5")).toBe("as before");
  });
});
