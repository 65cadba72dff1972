import { isValidElement, type ReactNode } from "react";
import ReactMarkdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import { CodeBlock } from "./Copy";

const PLUGINS = [remarkGfm];

const COMPONENTS: Components = {
  pre: ({ children }) => <Pre>{children}</Pre>,
  a: ({ href, children }) => (
    <a href={href} target="_blank" rel="noreferrer noopener" className="text-accent underline">
      {children}
    </a>
  ),
  img: ({ src, alt }) => (
    <a
      href={typeof src === "string" ? src : undefined}
      target="_blank"
      rel="noreferrer noopener"
      className="text-accent underline"
    >
      {alt || "image"}
    </a>
  ),
  table: ({ children }) => (
    <section tabIndex={0} aria-label="Table" className="overflow-x-auto">
      <table className="border-collapse text-xs">{children}</table>
    </section>
  ),
};

/** Of a piece of a paragraph, the paragraph is elsewhere. */
const INLINE: Components = { ...COMPONENTS, p: ({ children }) => children };

const INLINE_LOOK = "[&_code]:rounded [&_code]:bg-hover [&_code]:px-1 [&_code]:font-mono [&_code]:text-xs";

const LOOK = [
  "flex flex-col gap-2 [&_li_p]:inline",
  "[&_ul]:list-disc [&_ul]:pl-5 [&_ol]:list-decimal [&_ol]:pl-5 [&_li]:my-0.5",
  "[&_h1]:text-base [&_h2]:text-base [&_h3]:text-sm [&_h4]:font-semibold",
  "[&_blockquote]:border-l-2 [&_blockquote]:border-line-strong [&_blockquote]:pl-3 [&_blockquote]:text-muted",
  "[&_:not(pre)>code]:rounded [&_:not(pre)>code]:bg-hover [&_:not(pre)>code]:px-1",
  "[&_:not(pre)>code]:font-mono [&_:not(pre)>code]:text-xs",
  "[&_th]:border [&_th]:border-line [&_th]:bg-panel [&_th]:px-2 [&_th]:py-1 [&_th]:text-left",
  "[&_td]:border [&_td]:border-line [&_td]:px-2 [&_td]:py-1 [&_hr]:border-line",
].join(" ");

interface MarkdownBlockProps {
  text: string;
  /** A piece of a paragraph, not a whole block. */
  inline?: boolean;
}

/** One block of Markdown. In a chunk of its own, because the parser is large. */
export default function MarkdownBlock({ text, inline = false }: MarkdownBlockProps) {
  const parsed = (
    <ReactMarkdown remarkPlugins={PLUGINS} components={inline ? INLINE : COMPONENTS}>
      {text}
    </ReactMarkdown>
  );
  return inline ? <span className={INLINE_LOOK}>{parsed}</span> : <div className={LOOK}>{parsed}</div>;
}

/** A code block with its copy button. */
function Pre({ children }: { children: ReactNode }) {
  if (!isValidElement<{ className?: string; children?: ReactNode }>(children)) return <pre>{children}</pre>;
  const { className = "", children: code } = children.props;
  const language = /language-(\S+)/.exec(className)?.[1] ?? "code";
  return <CodeBlock code={String(code ?? "").replace(/\n$/, "")} label={language} />;
}
