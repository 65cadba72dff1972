import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { asApiError } from "~/api/errors";
import { Button } from "~/components/Button";
import { Dialog } from "~/components/Dialog";
import { Checkbox } from "~/components/Field";
import { SearchField } from "~/components/SearchField";
import { EmptyState, Loaded } from "~/components/States";
import { toast } from "~/components/Toasts";
import type { Place } from "~/lib/place";
import type { Chat } from "../state/types";
import { ChatRow, moveAmong } from "./ChatRow";
import { chatOfHistory } from "./load";
import { historyQuery, readChat } from "./queries";

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
  const [text, setText] = useState("");
  const query = useInfiniteQuery(historyQuery(place, mine, text.trim()));
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
    // biome-ignore lint/a11y/noStaticElementInteractions: arrows only move the focus among what is inside
    <div className="flex flex-col gap-3" onKeyDown={moveAmong}>
      <p className="text-muted">
        Every message that was sent here and traced. Choosing one opens it as another chat, beside those that
        are open.
      </p>
      <search className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="min-w-56 flex-1">
          <SearchField label="Search messages and models" text={text} onSearch={setText} wide />
        </div>
        <Checkbox label="Only mine" checked={mine} onChange={setMine} asSwitch />
      </search>
      <Loaded query={query}>
        {({ pages }) => {
          const chats = pages.flatMap((page) => page.chats);
          return chats.length === 0 ? (
            <NoChats isSearched={text.trim() !== ""} goesOn={query.hasNextPage} />
          ) : (
            <ul
              aria-label="Chats"
              aria-busy={query.isPlaceholderData || undefined}
              className="flex flex-col gap-1 aria-busy:opacity-60"
            >
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

function NoChats({ isSearched, goesOn }: { isSearched: boolean; goesOn: boolean }) {
  if (goesOn)
    return (
      <EmptyState title="Not among the newest chats">Older ones have not been looked through yet.</EmptyState>
    );
  if (isSearched)
    return (
      <EmptyState title="No chat has all of these words">
        They are looked for in the messages, the answer and the name of the model. Write fewer of them.
      </EmptyState>
    );
  return (
    <EmptyState title="Nothing was sent yet">
      Send a message with “Track this LLM call with Weave” on; it is kept here.
    </EmptyState>
  );
}
