import { CircleHelp, History, Link2, Plus } from "lucide-react";
import { useState } from "react";
import { Button, IconButton } from "~/components/Button";
import { useParts, usePlayground } from "../context";
import { HistoryPanel } from "../history/HistoryPanel";
import { MAX_CHATS, newChat } from "../state/make";
import { HelpDialog } from "./HelpDialog";
import { shareChats } from "./shareLink";

interface ToolbarProps {
  helping: boolean;
  onHelp: (helping: boolean) => void;
}

/** What concerns all chats. */
export function Toolbar({ helping, onHelp }: ToolbarProps) {
  const { place, store } = useParts();
  const [remembering, setRemembering] = useState(false);
  const isFull = usePlayground((state) => state.chats.length >= MAX_CHATS);
  return (
    <header className="flex items-center gap-1 border-b border-line px-3 py-1.5">
      <h1 className="mr-auto text-base font-semibold">Playground</h1>
      <IconButton label="Keyboard shortcuts" onClick={() => onHelp(true)}>
        <CircleHelp aria-hidden className="size-4" />
      </IconButton>
      <IconButton label="Copy link to all chats" onClick={() => void shareChats(store.get().chats)}>
        <Link2 aria-hidden className="size-4" />
      </IconButton>
      <Button small onClick={() => setRemembering(true)}>
        <History aria-hidden className="size-3.5" /> History
      </Button>
      <Button small disabled={isFull} onClick={() => store.dispatch({ type: "chat/add", chat: newChat() })}>
        <Plus aria-hidden className="size-3.5" /> Add chat
      </Button>
      <HistoryPanel
        place={place}
        open={remembering}
        onClose={() => setRemembering(false)}
        onLoad={(chat) => store.dispatch({ type: "chat/add", chat })}
      />
      <HelpDialog open={helping} onClose={() => onHelp(false)} />
    </header>
  );
}
