/** Where a text stops being JSON (RFC 8259): browsers tell it each in their own words, and some not at all. Pure. */

export interface Mistake {
  /** How many characters are well before it. */
  at: number;
  expected: string;
}

const TOKEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them in texts (RFC 8259, section 7)
  /[ \t\n\r]*(?:(?<text>"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*")|(?<plain>-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)|(?<mark>[{}[\],:]))/y;

type Wanted = "value" | "value or ]" | "name" | "name or }" | "colon" | "next" | "end";

const WORDS: Record<Wanted, string> = {
  value: "a value",
  "value or ]": "a value, or a closing bracket",
  name: "a name in quotes",
  "name or }": "a name in quotes, or a closing brace",
  colon: "a colon",
  next: "a comma, or the end of the list or object",
  end: "nothing more",
};

/** The first token that does not belong where it stands, in a text that is no JSON. */
export function findMistake(text: string): Mistake {
  const open: ("{" | "[")[] = [];
  let wanted: Wanted = "value";
  let at = 0;
  for (;;) {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(text)?.groups;
    const next: Wanted | null = found ? step(found, wanted, open) : null;
    if (next === null) {
      const space = /[ \t\n\r]*/y;
      space.lastIndex = at;
      space.test(text);
      return { at: space.lastIndex, expected: WORDS[wanted] };
    }
    wanted = next;
    at = TOKEN.lastIndex;
  }
}

function step(
  { text, plain, mark }: Record<string, string | undefined>,
  wanted: Wanted,
  open: ("{" | "[")[],
): Wanted | null {
  const wantsValue = wanted === "value" || wanted === "value or ]";
  if (text !== undefined && (wanted === "name" || wanted === "name or }")) return "colon";
  if (text !== undefined || plain !== undefined) return wantsValue ? after(open) : null;
  if (mark === "{" || mark === "[") {
    if (!wantsValue) return null;
    open.push(mark);
    return mark === "{" ? "name or }" : "value or ]";
  }
  if (mark === ":") return wanted === "colon" ? "value" : null;
  if (mark === ",") return wanted === "next" ? (open.at(-1) === "{" ? "name" : "value") : null;
  const opened = mark === "}" ? "{" : "[";
  const mayClose = wanted === "next" || wanted === (mark === "}" ? "name or }" : "value or ]");
  if (open.at(-1) !== opened || !mayClose) return null;
  open.pop();
  return after(open);
}

function after(open: readonly string[]): Wanted {
  return open.length === 0 ? "end" : "next";
}
