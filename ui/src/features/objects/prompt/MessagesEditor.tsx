import { ArrowDown, ArrowUp, Plus, Trash2 } from "lucide-react";
import { Button, IconButton } from "~/components/Button";
import { Select, TextArea } from "~/components/Field";
import { ValueView } from "~/components/value/ValueView";
import type { PromptMessage } from "../values";
import { moved, ROLES } from "./draft";

interface MessagesEditorProps {
  messages: PromptMessage[];
  onChange: (messages: PromptMessage[]) => void;
}

/** A prompt's messages: roles, texts, order. */
export function MessagesEditor({ messages, onChange }: MessagesEditorProps) {
  const set = (index: number, changed: Partial<PromptMessage>) =>
    onChange(messages.map((one, at) => (at === index ? { ...one, ...changed } : one)));
  return (
    <div className="flex flex-col gap-3">
      <ol className="flex flex-col gap-3">
        {messages.map((message, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: messages have no names but their place
          <li key={index} className="flex flex-col gap-2 rounded-lg border border-line p-3">
            <div className="flex items-center gap-1">
              <div className="w-36">
                <Select
                  label={`Role of message ${index + 1}`}
                  hideLabel
                  value={message.role}
                  options={[...new Set([...ROLES, message.role])].map((role) => ({
                    value: role,
                    label: role,
                  }))}
                  onChange={(role) => set(index, { role })}
                />
              </div>
              <span className="flex-1" />
              <IconButton
                label={`Move message ${index + 1} up`}
                disabled={index === 0}
                onClick={() => onChange(moved(messages, index, -1))}
              >
                <ArrowUp aria-hidden className="size-3.5" />
              </IconButton>
              <IconButton
                label={`Move message ${index + 1} down`}
                disabled={index === messages.length - 1}
                onClick={() => onChange(moved(messages, index, 1))}
              >
                <ArrowDown aria-hidden className="size-3.5" />
              </IconButton>
              <IconButton
                label={`Remove message ${index + 1}`}
                disabled={messages.length === 1}
                onClick={() => onChange(messages.toSpliced(index, 1))}
              >
                <Trash2 aria-hidden className="size-3.5" />
              </IconButton>
            </div>
            {typeof message.content === "string" ? (
              <TextArea
                label={`Message ${index + 1}`}
                hideLabel
                rows={Math.min(16, Math.max(3, message.content.split("\n").length + 1))}
                className="font-mono"
                value={message.content}
                onChange={(event) => set(index, { content: event.target.value })}
              />
            ) : (
              <ValueView label={`Message ${index + 1}, kept as it is`} value={message.content} />
            )}
          </li>
        ))}
      </ol>
      <div>
        <Button small onClick={() => onChange([...messages, { role: "user", content: "" }])}>
          <Plus aria-hidden className="size-3.5" /> Add a message
        </Button>
      </div>
    </div>
  );
}
