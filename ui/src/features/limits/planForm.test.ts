import { describe, expect, it } from "vitest";
import type { Schema } from "~/api/client";
import { formOf, planChanges, planMistakes } from "./planForm";

const PLAN = {
  included_nusd_per_month: "5000000000",
  when_credit_ends: "refuse",
  cap_nusd: "100000000000",
  cap_period: "month",
  weight: 1,
} as Schema<"PlanInfo">;

describe("changing a plan", () => {
  it("says only what differs, with money as it was typed", () => {
    expect(planChanges(formOf(PLAN), PLAN)).toEqual({});
    expect(planChanges({ ...formOf(PLAN), cap: "8,000", weight: "3" }, PLAN)).toEqual({
      cap_usd: "8000",
      cap_period: "month",
      weight: 3,
    });
  });
  it("takes a cap away where none is written", () => {
    expect(planChanges({ ...formOf(PLAN), cap: "" }, PLAN)).toEqual({ cap_usd: "none" });
  });
  it("names what is wrong", () => {
    expect(Object.keys(planMistakes({ ...formOf(PLAN), included: "x", cap: "-1", weight: "0" }))).toEqual([
      "included",
      "cap",
      "weight",
    ]);
  });
});
