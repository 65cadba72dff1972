import { Pencil, RefreshCw, Trash2 } from "lucide-react";
import { IconButton } from "~/components/Button";
import { CopyButton } from "~/components/Copy";
import { useParts } from "../context";
import { said } from "../state/conversation";
import { isRunning } from "../state/make";
import type { Message } from "../state/types";

interface MessageActionsProps {
  chatId: string;
  message: Message;
  number: number;
  onEdit: () => void;
}

/** Copy, edit, retry, delete: shown on hover, on focus, and always where there is no pointer that hovers. */
export function MessageActions({ chatId, message, number, onEdit }: MessageActionsProps) {
  const { store, session } = useParts();
  if (isRunning(message)) return null;
  const { content, toolCalls } = said(message);
  const text = content === "" && toolCalls.length > 0 ? JSON.stringify(toolCalls, null, 2) : content;
  return (
    <div className="ml-auto flex opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 pointer-coarse:opacity-100">
      <CopyButton text={text} label={`Copy message ${number}`} />
      <IconButton label={`Edit message ${number}`} onClick={onEdit}>
        <Pencil aria-hidden className="size-3.5" />
      </IconButton>
      <IconButton label={`Retry from message ${number}`} onClick={() => session.retry(chatId, message.id)}>
        <RefreshCw aria-hidden className="size-3.5" />
      </IconButton>
      <IconButton
        label={`Delete message ${number}`}
        onClick={() => store.dispatch({ type: "message/delete", chatId, messageId: message.id })}
      >
        <Trash2 aria-hidden className="size-3.5" />
      </IconButton>
    </div>
  );
}
