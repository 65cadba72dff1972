import { expect, test } from "vitest";
import { wantedOf } from "./link";

test("links name what their clients meant", () => {
  expect(wantedOf("")).toEqual({ kind: "project" });
  expect(wantedOf("weave")).toEqual({ kind: "project" });
  expect(wantedOf("weave/agents/conversations/1")).toEqual({ kind: "project" });
  expect(wantedOf("runs/abc/overview")).toEqual({ kind: "run", name: "abc" });
  const object = { kind: "object", of: "object", name: "my thing", digest: "abc" };
  expect(wantedOf("weave/objects/my thing/versions/abc")).toEqual(object);
  expect(wantedOf("weave/ops/f")).toEqual({ kind: "object", of: "op", name: "f", digest: "latest" });
  expect(wantedOf("weave/leaderboards/best")).toMatchObject({ of: "leaderboard", name: "best" });
});
