import { memo, useState } from "react";
import type { Message } from "../state/types";
import { AnswerView } from "./AnswerView";
import { MessageActions } from "./MessageActions";
import { MessageEditor } from "./MessageEditor";
import { MessageImages } from "./MessageImages";
import { roleName } from "./RoleSelect";

interface MessageViewProps {
  chatId: string;
  message: Message;
  /** In its chat, from 1. */
  number: number;
}

/** One message, whoever wrote it. Draws again only when it is another one. */
export const MessageView = memo(function MessageView({ chatId, message, number }: MessageViewProps) {
  const [isEdited, setEdited] = useState(false);
  const { role, answer } = message;
  return (
    <article
      aria-label={`Message ${number}, ${roleName(role)}`}
      className={`group min-w-0 rounded-md [contain-intrinsic-size:auto_6rem] [content-visibility:auto] ${
        role === "assistant" ? "" : "border border-line bg-panel px-2.5 py-1.5"
      }`}
    >
      <div className="flex h-7 items-center gap-2">
        <span className="text-xs font-medium text-muted">{roleName(role)}</span>
        {message.toolCallId !== null && (
          <span className="min-w-0 truncate font-mono text-2xs text-muted">{message.toolCallId}</span>
        )}
        {answer?.edited && <span className="text-2xs text-muted">edited</span>}
        <MessageActions chatId={chatId} message={message} number={number} onEdit={() => setEdited(true)} />
      </div>
      {isEdited ? (
        <MessageEditor chatId={chatId} message={message} onClose={() => setEdited(false)} />
      ) : answer === null ? (
        <>
          <div className="text-sm break-words whitespace-pre-wrap">{message.content}</div>
          <MessageImages images={message.images} />
        </>
      ) : (
        <AnswerView chatId={chatId} message={message} answer={answer} />
      )}
    </article>
  );
});
