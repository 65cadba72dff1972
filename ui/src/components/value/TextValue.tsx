import { useState } from "react";
import { Button } from "~/components/Button";
import { Markdown } from "~/components/Markdown";
import { count } from "~/lib/format";
import { foldText, isMarkdown } from "./kind";

const LINES = 12;
const CHARS = 900;
/** With each click, so many more characters at most: the browser lays all of them out. */
const MORE_CHARS = 200_000;

interface TextValueProps {
  text: string;
  isCode?: boolean;
}

/** A text: wrapped, a long one folded, one that reads as Markdown also as that. */
export function TextValue({ text, isCode = false }: TextValueProps) {
  const [most, setMost] = useState(CHARS);
  const [rendered, setRendered] = useState(false);
  const isFolded = most === CHARS;
  const { shown, left } = isFolded
    ? foldText(text, isCode ? LINES * 3 : LINES, isCode ? CHARS * 8 : CHARS)
    : foldText(text, Number.POSITIVE_INFINITY, most);
  const mayRender = !isCode && isMarkdown(text);
  return (
    <div className="flex min-w-0 flex-col gap-1">
      {rendered ? (
        <Markdown text={shown} />
      ) : (
        <div className={`break-words whitespace-pre-wrap ${isCode ? "font-mono text-xs" : ""}`}>
          {shown}
          {left > 0 && "…"}
        </div>
      )}
      {(left > 0 || !isFolded || mayRender) && (
        <div className="flex flex-wrap gap-1">
          {left > 0 && (
            <Button small onClick={() => setMost(isFolded ? MORE_CHARS : most + MORE_CHARS)}>
              {left > MORE_CHARS ? "Show more" : "Show all"} ({count(left)} characters)
            </Button>
          )}
          {!isFolded && (
            <Button small onClick={() => setMost(CHARS)}>
              Show less
            </Button>
          )}
          {mayRender && (
            <Button small aria-pressed={rendered} onClick={() => setRendered(!rendered)}>
              {rendered ? "As text" : "As Markdown"}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}
