import type { ReactNode } from "react";
import type { Call } from "~/api/weave/calls";
import { exceptionText } from "~/api/weave/told";
import { CodeBlock } from "~/components/Copy";
import { ValueView } from "~/components/value/ValueView";

/** What went into a call, what came out, or what went wrong. */
export function CallTab({ call }: { call: Call }) {
  const { inputs, output, exception, attributes } = call;
  return (
    <div className="flex min-w-0 flex-col gap-5">
      {exception && (
        <Part title="Exception">
          <CodeBlock label="Exception" code={exceptionText(exception)} />
        </Part>
      )}
      <Part title="Inputs">
        <ValueView label="Inputs" value={inputs ?? {}} />
      </Part>
      {call.ended_at && !(exception && output == null) && (
        <Part title="Output">
          <ValueView label="Output" value={output ?? null} />
        </Part>
      )}
      {!call.ended_at && <p className="text-muted">It is running: there is no output yet.</p>}
      {attributes && Object.keys(attributes).length > 0 && (
        <Part title="Attributes">
          <ValueView label="Attributes" value={attributes} />
        </Part>
      )}
    </div>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      <h2 className="text-sm font-semibold">{title}</h2>
      {children}
    </div>
  );
}
