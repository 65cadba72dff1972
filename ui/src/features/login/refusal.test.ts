import { expect, test } from "vitest";
import { ApiError } from "~/api/errors";
import { minutes, refusal } from "./refusal";

const error = (message: string, remedy: string, metadata: Record<string, unknown> = {}) =>
  new ApiError(message, 429, "too_many_logins", remedy, null, null, metadata);

test("a refusal says what, what to do and how long to wait", () => {
  expect(refusal(error("Too many wrong passwords", "wait, or ask", { retry_after_s: 61 }))).toBe(
    "Too many wrong passwords. Wait, or ask. Try again in 2 minutes.",
  );
  expect(refusal(error("Wrong user name or password", ""))).toBe("Wrong user name or password.");
});

test("waiting is told in whole minutes", () => {
  expect([0, 1, 60, 61, 900].map(minutes)).toEqual([
    "1 minute",
    "1 minute",
    "1 minute",
    "2 minutes",
    "15 minutes",
  ]);
});
