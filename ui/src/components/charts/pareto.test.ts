import { expect, it } from "vitest";
import { paretoFront } from "./pareto";

const at = (key: string, cost: number, quality: number) => ({ key, cost, quality });

it("keeps what nothing beats in both, the cheapest first", () => {
  const points = [at("dear", 9, 0.9), at("cheap", 1, 0.5), at("beaten", 5, 0.4), at("middle", 5, 0.7)];
  expect(paretoFront(points)).toEqual(["cheap", "middle", "dear"]);
});

it("keeps equals, and turns where less is better", () => {
  expect(paretoFront([at("a", 1, 0.5), at("b", 1, 0.5), at("c", 1, 0.4)])).toEqual(["a", "b"]);
  expect(paretoFront([at("a", 1, 0.5), at("b", 2, 0.1), at("c", 3, 0.4)], true)).toEqual(["a", "b"]);
  expect(paretoFront([])).toEqual([]);
});
