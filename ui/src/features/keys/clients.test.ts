import { expect, test } from "vitest";
import { clientKeyName, environ, loginCommand } from "./clients";

test("what to run names this server and the key", () => {
  expect(loginCommand("http://127.0.0.1:8080")).toBe("wandb login --host http://127.0.0.1:8080");
  const lines = environ("https://weft.test", "weft_x").split("\n");
  expect(lines).toContain("export OPENAI_BASE_URL=https://weft.test/v1");
  expect(lines).toContain("export WANDB_API_KEY=weft_x");
});

test("a key for a client has a day", () => {
  expect(clientKeyName(new Date("2026-11-28T09:00:00Z"))).toBe("client 2026-11-28");
});
