import { type FormEvent, useState } from "react";
import { Button } from "~/components/Button";
import { TextArea } from "~/components/Field";
import { useParts } from "../context";
import { pendingToolCalls } from "../state/conversation";
import type { Chat, ToolCall } from "../state/types";

/** A box for the result of each call that waits for one. With the last result the model goes on. */
export function PendingTools({ chat, number }: { chat: Chat; number: number }) {
  const pending = pendingToolCalls(chat);
  const [first] = pending;
  if (first === undefined) return null;
  return (
    <section
      aria-label={`Results for chat ${number}`}
      className="max-h-[45%] overflow-auto border-t border-line bg-panel p-3"
    >
      <ResultForm key={first.id} chatId={chat.id} call={first} left={pending.length - 1} />
    </section>
  );
}

function ResultForm({ chatId, call, left }: { chatId: string; call: ToolCall; left: number }) {
  const { session } = useParts();
  const [text, setText] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    session.answerTool(chatId, call.id, text);
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-2">
      <TextArea
        label={`Result of ${call.name}`}
        hint={
          left > 0 ? `${left} more after this one.` : "What the function returned; the model goes on with it."
        }
        value={text}
        onChange={(event) => setText(event.target.value)}
        placeholder='{"temperature_c": 17}'
        className="font-mono text-xs"
      />
      <div className="flex justify-end">
        <Button small kind="primary" type="submit" disabled={text === ""}>
          {left > 0 ? "Next result" : "Send result"}
        </Button>
      </div>
    </form>
  );
}
