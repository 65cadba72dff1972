import { expect, test } from "vitest";
import { ownPath } from "./next";

const OWN = "https://weft.test";

test("own paths stay whole", () => {
  expect(ownPath("/loom/cloth/r/call/1?x=1#y", OWN)).toBe("/loom/cloth/r/call/1?x=1#y");
});

test("other sites are never gone to", () => {
  for (const evil of [
    "//evil.test",
    "/\\evil.test",
    "https://evil.test",
    "javascript:alert(1)",
    "/\t/evil.test",
    "",
    undefined,
  ])
    expect(ownPath(evil, OWN)).toBe("/inference");
});
