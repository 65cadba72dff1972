import { type ReactNode, useState } from "react";
import { Button } from "~/components/Button";
import type { Chat } from "../state/types";
import { MessageView } from "./MessageView";

/** So many messages are drawn at first, and so many more each time that somebody asks for earlier ones. */
const PAGE = 40;

interface MessageListProps {
  chat: Chat;
  number: number;
  prompt: ReactNode;
}

/**
 * The conversation, held at its end while answers come: columns that are reversed do that without a script. Long chats
 * draw their last part only, and what is out of sight is neither laid out nor painted.
 */
export function MessageList({ chat, number, prompt }: MessageListProps) {
  const [most, setMost] = useState(PAGE);
  const { messages } = chat;
  const hidden = Math.max(0, messages.length - most);
  return (
    <section
      tabIndex={0}
      aria-label={`Messages of chat ${number}`}
      className="flex min-h-0 flex-1 flex-col-reverse overflow-y-auto overscroll-contain"
    >
      <div className="mb-auto flex flex-col gap-3 p-3">
        {prompt}
        {hidden > 0 && (
          <Button small onClick={() => setMost(most + PAGE)}>
            Show {Math.min(PAGE, hidden)} earlier messages
          </Button>
        )}
        {messages.slice(hidden).map((message, index) => (
          <MessageView key={message.id} chatId={chat.id} message={message} number={hidden + index + 1} />
        ))}
      </div>
    </section>
  );
}
