import type { Call } from "~/api/weave/calls";
import { exceptionText } from "~/api/weave/told";
import { CodeBlock } from "~/components/Copy";
import { ChatView } from "~/components/chat/ChatView";
import { conversationOf } from "~/components/chat/chat";
import { ValueView } from "~/components/value/ValueView";
import { valueAt } from "./items";

/** Of a call, the fields that are to be looked at; all of it if none are named, as a chat where it is one. */
export function CallShown({ call, fields }: { call: Call; fields: string[] }) {
  if (fields.length > 0)
    return (
      <>
        {fields.map((path) => (
          <Part key={path} label={path} value={valueAt(call, path)} />
        ))}
      </>
    );
  const chat = conversationOf(call.inputs, call.output);
  return (
    <>
      {chat ? <ChatView chat={chat} /> : <Part label="Inputs" value={call.inputs ?? {}} />}
      {call.exception && <CodeBlock label="Exception" code={exceptionText(call.exception)} />}
      {!chat && !call.exception && <Part label="Output" value={call.output} />}
    </>
  );
}

function Part({ label, value }: { label: string; value: unknown }) {
  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      <h2 className="text-sm font-semibold break-all">{label}</h2>
      {value === undefined || value === null ? (
        <p className="text-muted">There is nothing.</p>
      ) : (
        <ValueView label={label} value={value} />
      )}
    </div>
  );
}
