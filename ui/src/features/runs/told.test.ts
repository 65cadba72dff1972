import { expect, test } from "vitest";
import type { Run } from "~/api/weave/runs";
import { configOf, secondsOf, seriesOf, summaryOf } from "./told";

const RUN: Run = {
  name: "r1",
  displayName: null,
  state: "finished",
  config: '{"lr": {"value": 0.1, "desc": null}, "plain": 3, "_wandb": {"value": {}}}',
  summaryMetrics: '{"loss": 2, "_runtime": 12.5, "_step": 3}',
  createdAt: "2026-11-20T10:00:00Z",
  heartbeatAt: "2026-11-20T10:01:00Z",
  notes: null,
  tags: [],
  group: null,
  jobType: null,
  host: null,
  commit: null,
  historyLineCount: 2,
  history: [],
  user: null,
};

test("config and summary are the program's own, without what the client keeps for itself", () => {
  expect(configOf(RUN)).toEqual({ lr: 0.1, plain: 3 });
  expect(summaryOf(RUN)).toEqual({ loss: 2 });
  expect(configOf({ config: "no json" })).toEqual({});
});

test("a run lasts as long as it counts, else until it was heard of last, else until now", () => {
  const now = new Date("2026-11-20T10:05:00Z");
  expect(secondsOf(RUN, now)).toBe(12.5);
  expect(secondsOf({ ...RUN, summaryMetrics: null }, now)).toBe(60);
  expect(secondsOf({ ...RUN, state: "running" }, now)).toBe(300);
  expect(secondsOf({ ...RUN, summaryMetrics: null, createdAt: null }, now)).toBeNull();
});

test("every number that was logged is a line over its steps", () => {
  const history = [
    '{"_step": 0, "loss": 4, "val": {"acc": 0.5}, "note": "x"}',
    '{"_step": 5, "loss": 2, "picture": {"_type": "image", "width": 8}}',
    "broken",
  ];
  expect(seriesOf(history)).toEqual([
    {
      name: "loss",
      points: [
        { step: 0, value: 4 },
        { step: 5, value: 2 },
      ],
    },
    { name: "val.acc", points: [{ step: 0, value: 0.5 }] },
  ]);
});
