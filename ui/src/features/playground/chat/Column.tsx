import { memo } from "react";
import { useChat, useModel, useParts } from "../context";
import { conflicts } from "../state/capabilities";
import { ChatHeader } from "./ChatHeader";
import { MessageList } from "./MessageList";
import { PendingTools } from "./PendingTools";
import { PromptArea } from "./PromptArea";

interface ColumnProps {
  chatId: string;
  /** As it stands on the screen, from 1. */
  number: number;
  isOnly: boolean;
}

/** One chat: its model, its prompt and its messages. Draws when its own chat changes, and not with the others. */
export const Column = memo(function Column({ chatId, number, isOnly }: ColumnProps) {
  const { store } = useParts();
  const chat = useChat(chatId);
  const model = useModel(chat?.model ?? "");
  if (chat === undefined) return null;
  const problems = conflicts(chat, model);
  return (
    <section
      aria-label={`Chat ${number}`}
      id={`chat-${chatId}`}
      onFocusCapture={() =>
        store.get().activeId !== chatId && store.dispatch({ type: "chat/activate", chatId })
      }
      className="flex min-h-0 w-full shrink-0 snap-center flex-col border-line not-last:border-r md:w-auto md:min-w-80 md:flex-1"
    >
      <ChatHeader chatId={chatId} number={number} isOnly={isOnly} />
      <MessageList
        chat={chat}
        number={number}
        prompt={<PromptArea chatId={chatId} prompt={chat.prompt} number={number} />}
      />
      {problems.length > 0 && (
        <ul
          aria-label={`What chat ${number} cannot do`}
          className="border-t border-line bg-warn-soft px-3 py-1.5 text-xs"
        >
          {problems.map((problem) => (
            <li key={problem}>{problem}</li>
          ))}
        </ul>
      )}
      <PendingTools chat={chat} number={number} />
    </section>
  );
});
