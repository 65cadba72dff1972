import { Trash2 } from "lucide-react";
import { useId } from "react";
import { IconButton } from "~/components/Button";
import { useParts } from "../context";
import type { Message } from "../state/types";
import { GrowingText } from "./GrowingText";
import { RoleSelect } from "./RoleSelect";

interface PromptMessageProps {
  chatId: string;
  message: Message;
  index: number;
}

/** A message of the prompt: written where it stands. */
export function PromptMessage({ chatId, message, index }: PromptMessageProps) {
  const { store } = useParts();
  const id = useId();
  const edit = (change: Partial<Pick<Message, "content" | "role">>) =>
    store.dispatch({ type: "message/edit", chatId, messageId: message.id, change });
  return (
    <div className="rounded-md border border-line bg-panel focus-within:border-line-strong">
      <div className="flex items-center justify-between px-1 pt-1">
        <RoleSelect
          label={`Role of prompt message ${index + 1}`}
          roles={["system", "user", "assistant"]}
          value={message.role}
          onChange={(role) => edit({ role })}
        />
        <IconButton
          label={`Delete prompt message ${index + 1}`}
          onClick={() => store.dispatch({ type: "message/delete", chatId, messageId: message.id })}
        >
          <Trash2 aria-hidden className="size-3.5" />
        </IconButton>
      </div>
      <label htmlFor={id} className="sr-only">
        Text of prompt message {index + 1}
      </label>
      <GrowingText
        id={id}
        value={message.content}
        onChange={(content) => edit({ content })}
        placeholder={message.role === "system" ? "How the model is to behave" : "An example of what is said"}
        autoFocus={message.content === ""}
      />
    </div>
  );
}
