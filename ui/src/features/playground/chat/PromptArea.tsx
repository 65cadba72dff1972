import { Plus } from "lucide-react";
import { memo } from "react";
import { Button } from "~/components/Button";
import { useParts } from "../context";
import { PromptMenu } from "../prompts/PromptMenu";
import { newMessage } from "../state/make";
import type { Message, Role } from "../state/types";
import { PromptMessage } from "./PromptMessage";

interface PromptAreaProps {
  chatId: string;
  prompt: readonly Message[];
  number: number;
}

/** What stands before the conversation: system messages, and examples of how to answer. */
export const PromptArea = memo(function PromptArea({ chatId, prompt, number }: PromptAreaProps) {
  const { store } = useParts();
  const add = () => {
    const message = newMessage(nextRole(prompt), "");
    store.dispatch({ type: "message/add", chatId, part: "prompt", message });
  };
  return (
    <section aria-label={`Prompt of chat ${number}`} className="flex flex-col gap-2">
      {prompt.map((message, index) => (
        <PromptMessage key={message.id} chatId={chatId} message={message} index={index} />
      ))}
      <div className="flex flex-wrap gap-1">
        <Button small kind="quiet" onClick={add} className="text-muted">
          <Plus aria-hidden className="size-3.5" />
          {prompt.length === 0 ? "Add prompt message" : "Add message"}
        </Button>
        <PromptMenu chatId={chatId} prompt={prompt} number={number} />
      </div>
    </section>
  );
});

/** A prompt begins with the system; examples go in turns. */
function nextRole(prompt: readonly Message[]): Role {
  const last = prompt.at(-1)?.role;
  if (last === undefined) return "system";
  return last === "user" ? "assistant" : "user";
}
