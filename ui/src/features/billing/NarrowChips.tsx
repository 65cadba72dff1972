import { X } from "lucide-react";
import type { Narrow } from "./search";
import { GROUP_LABELS } from "./usage";

const KEYS = ["model", "project", "user", "key"] as const;

interface NarrowChipsProps {
  only: Narrow;
  /** Names by id, as far as they are known. */
  names: Record<string, string>;
  onRemove: (key: keyof Narrow) => void;
}

/** What the view is narrowed to; each can be taken away. */
export function NarrowChips({ only, names, onRemove }: NarrowChipsProps) {
  const chosen = KEYS.flatMap((key) => {
    const value = only[key];
    return value === undefined ? [] : [{ key, value }];
  });
  if (chosen.length === 0) return null;
  return (
    <ul aria-label="Narrowed to" className="flex flex-wrap gap-2">
      {chosen.map(({ key, value }) => (
        <li key={key}>
          <button
            type="button"
            onClick={() => onRemove(key)}
            aria-label={`Remove the filter ${GROUP_LABELS[key]} ${names[value] ?? value}`}
            className="flex h-7 max-w-80 items-center gap-1.5 rounded-full border border-line bg-accent-soft px-2.5 text-xs text-accent"
          >
            <span className="text-muted">{GROUP_LABELS[key]}</span>
            <span className="truncate">{names[value] ?? value}</span>
            <X aria-hidden className="size-3 shrink-0" />
          </button>
        </li>
      ))}
    </ul>
  );
}
