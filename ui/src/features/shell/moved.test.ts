import { expect, test } from "vitest";
import { moved } from "./moved";

const FROM = { team: "loom", project: "cloth" };
const TO = { team: "dye", project: "vat" };

test("a page of a project moves along, the thing in it does not", () => {
  expect(moved("/loom/cloth/playground", FROM, TO)).toBe("/dye/vat/playground");
  expect(moved("/loom/cloth/r/call/1", FROM, TO)).toBe("/dye/vat/r");
});

test("a team's bill and settings move along", () => {
  expect(moved("/billing/loom/usage", FROM, TO)).toBe("/billing/dye/usage");
  expect(moved("/settings/teams/loom/members", FROM, TO)).toBe("/settings/teams/dye/members");
});

test("what names no place stays", () => {
  expect(moved("/inference", FROM, TO)).toBe("/inference");
  expect(moved("/settings/keys", FROM, TO)).toBe("/settings/keys");
});
