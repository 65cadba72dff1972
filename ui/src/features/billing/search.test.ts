import { expect, it } from "vitest";
import { requestsSearch, usageSearch } from "./search";

it("takes what an address says", () => {
  const search = { range: "7d", by: "user", metric: "tokens", project: "proj_1" };
  expect(usageSearch(search)).toEqual(search);
  expect(
    requestsSearch({ since: "2026-11-01", until: "2026-11-02", outcome: "refused", model: "a/b" }),
  ).toEqual({ since: "2026-11-01", until: "2026-11-02", outcome: "refused", model: "a/b" });
});

it("leaves out what makes no sense, so that the link still opens", () => {
  expect(usageSearch({ range: "7y", by: "colour", metric: 3, project: "", since: "soon", user: {} })).toEqual(
    {},
  );
  expect(usageSearch({ model: "x".repeat(300) })).toEqual({});
});

it("prefers a span of one's own to a preset", () => {
  expect(usageSearch({ range: "7d", since: "2026-11-01" })).toEqual({ since: "2026-11-01" });
});
