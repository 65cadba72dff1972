import { describe, expect, it } from "vitest";
import { nameProblem } from "./names";

describe("names", () => {
  it("takes what the server takes", () => {
    for (const name of ["", "a", "Weft-2.0_x", "9lives", "a".repeat(128)])
      expect(nameProblem(name)).toBeNull();
    for (const name of [" ", "-a", "a b", "ä", "a/b", "a".repeat(129)])
      expect(nameProblem(name)).toContain("Use");
  });
});
