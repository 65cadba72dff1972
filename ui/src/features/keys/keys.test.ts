import { expect, test } from "vitest";
import { EMPTY, type Key, lacks, placeOf, request, shown, stateOf, withScope } from "./keys";

const NOW = new Date("2026-11-01T12:00:00Z");
const KEY: Key = {
  id: "key_1",
  name: "laptop",
  prefix: "weft_AbCd",
  last_four: "wxyz",
  scopes: ["inference"],
  team: null,
  project: null,
  models: null,
  created_at: "2026-10-01T00:00:00Z",
  expires_at: null,
  last_used_at: null,
  revoked_at: null,
  trace: null,
};

test("a key works until it is revoked or has expired", () => {
  expect(stateOf(KEY, NOW)).toBe("active");
  expect(stateOf({ ...KEY, expires_at: "2026-11-01T12:00:00Z" }, NOW)).toBe("expired");
  expect(stateOf({ ...KEY, expires_at: "2026-11-01T12:00:01Z" }, NOW)).toBe("active");
  expect(stateOf({ ...KEY, revoked_at: "2026-10-02T00:00:00Z" }, NOW)).toBe("revoked");
});

test("a key is recognised, and where it works", () => {
  expect(shown(KEY)).toBe("weft_AbCd…wxyz");
  expect(placeOf(KEY)).toBe("All your teams");
  expect(placeOf({ ...KEY, team: "red" })).toBe("red");
  expect(placeOf({ ...KEY, team: "red", project: "one" })).toBe("red/one");
});

test("a draft becomes a request", () => {
  expect(request({ ...EMPTY, name: " a ", project: "left over", days: "7" }, NOW)).toEqual({
    name: "a",
    scopes: ["inference", "traces"],
    team: null,
    project: null,
    models: null,
    expires_at: "2026-11-08T12:00:00.000Z",
    trace: null,
  });
  const narrow = { ...EMPTY, team: "red", project: "one", models: ["m"], trace: "full" };
  expect(request(narrow, NOW)).toMatchObject({ team: "red", project: "one", models: ["m"], trace: "full" });
});

test("a draft says what it lacks", () => {
  expect(lacks(EMPTY)).toBeNull();
  expect(lacks({ ...EMPTY, scopes: [] })).toContain("at least one");
  expect(lacks({ ...EMPTY, scopes: ["manage"], team: "red" })).toContain("cannot be restricted");
  expect(lacks({ ...EMPTY, scopes: ["manage"], models: ["m"] })).toContain("cannot be restricted");
});

test("scopes keep their order", () => {
  expect(withScope(["traces"], "inference", true)).toEqual(["inference", "traces"]);
  expect(withScope(["inference", "traces"], "inference", false)).toEqual(["traces"]);
});
