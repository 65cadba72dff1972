import { Wrench } from "lucide-react";
import type { ToolCall } from "../state/types";

/** The functions that a model wants called, with their arguments readable. */
export function ToolCalls({ calls }: { calls: readonly ToolCall[] }) {
  if (calls.length === 0) return null;
  return (
    <ul aria-label="Tool calls" className="flex flex-col gap-2">
      {calls.map((call, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: calls are only ever added at the end
        <li key={index} className="rounded-md border border-line">
          <div className="flex items-center gap-2 border-b border-line bg-panel px-2 py-1 text-xs">
            <Wrench aria-hidden className="size-3.5 text-muted" />
            <span className="font-medium">{call.name}</span>
            <span className="ml-auto min-w-0 truncate font-mono text-2xs text-muted">{call.id}</span>
          </div>
          <pre className="overflow-x-auto px-2 py-1.5 font-mono text-xs whitespace-pre-wrap">
            {pretty(call.arguments)}
          </pre>
        </li>
      ))}
    </ul>
  );
}

/** Arguments that are whole are laid out; what is still written is shown as it comes. */
function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
