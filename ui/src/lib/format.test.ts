import { expect, test } from "vitest";
import { bytes, duration, plural, relative, sentence, short } from "./format";

test("counts in three digits", () => {
  expect([0, 950, 1234, 131_000, 1_049_000, 20e9].map(short)).toEqual([
    "0",
    "950",
    "1.23k",
    "131k",
    "1.05M",
    "20B",
  ]);
});

test("durations by their size", () => {
  expect([0.0123, 0.9999, 1.2, 59.96, 185, 7260].map(duration)).toEqual([
    "12.3 ms",
    "1 s",
    "1.2 s",
    "60 s",
    "3 min 5 s",
    "2 h 1 min",
  ]);
});

test("bytes in binary units", () => {
  expect([812, 1536, 1_610_612_736].map(bytes)).toEqual(["812 B", "1.5 KiB", "1.5 GiB"]);
});

test("times from now", () => {
  const now = new Date("2026-11-28T12:00:00Z");
  expect(relative(new Date("2026-11-28T11:55:00Z"), now)).toBe("5 minutes ago");
  expect(relative(new Date("2026-12-01T12:00:00Z"), now)).toBe("in 3 days");
  expect(relative(now, now)).toBe("just now");
});

test("one and many", () => {
  expect([plural(1, "key"), plural(2, "key"), plural(0, "entry", "entries")]).toEqual([
    "1 key",
    "2 keys",
    "0 entries",
  ]);
});

test("sentences end once", () => {
  expect(sentence("so it is.")).toBe("So it is.");
  expect(sentence("")).toBe("");
});
