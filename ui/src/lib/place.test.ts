import { expect, test } from "vitest";
import { choosePlace } from "./place";

const TEAMS = [
  { name: "ada", kind: "personal", projects: ["inference"] },
  { name: "loom", kind: "team", projects: ["cloth", "inference"] },
];

test("what the URL names wins, in whatever case", () => {
  expect(choosePlace(TEAMS, null, { team: "LOOM", project: "cloth" }, null)).toEqual({
    team: "loom",
    project: "cloth",
  });
});

test("a place that is gone gives way to the default team", () => {
  const last = { team: "gone", project: "x" };
  expect(choosePlace(TEAMS, "loom", {}, last)).toEqual({ team: "loom", project: "inference" });
});

test("without a default, a real team comes before the personal one", () => {
  expect(choosePlace(TEAMS, null, {}, null)?.team).toBe("loom");
});

test("nobody without teams has a place", () => {
  expect(choosePlace([], null, {}, null)).toBeNull();
});
