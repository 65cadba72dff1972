import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { asApiError } from "~/api/errors";
import { Badge } from "~/components/Badge";
import { Button } from "~/components/Button";
import { Dialog } from "~/components/Dialog";
import { Checkbox } from "~/components/Field";
import { Ago, Money, Tokens } from "~/components/Figures";
import { EmptyState, Loaded } from "~/components/States";
import { toast } from "~/components/Toasts";
import type { Place } from "~/lib/place";
import { parseCustomModelId } from "../providers/names";
import type { Chat } from "../state/types";
import { chatOfHistory } from "./load";
import { type ChatTold, historyQuery, readChat } from "./queries";

interface HistoryPanelProps {
  place: Place;
  open: boolean;
  onClose: () => void;
  /** A chat was chosen: to be shown beside those that are open. */
  onLoad: (chat: Chat) => void;
}

/** The chats that members of the project had here, newest first. */
export function HistoryPanel({ open, ...rest }: HistoryPanelProps) {
  return (
    <Dialog open={open} onClose={rest.onClose} title="History" drawer>
      <Chats {...rest} />
    </Dialog>
  );
}

function Chats({ place, onClose, onLoad }: Omit<HistoryPanelProps, "open">) {
  const [mine, setMine] = useState(false);
  const query = useInfiniteQuery(historyQuery(place, mine));
  const load = useMutation({
    mutationFn: (chatId: string) => readChat(place, chatId),
    onSuccess: (whole) => {
      onLoad(chatOfHistory(whole));
      onClose();
    },
    onError: (error) => toast(asApiError(error).message, "bad"),
  });
  const more = (
    <Button
      busy={query.isFetchingNextPage}
      onClick={() => void query.fetchNextPage()}
      className="self-center"
    >
      Show more
    </Button>
  );
  return (
    <div className="flex flex-col gap-3">
      <p className="text-muted">
        Every message that was sent here and traced. Choosing one opens it as another chat, beside those that
        are open.
      </p>
      <Checkbox label="Only mine" checked={mine} onChange={setMine} asSwitch />
      <Loaded query={query}>
        {({ pages }) => {
          const chats = pages.flatMap((page) => page.chats);
          return chats.length === 0 ? (
            <EmptyState title="Nothing was sent yet">
              Send a message with “Track this LLM call with Weave” on; it is kept here.
            </EmptyState>
          ) : (
            <ul aria-label="Chats" className="flex flex-col gap-1">
              {chats.map((chat) => (
                <ChatRow
                  key={chat.id}
                  chat={chat}
                  busy={load.isPending && load.variables === chat.id}
                  onChoose={() => load.mutate(chat.id)}
                />
              ))}
            </ul>
          );
        }}
      </Loaded>
      {query.hasNextPage && more}
    </div>
  );
}

interface ChatRowProps {
  chat: ChatTold;
  busy: boolean;
  onChoose: () => void;
}

function ChatRow({ chat, busy, onChoose }: ChatRowProps) {
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
