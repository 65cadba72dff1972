/**
 * Cuts Markdown into blocks, so that an answer that is written parses only its last one again. A block ends at a blank
 * line outside of a code fence; what a list or a footnote continues stays with it.
 */

export interface Blocks {
  /** These do not change any more as text is added. */
  readonly finished: readonly string[];
  /** The last one, which is still being written. */
  readonly open: string;
  /** How much of the text is in `finished`. */
  readonly at: number;
}

/** Longer blocks are shown as they are: to parse them anew with each piece would hold the screen up. */
export const LONG_OPEN_CHARS = 3_000;
export const LONG_FINISHED_CHARS = 10_000;
/** Parsed at once when it first shows; what is longer waits for its turn. */
export const SHORT_CHARS = 600;

/** The language and the code of a block that is a fence whose end is not there yet; null for any other. */
export function openCode(block: string): { language: string; code: string } | null {
  const fence = /^\s{0,3}(?:`{3,}|~{3,})([^\n`]*)\n/.exec(block);
  return fence === null ? null : { language: fence[1]?.trim() ?? "", code: block.slice(fence[0].length) };
}

export const NO_BLOCKS: Blocks = { finished: [], open: "", at: 0 };

/** How far one block may grow before the cut is forced at a blank line, whatever continues. */
const LONG_BLOCK_CHARS = 8_000;
const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const CONTINUES = /^(?: {2,}|\t|[-*+] |\d{1,9}[.)] )/;
const IS_LIST = /^ {0,3}(?:[-*+]|\d{1,9}[.)]) /;

/** The blocks of `text`, which begins with the text that `before` was made of. */
export function extendBlocks(before: Blocks, text: string): Blocks {
  const finished = [...before.finished];
  let at = before.at;
  for (;;) {
    const end = blockEnd(text, at);
    if (end === null) break;
    finished.push(text.slice(at, end));
    at = end;
  }
  return {
    finished: finished.length === before.finished.length ? before.finished : finished,
    open: text.slice(at),
    at,
  };
}

/** Where the block that begins at `start` ends for sure; null while it may go on. */
function blockEnd(text: string, start: number): number | null {
  let fence: string | null = null;
  let hasText = false;
  const isList = IS_LIST.test(text.slice(start, start + 16).trimStart());
  for (let at = start; at < text.length; ) {
    const newline = text.indexOf("\n", at);
    if (newline < 0) return null;
    const line = text.slice(at, newline);
    const next = newline + 1;
    const marker = FENCE.exec(line)?.[1];
    if (fence !== null) {
      if (marker?.startsWith(fence) && line.trim() === marker) fence = null;
    } else if (marker !== undefined) {
      fence = marker;
      hasText = true;
    } else if (line.trim() !== "") {
      hasText = true;
    } else if (hasText && isEnd(text, start, next, isList)) {
      return next;
    }
    at = next;
  }
  return null;
}

/** Whether the blank line before `next` ends the block: that takes the first words of the line that follows. */
function isEnd(text: string, start: number, next: number, isList: boolean): boolean {
  let line = next;
  while (text[line] === "\n") line += 1;
  const following = text.slice(line, line + 12);
  // A number may still become a marker.
  if (following.length < 12 && !following.includes("\n")) return false;
  if (next - start > LONG_BLOCK_CHARS) return true;
  return !(CONTINUES.test(following) && (isList || /^(?: {4}|\t)/.test(following)));
}
