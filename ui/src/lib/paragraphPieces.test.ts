import { expect, test } from "vitest";
import { paragraphPieces } from "./paragraphPieces";

const WORDS = "**warp** and `weft` go _over_ and under, [thread](https://example.com) by thread, ";
const LONG = WORDS.repeat(30);

test("a long paragraph is cut between words, and nothing but blanks is lost", () => {
  const pieces = paragraphPieces(LONG);
  expect(pieces.length).toBeGreaterThan(8);
  expect(pieces.join(" ")).toBe(LONG);
  for (const piece of pieces.slice(0, -1)) expect(piece.length).toBeLessThan(350);
});

test("more text leaves all pieces but the last as they were", () => {
  let before: string[] = [];
  for (let end = 0; end <= LONG.length; end += 7) {
    const pieces = paragraphPieces(LONG.slice(0, end));
    expect(pieces.slice(0, Math.max(before.length - 1, 0))).toEqual(before.slice(0, -1));
    before = pieces;
  }
});

test("a mark that is open is never cut", () => {
  const pieces = paragraphPieces(`${"word ".repeat(50)}**${"bold ".repeat(100)}** end ${"word ".repeat(60)}`);
  expect(pieces.some((piece) => piece.startsWith("**bold") || piece.includes("**bold"))).toBe(true);
  for (const piece of pieces) expect((piece.match(/\*\*/g) ?? []).length % 2).toBe(0);
});

test("a mark behind a backslash opens nothing", () => {
  expect(paragraphPieces(`2 \\* 3 ${"word ".repeat(200)}`).length).toBeGreaterThan(3);
});

test.each([
  ["short text", "some words"],
  ["a list", `- ${"word ".repeat(200)}`],
  ["numbers", `1. ${"word ".repeat(200)}`],
  ["a heading", `# ${"word ".repeat(200)}`],
  ["a quotation", `> ${"word ".repeat(200)}`],
  ["a table", `a | b\n--- | ---\n${"word ".repeat(200)}`],
  ["code by its fence", `\`\`\`\n${"word ".repeat(200)}`],
  ["code by its margin", `    ${"word ".repeat(200)}`],
  ["an underlined heading", `${"word ".repeat(200)}\n---`],
  ["a footnote", `[^1]: ${"word ".repeat(200)}`],
  ["HTML", `<div>${"word ".repeat(200)}`],
])("%s is left whole", (_, text) => {
  expect(paragraphPieces(text)).toEqual([text]);
});

test("a line that is broken on purpose is not cut there", () => {
  const pieces = paragraphPieces(`${"x".repeat(250)}  \nnext line ${"y".repeat(300)}`);
  expect(pieces[0]).toContain("  \nnext");
});

test("what would begin a block of its own begins no piece", () => {
  const pieces = paragraphPieces(`${"word ".repeat(60)}${"- 1. # ".repeat(60)}`);
  for (const piece of pieces) expect(piece).toMatch(/^\p{L}/u);
});
