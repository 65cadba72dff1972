import type { KeyboardEvent } from "react";
import { Badge } from "~/components/Badge";
import { Ago, Money, Tokens } from "~/components/Figures";
import { parseCustomModelId } from "~/lib/customModels";
import type { ChatTold } from "./queries";

interface ChatRowProps {
  chat: ChatTold;
  busy: boolean;
  onChoose: () => void;
}

/** One chat of the history: what was said last, where a search found its words, and figures. */
export function ChatRow({ chat, busy, onChoose }: ChatRowProps) {
  const custom = parseCustomModelId(chat.model);
  return (
    <li>
      <button
        type="button"
        disabled={busy}
        aria-busy={busy || undefined}
        onClick={onChoose}
        className="flex w-full flex-col gap-1 rounded-md border border-line px-3 py-2 text-left hover:bg-hover disabled:opacity-60"
      >
        <span className="line-clamp-2 break-words">{chat.said || "Its words were not kept"}</span>
        {chat.excerpt !== "" && (
          <span className="line-clamp-2 break-words text-xs text-muted">… {chat.excerpt} …</span>
        )}
        <span className="flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-muted">
          <span className="max-w-64 truncate">{custom === null ? chat.model : custom.model}</span>
          <span>{chat.user}</span>
          <Ago at={chat.started_at} />
          <span>
            <Tokens value={chat.input_tokens + chat.output_tokens} /> tokens
          </span>
          <Money nanoUsd={chat.cost_nusd} />
          {!chat.ok && <Badge tone="bad">Failed</Badge>}
        </span>
      </button>
    </li>
  );
}

/** Up and down move from the search to the chats, and among them. */
export function moveAmong(event: KeyboardEvent<HTMLElement>) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  const stops = [...event.currentTarget.querySelectorAll<HTMLElement>("input[type=search], ul button")];
  const at = stops.indexOf(document.activeElement as HTMLElement);
  if (at < 0) return;
  event.preventDefault();
  stops[at + step]?.focus();
}
