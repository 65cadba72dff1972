import { describe, expect, it } from "vitest";
import {
  cardFeatures,
  exactContext,
  featureState,
  features,
  launched,
  lifecycleNote,
  parameters,
  priceRange,
} from "./describe";
import { aModel } from "./sample";

describe("prices and sizes", () => {
  it("reads as people say it", () => {
    expect(priceRange(aModel())).toBe("$0.03 - $0.13");
    expect(priceRange(aModel({ input: "0", output: "0" }))).toBe("Free");
    expect(priceRange(aModel({ apiStyle: "embedding", output: "0" }))).toBe("$0.03");
    expect(parameters(aModel())).toBe("3.61B - 20.9B");
    expect(parameters(aModel({ parameterCountActive: 20_910_000_000 }))).toBe("20.9B");
    expect(parameters(aModel({ parameterCountTotal: null }))).toBe("Unknown");
    expect(exactContext(aModel())).toBe("131,072 tokens");
    expect(launched(aModel())).toBe("1 Jan 2026");
    expect(launched(aModel({ launchDate: null }))).toBe("Unknown");
  });
});

describe("lifecycleNote", () => {
  it("names the days and what to use instead", () => {
    expect(lifecycleNote(aModel())).toBe("");
    expect(
      lifecycleNote(
        aModel({
          lifecycleStage: "deprecated",
          deprecationDate: "2026-01-02",
          retirementDate: "2026-03-04",
          replacement: "b/c",
        }),
      ),
    ).toBe("Deprecated since 2026-01-02, retires on 2026-03-04; use b/c instead.");
    expect(lifecycleNote(aModel({ retirementDate: "2026-03-04" }))).toBe("Retires on 2026-03-04.");
    expect(lifecycleNote(aModel({ lifecycleStage: "experimental" }))).toContain("Experimental");
  });
});

describe("features", () => {
  const badge = {
    feature: "tools",
    state: "broken",
    checkedAt: "2026-01-01T00:00:00Z",
    detail: "x",
  } as const;

  it("are what probes found, or else what the card claims", () => {
    expect(features(aModel({ badges: [badge] }))).toEqual([badge]);
    expect(features(aModel()).map((one) => [one.feature, one.state])).toEqual([
      ["tools", "unknown"],
      ["json_object", "unknown"],
      ["json_schema", "unknown"],
    ]);
    expect(featureState(badge)).toBe("Broken");
  });

  it("on a card are the few that models are chosen by, without what is not there", () => {
    const absent = { ...badge, feature: "reasoning", state: "absent" } as const;
    const stream = { ...badge, feature: "stream", state: "works" } as const;
    expect(cardFeatures(aModel({ badges: [stream, badge, absent] }))).toEqual([badge]);
  });
});
