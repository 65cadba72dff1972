/**
 * Cuts a long paragraph into pieces that can be parsed one by one, so that one that is being written parses only its
 * end again. A cut is at a blank between two words where every mark that was opened is closed; the same text cut again
 * with more behind it has the same cuts. A finished paragraph is parsed whole: a mark may mean more than its piece.
 */

/** A piece ends at the first place after so many characters where it may. */
const PIECE_CHARS = 200;
/** What makes a line more than a part of a paragraph; a table's bars may stand anywhere in it. */
const IS_BLOCK = /^(?: {4}|\t| {0,3}(?:[#>|<=[]|[-+*](?:\s|$)|-{2,}|_{3,}|\*{3,}|`{3}|~{3}|\d{1,9}[.)]\s))/m;
const NEXT_WORD = /\p{L}/u;
/** A blank, a run of marks, or a bracket; what a backslash stands before is none of them. */
const SIGN = /(?<!\\)(?:[ \n]|`+|\*+|_+|~+|[[\]()])/g;

/** The pieces of a block, without the blanks between them; the whole block as one where it cannot be cut. */
export function paragraphPieces(block: string): string[] {
  if (block.length < 2 * PIECE_CHARS || block.includes("|") || IS_BLOCK.test(block)) return [block];
  const pieces: string[] = [];
  let start = 0;
  let marks = new Marks();
  for (const { 0: found, index } of block.matchAll(SIGN)) {
    if (found !== " " && found !== "\n") marks.read(found);
    else if (index - start >= PIECE_CHARS && marks.areClosed && isBetweenWords(block, index)) {
      pieces.push(block.slice(start, index));
      start = index + 1;
      marks = new Marks();
    }
  }
  pieces.push(block.slice(start));
  return pieces;
}

/** Whether one blank stands between two words: of more than one, or after a backslash, a line may be broken. */
function isBetweenWords(block: string, at: number): boolean {
  const before = block[at - 1] ?? "";
  return before.trim() !== "" && before !== "\\" && NEXT_WORD.test(block[at + 1] ?? "");
}

/** Which marks of Markdown are open. A run of marks is closed by the same run; within code, nothing else counts. */
class Marks {
  private open = new Set<string>();
  private code = "";
  private depth = 0;

  read(run: string) {
    if (this.code !== "") {
      if (run === this.code) this.code = "";
    } else if (run.startsWith("`")) this.code = run;
    else if (run === "[" || run === "(") this.depth += 1;
    else if (run === "]" || run === ")") this.depth -= 1;
    else if (!this.open.delete(run)) this.open.add(run);
  }

  get areClosed(): boolean {
    return this.open.size === 0 && this.code === "" && this.depth === 0;
  }
}
