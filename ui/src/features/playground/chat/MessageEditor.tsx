import { type KeyboardEvent, useState } from "react";
import { Button } from "~/components/Button";
import { useParts } from "../context";
import { said } from "../state/conversation";
import type { Message } from "../state/types";
import { GrowingText } from "./GrowingText";
import { RoleSelect } from "./RoleSelect";

interface MessageEditorProps {
  chatId: string;
  message: Message;
  onClose: () => void;
}

/** Changes a message where it stands. Cmd/Ctrl-Enter saves, Escape leaves it as it was. */
export function MessageEditor({ chatId, message, onClose }: MessageEditorProps) {
  const { store } = useParts();
  const [text, setText] = useState(said(message).content);
  const [role, setRole] = useState(message.role);
  const save = () => {
    const change = message.role === "tool" ? { content: text } : { content: text, role };
    store.dispatch({ type: "message/edit", chatId, messageId: message.id, change });
    onClose();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      onClose();
    } else if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) {
      event.preventDefault();
      save();
    }
  };
  return (
    <div className="flex flex-col gap-2">
      {message.role !== "tool" && (
        <RoleSelect label="Role" roles={["system", "user", "assistant"]} value={role} onChange={setRole} />
      )}
      <GrowingText
        aria-label="Text of the message"
        value={text}
        onChange={setText}
        onKeyDown={onKeyDown}
        autoFocus
        className="rounded-md border border-line-strong"
      />
      <div className="flex justify-end gap-2">
        <Button small onClick={onClose}>
          Cancel
        </Button>
        <Button small kind="primary" onClick={save}>
          Save
        </Button>
      </div>
    </div>
  );
}
