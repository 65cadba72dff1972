import { expect, test } from "vitest";
import { callRef, objectRef, refOf } from "./refs";

test("references are taken apart", () => {
  expect(refOf("weave:///loom/cloth/object/my%20data:abc/attr/rows/id/1")).toEqual({
    team: "loom",
    project: "cloth",
    kind: "object",
    name: "my data",
    digest: "abc",
    rest: "attr/rows/id/1",
  });
  expect(refOf("weave:///loom/cloth/call/0193")).toMatchObject({ kind: "call", name: "0193", digest: "" });
  for (const other of ["weave", "weave:///a/b", 3, null, "https://a/b/object/c:d"])
    expect(refOf(other)).toBeNull();
});

test("references are put together", () => {
  expect(refOf(objectRef("loom/cloth", "my data", "abc"))).toMatchObject({ name: "my data", digest: "abc" });
  expect(refOf(callRef("loom/cloth", "1"))).toMatchObject({ kind: "call", name: "1" });
});
