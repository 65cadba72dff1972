import { useChatIds } from "../context";
import type { Target } from "../state/compose";

/** Which chats the composer speaks to. */
export function TargetSelect({ value, onChange }: { value: Target; onChange: (target: Target) => void }) {
  const ids = useChatIds();
  if (ids.length < 2) return null;
  return (
    <select
      aria-label="Send to"
      value={ids.includes(value) ? value : "all"}
      onChange={(event) => onChange(event.target.value)}
      className="h-7 rounded-md bg-transparent px-1 text-xs font-medium text-muted hover:bg-hover pointer-coarse:h-9"
    >
      <option value="all">To all chats</option>
      {ids.map((id, index) => (
        <option key={id} value={id}>
          To chat {index + 1}
        </option>
      ))}
    </select>
  );
}
