import { lazy, memo, Suspense, useRef } from "react";
import {
  type Blocks,
  extendBlocks,
  LONG_FINISHED_CHARS,
  LONG_OPEN_CHARS,
  NO_BLOCKS,
  openCode,
} from "~/lib/markdownBlocks";
import { CodeBlock } from "./Copy";

const MarkdownBlock = lazy(() => import("./MarkdownBlock"));

interface MarkdownProps {
  text: string;
  /** More of it is coming: the last block may still change. */
  live?: boolean;
}

/**
 * What a model wrote, as Markdown. HTML in it stays text, and pictures become links: nothing is loaded from anywhere.
 * While it grows, only its last block is parsed again.
 */
export function Markdown({ text, live = false }: MarkdownProps) {
  const { finished, open } = useBlocks(text);
  return (
    <div className="flex min-w-0 flex-col gap-2 break-words">
      {finished.map((block, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: finished blocks neither move nor change
        <Block key={index} text={block} most={LONG_FINISHED_CHARS} />
      ))}
      {open.trim() !== "" &&
        (live ? <OpenBlock text={open} /> : <Block text={open} most={LONG_FINISHED_CHARS} />)}
    </div>
  );
}

function OpenBlock({ text }: { text: string }) {
  const open = openCode(text);
  if (open === null) return <Block text={text} most={LONG_OPEN_CHARS} />;
  const code = open.code.replace(/\n(?:`{3,}|~{3,})\s*$/, "");
  return <CodeBlock code={code} label={open.language || "code"} />;
}

const Block = memo(function Block({ text, most }: { text: string; most: number }) {
  const plain = <div className="whitespace-pre-wrap">{text}</div>;
  if (text.length > most) return plain;
  return (
    <Suspense fallback={plain}>
      <MarkdownBlock text={text} />
    </Suspense>
  );
});

function useBlocks(text: string): Blocks {
  const kept = useRef<{ text: string; blocks: Blocks }>({ text: "", blocks: NO_BLOCKS });
  const { current: before } = kept;
  if (before.text !== text) {
    const blocks = extendBlocks(text.startsWith(before.text) ? before.blocks : NO_BLOCKS, text);
    kept.current = { text, blocks };
  }
  return kept.current.blocks;
}
