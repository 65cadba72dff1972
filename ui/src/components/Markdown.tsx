import { lazy, memo, Suspense, useEffect, useRef, useState } from "react";
import {
  type Blocks,
  extendBlocks,
  LONG_FINISHED_CHARS,
  LONG_OPEN_CHARS,
  NO_BLOCKS,
  openCode,
  SHORT_CHARS,
} from "~/lib/markdownBlocks";
import { paragraphPieces } from "~/lib/paragraphPieces";
import { turns } from "~/lib/turns";
import { CodeBlock } from "./Copy";

const MarkdownBlock = lazy(() => import("./MarkdownBlock"));

interface MarkdownProps {
  text: string;
  /** More of it is coming: the last block may still change. */
  live?: boolean;
}

/**
 * What a model wrote, as Markdown. HTML in it stays text, and pictures become links: nothing is loaded from anywhere.
 * While it grows, only its last block is parsed again, and where several grow at once, in turn.
 */
export function Markdown({ text, live = false }: MarkdownProps) {
  const { finished, open } = useBlocks(text);
  const blocks = open.trim() === "" ? finished : [...finished, open];
  return (
    <div className="flex min-w-0 flex-col gap-2 break-words">
      {blocks.map((block, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: blocks neither move nor go; the last one grows
        <Block key={index} text={block} live={live && index === finished.length} />
      ))}
    </div>
  );
}

const Block = memo(function Block({ text, live }: { text: string; live: boolean }) {
  // While it is written, a long paragraph is parsed piece by piece; once it is done, as a whole. What was there before
  // has no pieces: they would be parsed all at once, and then the whole.
  const [wasLive] = useState(live);
  const pieces = wasLive ? paragraphPieces(text) : [text];
  const parsed = usePaced(live && pieces.length > 1 ? null : text);
  const code = live ? openCode(text) : null;
  if (code !== null) {
    const written = code.code.replace(/\n(?:`{3,}|~{3,})\s*$/, "");
    return <CodeBlock code={written} label={code.language || "code"} />;
  }
  if (pieces.length > 1 && (parsed !== text || text.length > LONG_FINISHED_CHARS))
    return <Pieces pieces={pieces} />;
  if (parsed === null || text.length > (live ? LONG_OPEN_CHARS : LONG_FINISHED_CHARS))
    return <Plain text={text} />;
  return <Parsed text={parsed} />;
});

function Pieces({ pieces }: { pieces: string[] }) {
  return (
    <p>
      {pieces.map((piece, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: pieces neither move nor go; the last one grows
        <Piece key={index} text={piece} />
      ))}
    </p>
  );
}

const Piece = memo(function Piece({ text }: { text: string }) {
  const parsed = usePaced(text);
  return (
    <Suspense fallback={text}>{parsed === null ? text : <MarkdownBlock text={parsed} inline />} </Suspense>
  );
});

function Plain({ text }: { text: string }) {
  return <div className="whitespace-pre-wrap">{text}</div>;
}

const Parsed = memo(function Parsed({ text }: { text: string }) {
  return (
    <Suspense fallback={<Plain text={text} />}>
      <MarkdownBlock text={text} />
    </Suspense>
  );
});

/**
 * The text that may be parsed now: it follows `text` when it is this block's turn. Null: a long one, not at all yet, or
 * `text` is null.
 */
function usePaced(text: string | null): string | null {
  const [paced, setPaced] = useState(text !== null && text.length <= SHORT_CHARS ? text : null);
  const [owner] = useState<object>({});
  useEffect(() => {
    if (text === null) {
      turns.cancel(owner);
      setPaced(null); // what it was would be far behind when it is asked for again
    } else if (text !== paced) turns.request(owner, () => setPaced(text));
  }, [text, paced, owner]);
  useEffect(() => () => turns.cancel(owner), [owner]);
  return paced;
}

function useBlocks(text: string): Blocks {
  const kept = useRef<{ text: string; blocks: Blocks }>({ text: "", blocks: NO_BLOCKS });
  const { current: before } = kept;
  if (before.text !== text) {
    const blocks = extendBlocks(text.startsWith(before.text) ? before.blocks : NO_BLOCKS, text);
    kept.current = { text, blocks };
  }
  return kept.current.blocks;
}
