import { Check, Circle, CircleDot, SkipForward } from "lucide-react";
import { useEffect, useRef } from "react";
import type { ItemState, QueueItem } from "~/api/weave/queues";
import { callName } from "~/api/weave/told";
import { Button } from "~/components/Button";
import { WORDS } from "./items";

interface ItemListProps {
  items: QueueItem[];
  current: string;
  onItem: (id: string) => void;
  isMore: boolean;
  onMore: () => void;
}

const ICONS = { unstarted: Circle, in_progress: CircleDot, completed: Check, skipped: SkipForward };

/** The items by number, each with how far it is. */
export function ItemList({ items, current, onItem, isMore, onMore }: ItemListProps) {
  const list = useRef<HTMLElement>(null);
  useEffect(() => {
    list.current?.querySelector(`[data-item="${current}"]`)?.scrollIntoView({ block: "nearest" });
  }, [current]);
  return (
    <nav
      ref={list}
      aria-label="Calls of the queue"
      className="max-h-40 overflow-auto rounded-lg border border-line lg:max-h-[70vh]"
    >
      <ol className="flex flex-col p-1">
        {items.map((one) => (
          <li key={one.id} data-item={one.id}>
            <button
              type="button"
              aria-current={one.id === current ? "true" : undefined}
              onClick={() => onItem(one.id)}
              className={`flex w-full items-center gap-2 rounded px-2 py-1 text-left text-xs ${
                one.id === current ? "bg-accent-soft" : "hover:bg-hover"
              }`}
            >
              <StateIcon state={one.annotation_state} />
              <span className="min-w-0 flex-1 truncate">{callName({ op_name: one.call_op_name })}</span>
              <span className="text-muted">{one.position_in_queue}</span>
            </button>
          </li>
        ))}
      </ol>
      {isMore && (
        <Button small kind="quiet" className="m-1" onClick={onMore}>
          Show more
        </Button>
      )}
    </nav>
  );
}

/** How far an item is, as a sign. */
function StateIcon({ state }: { state: ItemState }) {
  const Icon = ICONS[state];
  const tone = state === "completed" ? "text-good" : state === "in_progress" ? "text-accent" : "text-muted";
  return (
    <span title={WORDS[state]}>
      <Icon aria-hidden className={`size-3.5 ${tone}`} />
      <span className="sr-only">{WORDS[state]}</span>
    </span>
  );
}
