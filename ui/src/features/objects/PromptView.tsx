import { Badge } from "~/components/Badge";
import { Section } from "~/components/Page";
import { ValueView } from "~/components/value/ValueView";
import { type PromptMessage, pieces, variablesOf } from "./values";

/** A prompt's messages, its variables marked. */
export function PromptView({ messages }: { messages: PromptMessage[] }) {
  const variables = variablesOf(messages.map((message) => message.content));
  return (
    <Section
      title="Messages"
      lead={
        variables.length > 0 && (
          <span className="flex flex-wrap items-center gap-1.5">
            Variables:
            {variables.map((name) => (
              <Badge key={name} tone="warn">
                {name}
              </Badge>
            ))}
          </span>
        )
      }
    >
      <ol className="flex flex-col gap-2">
        {messages.map((message, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: messages have no names, and this list does not change
          <li key={index} className="rounded-lg border border-line">
            <div className="border-b border-line bg-panel px-3 py-1 text-xs font-medium text-muted">
              {message.role}
            </div>
            <div className="p-3">
              {typeof message.content === "string" ? (
                <PromptText text={message.content} />
              ) : (
                <ValueView label={`Message ${index + 1}`} value={message.content} />
              )}
            </div>
          </li>
        ))}
      </ol>
    </Section>
  );
}

function PromptText({ text }: { text: string }) {
  return (
    <div className="font-mono text-xs leading-relaxed break-words whitespace-pre-wrap">
      {pieces(text).map((piece, index) =>
        piece.isVariable ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text, drawn anew as a whole
          <mark key={index} className="rounded bg-warn-soft px-0.5 text-warn">
            {piece.text}
          </mark>
        ) : (
          piece.text
        ),
      )}
    </div>
  );
}
