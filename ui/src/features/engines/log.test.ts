import { describe, expect, it } from "vitest";
import type { Schema } from "~/api/client";
import { find, follow, KEPT, NOTHING } from "./log";

function answer(lines: string[], next: number, more: Partial<Schema<"EngineLog">> = {}): Schema<"EngineLog"> {
  return { model: "m", replica: "a#0", replicas: ["a#0"], state: "ready", lines, next, skipped: 0, ...more };
}

describe("a log that is followed", () => {
  it("numbers lines and adds what came since", () => {
    const first = follow(NOTHING, answer(["one", "two"], 2));
    const second = follow(first, answer(["three"], 3));
    expect(second.lines).toEqual([
      { number: 1, text: "one" },
      { number: 2, text: "two" },
      { number: 3, text: "three" },
    ]);
    expect(follow(second, answer([], 3))).toBe(second);
  });
  it("begins anew with another replica, and counts what is lost", () => {
    const first = follow(NOTHING, answer(["one"], 1));
    const other = follow(first, answer(["x"], 9, { replica: "a#1", skipped: 8 }));
    expect(other).toEqual({ replica: "a#1", next: 9, lines: [{ number: 9, text: "x" }], lost: 8 });
    expect(follow(other, answer(["y"], 1, { replica: "a#1" })).lines).toEqual([{ number: 1, text: "y" }]);
  });
  it("keeps no more than it may", () => {
    const many = Array.from({ length: KEPT }, (_, index) => `line ${index}`);
    const full = follow(follow(NOTHING, answer(many, KEPT)), answer(["last"], KEPT + 1));
    expect(full.lines).toHaveLength(KEPT);
    expect(full.lines.at(-1)).toEqual({ number: KEPT + 1, text: "last" });
  });
  it("finds lines whatever their case", () => {
    const lines = [
      { number: 1, text: "Loading model" },
      { number: 2, text: "ERROR: no memory" },
    ];
    expect(find(lines, " error ")).toEqual([lines[1]]);
    expect(find(lines, "")).toBe(lines);
  });
});
