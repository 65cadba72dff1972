import { describe, expect, it } from "vitest";
import { afterDay, details, filterOf, startOf, verbOf } from "./words";

describe("details", () => {
  it("tells money as dollars, truth as yes and no, and leaves out what is empty", () => {
    expect(
      details({ amount_nusd: "2500000000", note: "", admin: true, models: ["a", "b"], was: null, days: 30 }),
    ).toEqual([
      { name: "amount", value: "$2.50" },
      { name: "admin", value: "yes" },
      { name: "models", value: "a, b" },
      { name: "days", value: "30" },
    ]);
    expect(details({ amount_nusd: "no figure", scopes: [] })).toEqual([
      { name: "amount", value: "no figure" },
    ]);
  });

  it("knows an action it was not told of by its own name", () => {
    expect(verbOf("member.remove")).toBe("Took out of the team");
    expect(verbOf("thing.new")).toBe("thing.new");
  });
});

describe("filters", () => {
  it("keeps what makes sense of a URL", () => {
    const search = { by: "bob", action: "member.set", since: "2026-11-01", until: "soon", x: 1 };
    expect(filterOf(search)).toEqual({ by: "bob", action: "member.set", since: "2026-11-01" });
    expect(filterOf({ action: "DROP TABLE", by: ["x"], since: "2026-13-01" })).toEqual({});
    expect(filterOf({ by: 7 })).toEqual({ by: "7" });
  });

  it("includes the last day", () => {
    expect(startOf("2026-11-28")).toBe("2026-11-28T00:00:00.000Z");
    expect(afterDay("2026-11-30")).toBe("2026-12-01T00:00:00.000Z");
    expect(afterDay("x")).toBeNull();
  });
});
