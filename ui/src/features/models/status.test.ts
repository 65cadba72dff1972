import { describe, expect, it } from "vitest";
import { aModel } from "./sample";
import { isMoving, type Stage, statusOf } from "./status";

const stage = (name: Stage["stage"], eta: number | null = null): Stage => ({
  model: "test/one",
  stage: name,
  eta_s: eta,
  pinned: false,
});

describe("statusOf", () => {
  it("says what the catalog knows where no engine is known", () => {
    expect(statusOf(aModel(), undefined).key).toBe("ready");
    expect(statusOf(aModel({ state: "asleep" }), undefined).key).toBe("asleep");
    expect(statusOf(aModel({ state: "not-runnable", runnable: false }), undefined).key).toBe("not-runnable");
  });

  it("says plainly that a stand-in answers", () => {
    const status = statusOf(aModel({ state: "stand-in", standIn: true }), undefined);
    expect(status.key).toBe("stand-in");
    expect(status.detail).toContain("tiny model");
  });

  it("tells how long a start takes", () => {
    expect(statusOf(aModel(), stage("loading", 12.4)).label).toBe("Starting, about 12 s");
    expect(statusOf(aModel(), stage("loading", 0.01)).label).toBe("Starting, about 1 s");
    expect(statusOf(aModel(), stage("loading")).label).toBe("Starting");
    expect(statusOf(aModel(), stage("asleep", 90)).detail).toBe(
      "The first request wakes it, in about 1 min 30 s.",
    );
    expect(statusOf(aModel(), stage("waiting")).key).toBe("waiting");
  });

  it("says what failed, and that a retired model is gone whatever runs", () => {
    expect(statusOf(aModel(), stage("failed")).tone).toBe("bad");
    expect(statusOf(aModel(), stage("no-room")).label).toBe("No room");
    const gone = aModel({ lifecycleStage: "retired", retirementDate: "2026-03-04", replacement: "b/c" });
    expect(statusOf(gone, stage("ready")).detail).toBe(
      "Withdrawn on 2026-03-04: requests for it are refused. Use b/c instead.",
    );
  });
});

describe("isMoving", () => {
  it("is true while something is about to change", () => {
    expect(isMoving(undefined)).toBe(false);
    expect(isMoving([stage("ready"), stage("asleep"), stage("failed")])).toBe(false);
    expect(isMoving([stage("ready"), stage("loading")])).toBe(true);
    expect(isMoving([stage("stopping")])).toBe(true);
  });
});
