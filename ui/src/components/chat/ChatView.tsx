import { Wrench } from "lucide-react";
import { useState } from "react";
import { Badge } from "~/components/Badge";
import { Button } from "~/components/Button";
import { Markdown } from "~/components/Markdown";
import { kindOf } from "~/components/value/kind";
import { TextValue } from "~/components/value/TextValue";
import { ValueNode } from "~/components/value/ValueNode";
import { plural } from "~/lib/format";
import type { ChatMessage, Conversation, Part, ToolUse } from "./chat";

/** Of a long conversation, the last ones are drawn; the others when they are asked for. */
const LAST = 30;
/** Longer texts are folded, and not parsed. */
const PARSED_CHARS = 8_000;

/** A conversation as one reads it: who said what, with images, uses of tools, and thoughts folded. */
export function ChatView({ chat }: { chat: Conversation }) {
  const [all, setAll] = useState(false);
  const hidden = all ? 0 : Math.max(0, chat.asked.length - LAST);
  const asked = chat.asked.slice(hidden);
  return (
    <div className="flex min-w-0 flex-col gap-3">
      {(chat.model || chat.offered.length > 0) && (
        <div className="flex flex-wrap items-center gap-1.5 text-xs text-muted">
          {chat.model && <Badge>{chat.model}</Badge>}
          {chat.offered.length > 0 && (
            <span title={chat.offered.join(", ")}>{plural(chat.offered.length, "tool")} offered</span>
          )}
        </div>
      )}
      {hidden > 0 && (
        <Button small className="self-center" onClick={() => setAll(true)}>
          Show {plural(hidden, "earlier message")}
        </Button>
      )}
      <ol aria-label="Conversation" className="flex flex-col gap-3">
        {asked.map((message, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: messages of a conversation stay where they are
          <Message key={hidden + at} message={message} />
        ))}
        {chat.answered.map((message, at) => (
          <Message
            // biome-ignore lint/suspicious/noArrayIndexKey: choices of one answer stay where they are
            key={`answer-${at}`}
            message={message}
            note={chat.answered.length > 1 ? `choice ${at + 1} of ${chat.answered.length}` : "answer"}
          />
        ))}
      </ol>
    </div>
  );
}

const GROUNDS: Record<string, string> = {
  user: "bg-accent-soft",
  system: "bg-panel",
  developer: "bg-panel",
  tool: "bg-panel",
};

function Message({ message, note }: { message: ChatMessage; note?: string }) {
  return (
    <li className={`min-w-0 rounded-lg border border-line p-3 ${GROUNDS[message.role] ?? "bg-raised"}`}>
      <div className="mb-1 flex flex-wrap items-center gap-2 text-xs">
        <span className="font-semibold">{message.role}</span>
        {message.name && <span className="text-muted">{message.name}</span>}
        {message.answers && <code className="text-muted">answers {message.answers}</code>}
        {note && <span className="ml-auto text-muted">{note}</span>}
      </div>
      {message.reasoning && (
        <details className="mb-2">
          <summary className="w-fit text-xs text-muted">Reasoning</summary>
          <div className="mt-1 border-l-2 border-line pl-3 text-muted">
            <TextValue text={message.reasoning} />
          </div>
        </details>
      )}
      <div className="flex min-w-0 flex-col gap-2">
        {message.parts.map((part, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: parts of a message stay where they are
          <PartView key={at} part={part} isPlain={message.role === "tool"} />
        ))}
        {message.tools.map((tool, at) => (
          <ToolView key={tool.id || at} tool={tool} />
        ))}
      </div>
    </li>
  );
}

function PartView({ part, isPlain }: { part: Part; isPlain: boolean }) {
  if (part.kind === "value")
    return <ValueNode kind={kindOf(part.value)} value={part.value} depth={2} label="Part of the message" />;
  if (isPlain || part.text.length > PARSED_CHARS) return <TextValue text={part.text} isCode={isPlain} />;
  return <Markdown text={part.text} />;
}

function ToolView({ tool }: { tool: ToolUse }) {
  return (
    <div className="min-w-0 rounded-md border border-line bg-raised p-2">
      <div className="mb-1 flex flex-wrap items-center gap-1.5 text-xs">
        <Wrench aria-hidden className="size-3.5 text-muted" />
        <code className="font-semibold break-all">{tool.name}</code>
        {tool.id && <code className="text-muted">{tool.id}</code>}
      </div>
      <ValueNode
        kind={kindOf(tool.arguments)}
        value={tool.arguments}
        depth={2}
        label={`Arguments of ${tool.name}`}
      />
    </div>
  );
}
