import { Button } from "~/components/Button";
import { plural } from "~/lib/format";

interface PutAsideProps {
  count: number;
  onBringBack: () => void;
  onForget: () => void;
}

/** Nothing is lost by following a link: the chats that were here before are one click away. */
export function PutAside({ count, onBringBack, onForget }: PutAsideProps) {
  return (
    <div
      role="status"
      className="flex flex-wrap items-center gap-2 border-b border-line bg-accent-soft px-3 py-1.5"
    >
      <span className="flex-1">Your {plural(count, "earlier chat")} made room for what you opened.</span>
      <Button small onClick={onBringBack}>
        Bring back
      </Button>
      <Button small kind="quiet" onClick={onForget}>
        Dismiss
      </Button>
    </div>
  );
}
