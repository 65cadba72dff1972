import { describe, expect, it } from "vitest";
import { axis, barAt, height, labelled, seriesClass, stack } from "./stack";

const bar = (...values: number[]) => ({ key: "a", label: "a", name: "a", values });

describe("stack", () => {
  it("puts values on one another and leaves out what is nothing", () => {
    expect(stack([2, 0, 3])).toEqual([
      { series: 0, low: 0, high: 2 },
      { series: 2, low: 2, high: 5 },
    ]);
    expect(height([2, 0, 3])).toBe(5);
  });

  it("draws nothing for what is no number or below zero", () => {
    expect(stack([Number.NaN, -1])).toEqual([]);
    expect(height([])).toBe(0);
  });
});

describe("axis", () => {
  it("ends at a round figure above the highest bar", () => {
    const found = axis([bar(3, 4), bar(9.2, 2)], 4);
    expect(found.end).toBe(12);
    expect(found.ticks[0]).toBe(0);
    expect(found.ticks.at(-1)).toBe(12);
  });

  it("is there without data", () => {
    expect(axis([], 4).end).toBe(1);
    expect(axis([bar(0, 0)], 4).end).toBe(1);
  });

  it("tells a billionth of a dollar from nothing", () => {
    expect(axis([bar(3e-9)], 4).end).toBeCloseTo(3e-9, 12);
  });
});

describe("labelled", () => {
  it("thins labels out evenly, beginning with the first", () => {
    const shown = labelled(30, 300, 50);
    expect(Array.from({ length: 30 }, (_, index) => index).filter(shown)).toEqual([0, 5, 10, 15, 20, 25]);
  });

  it("shows all that fit", () => {
    expect([0, 1, 2].every(labelled(3, 300, 50))).toBe(true);
  });
});

it("finds the bar under the pointer, also beside the plot", () => {
  expect(barAt(99, 100, 10)).toBe(9);
  expect(barAt(-5, 100, 10)).toBe(0);
  expect(barAt(500, 100, 10)).toBe(9);
  expect(barAt(50, 0, 0)).toBe(0);
});

it("keeps the grey hue for the rest", () => {
  expect(seriesClass(0, true)).toContain("series-8");
  expect(seriesClass(7)).toContain("series-1");
});
