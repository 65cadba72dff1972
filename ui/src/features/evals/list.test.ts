import { expect, test } from "vitest";
import type { EvalRun } from "./figures";
import { chooseRuns, metricsOf, optionsOf } from "./list";

const run = (id: string, more: Partial<EvalRun> = {}): EvalRun => ({
  id,
  name: `run ${id}`,
  status: "done",
  exception: null,
  model: { ref: "", name: "parrot", version: 0 },
  evaluation: null,
  dataset: null,
  scorers: [],
  started_at: "2026-11-28T00:00:00Z",
  ended_at: null,
  user: null,
  trials_done: 1,
  trials_total: null,
  errors: 0,
  means: {},
  latency_s: null,
  tokens: null,
  cost_nusd: null,
  unpriced_models: [],
  ...more,
});

const RUNS = [
  run("a", { means: { "scores.x": 0.5 }, cost_nusd: "9000000000" }),
  run("b", { means: { "scores.x": 0.9, "scores.y": 1 }, status: "failed", user: "ada" }),
  run("c", { model: { ref: "", name: "owl", version: 1 }, cost_nusd: "10000000000" }),
];
const ids = (runs: EvalRun[]) => runs.map((one) => one.id);

test("runs are found by what they are made of", () => {
  expect(ids(chooseRuns(RUNS, { model: "owl" }))).toEqual(["c"]);
  expect(ids(chooseRuns(RUNS, { status: "failed" }))).toEqual(["b"]);
  expect(ids(chooseRuns(RUNS, { q: "ADA parrot" }))).toEqual(["b"]);
  expect(optionsOf(RUNS, "model", "All models").map((one) => one.label)).toEqual([
    "All models",
    "owl",
    "parrot",
  ]);
});

test("runs are sorted, those without a value last either way", () => {
  expect(ids(chooseRuns(RUNS, { sort: "scores.x" }))).toEqual(["b", "a", "c"]);
  expect(ids(chooseRuns(RUNS, { sort: "scores.x", up: true }))).toEqual(["a", "b", "c"]);
  expect(ids(chooseRuns(RUNS, { sort: "cost" }))).toEqual(["c", "a", "b"]);
});

test("metrics that most runs have stand first", () => {
  expect(metricsOf(RUNS)).toEqual(["scores.x", "scores.y"]);
});
