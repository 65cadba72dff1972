import { X } from "lucide-react";
import { useSyncExternalStore } from "react";
import { IconButton } from "./Button";

type Tone = "good" | "bad";

interface Toast {
  id: number;
  text: string;
  tone: Tone;
}

const LASTS_MS = { good: 4_000, bad: 12_000 };
let toasts: readonly Toast[] = [];
let nextId = 1;
const listeners = new Set<() => void>();

function set(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Tell in the corner how something went. What must not be missed belongs beside what it is about. */
export function toast(text: string, tone: Tone = "good"): void {
  const id = nextId++;
  set([...toasts.slice(-3), { id, text, tone }]);
  setTimeout(() => dismiss(id), LASTS_MS[tone]);
}

function dismiss(id: number): void {
  set(toasts.filter((one) => one.id !== id));
}

/** The corner; once, at the root. Read out by screen readers as it changes. */
export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => toasts);
  return (
    <section
      aria-label="Notifications"
      aria-live="polite"
      className="pointer-events-none fixed right-3 bottom-3 z-60 flex max-w-sm flex-col gap-2"
    >
      {shown.map((one) => (
        <div
          key={one.id}
          className={`pointer-events-auto flex items-start gap-2 rounded-md border border-line px-3 py-2 shadow-lg ${
            one.tone === "bad" ? "bg-bad-soft" : "bg-raised"
          }`}
        >
          <span className="min-w-0 flex-1 break-words">{one.text}</span>
          <IconButton label="Dismiss" className="-my-1 -mr-1.5" onClick={() => dismiss(one.id)}>
            <X aria-hidden className="size-3.5" />
          </IconButton>
        </div>
      ))}
    </section>
  );
}
