import { expect, it } from "vitest";
import { moveTo } from "./useRoving";

const segments = (bar: number) => [2, 0, 3][bar] ?? 0;
const go = (key: string, bar: number, segment: number) => moveTo(key, { bar, segment }, 3, segments);

it("goes from bar to bar and stays at the ends", () => {
  expect(go("ArrowRight", 0, -1)).toEqual({ bar: 1, segment: -1 });
  expect(go("ArrowRight", 2, -1)).toEqual({ bar: 2, segment: -1 });
  expect(go("ArrowLeft", 0, -1)).toEqual({ bar: 0, segment: -1 });
  expect(go("End", 0, -1)).toEqual({ bar: 2, segment: -1 });
  expect(go("Home", 2, 2)).toEqual({ bar: 0, segment: 1 });
});

it("goes up and down in a bar, no further than its segments", () => {
  expect(go("ArrowUp", 0, -1)).toEqual({ bar: 0, segment: 0 });
  expect(go("ArrowUp", 0, 1)).toEqual({ bar: 0, segment: 1 });
  expect(go("ArrowDown", 0, 0)).toEqual({ bar: 0, segment: -1 });
});

it("keeps to the whole bar where there are no segments, and leaves other keys alone", () => {
  expect(go("ArrowRight", 0, 1)).toEqual({ bar: 1, segment: -1 });
  expect(go("Tab", 0, 0)).toBeNull();
});
