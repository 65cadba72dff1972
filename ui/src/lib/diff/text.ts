import { blocks } from "./sequence";

/** In what two texts differ, by lines, and in lines by words. Pure. */

export interface Piece {
  text: string;
  changed: boolean;
}

export interface Line {
  /** From 1. */
  number: number;
  pieces: Piece[];
}

/** One row of two columns: the same line twice, a line that changed, or one that only one side has. */
export interface TextRow {
  kind: "same" | "changed" | "removed" | "added";
  before: Line | null;
  after: Line | null;
}

const WORDS = /\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu;
/** Longer lines are compared as a whole. */
const MOST_CHARS = 20_000;
/** Lines that have less than this in common, of their characters, are told as two different ones. */
const ALIKE = 0.3;

export function textRows(before: string, after: string): TextRow[] {
  const [a, b] = [linesOf(before), linesOf(after)];
  const rows: TextRow[] = [];
  for (const { same, a0, a1, b0, b1 } of blocks(a, b)) {
    const length = Math.max(a1 - a0, b1 - b0);
    for (let index = 0; index < length; index++) {
      const left = a0 + index < a1 ? (a[a0 + index] as string) : null;
      const right = b0 + index < b1 ? (b[b0 + index] as string) : null;
      const [numberLeft, numberRight] = [a0 + index + 1, b0 + index + 1];
      if (left !== null && right !== null) {
        const told = same ? null : words(left, right);
        rows.push({
          kind: same ? "same" : "changed",
          before: { number: numberLeft, pieces: told?.[0] ?? whole(left) },
          after: { number: numberRight, pieces: told?.[1] ?? whole(right) },
        });
      } else if (left !== null)
        rows.push({ kind: "removed", before: { number: numberLeft, pieces: whole(left) }, after: null });
      else if (right !== null)
        rows.push({ kind: "added", before: null, after: { number: numberRight, pieces: whole(right) } });
    }
  }
  return rows;
}

/** Two lines in pieces; those that changed are marked unless nearly all did. */
export function words(before: string, after: string): [Piece[], Piece[]] {
  if (before.length > MOST_CHARS || after.length > MOST_CHARS) return [whole(before), whole(after)];
  const [a, b] = [before.match(WORDS) ?? [], after.match(WORDS) ?? []];
  const [left, right]: [Piece[], Piece[]] = [[], []];
  let common = 0;
  for (const { same, a0, a1, b0, b1 } of blocks(a, b)) {
    const [gone, come] = [a.slice(a0, a1).join(""), b.slice(b0, b1).join("")];
    if (same) common += gone.trim().length;
    if (gone) left.push({ text: gone, changed: !same });
    if (come) right.push({ text: come, changed: !same });
  }
  const longest = Math.max(before.replace(/\s/g, "").length, after.replace(/\s/g, "").length, 1);
  return common / longest < ALIKE ? [whole(before), whole(after)] : [left, right];
}

export interface Skipped {
  kind: "skipped";
  lines: number;
}

/** Only what differs, with a few lines around it. */
export function folded(rows: TextRow[], around = 3): (TextRow | Skipped)[] {
  const keep = new Set<number>();
  rows.forEach((row, index) => {
    if (row.kind === "same") return;
    for (let at = Math.max(0, index - around); at <= Math.min(rows.length - 1, index + around); at++)
      keep.add(at);
  });
  const out: (TextRow | Skipped)[] = [];
  rows.forEach((row, index) => {
    const last = out.at(-1);
    if (keep.has(index)) out.push(row);
    else if (last?.kind === "skipped") last.lines += 1;
    else out.push({ kind: "skipped", lines: 1 });
  });
  return out;
}

/** The same in one column: of neighbours that changed, first what was, then what is. */
export function unified(rows: (TextRow | Skipped)[]): (TextRow | Skipped)[] {
  const out: (TextRow | Skipped)[] = [];
  let come: TextRow[] = [];
  for (const row of rows) {
    if (row.kind === "same" || row.kind === "skipped") {
      out.push(...come, row);
      come = [];
      continue;
    }
    if (row.before) out.push({ kind: "removed", before: row.before, after: null });
    if (row.after) come.push({ kind: "added", before: null, after: row.after });
  }
  return [...out, ...come];
}

function linesOf(text: string): string[] {
  return text === "" ? [] : text.split("\n");
}

function whole(text: string): Piece[] {
  return [{ text, changed: false }];
}
