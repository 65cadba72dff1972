import { useEffect, useState } from "react";
import type { Announcements } from "./useSession";

/** Says each answer once, when it is whole: nobody wants to hear a stream token by token. */
export function Announcer({ announcements }: { announcements: Announcements }) {
  const [text, setText] = useState("");
  useEffect(() => announcements.subscribe(setText), [announcements]);
  return (
    <div aria-live="polite" aria-atomic="true" data-testid="announcer" className="sr-only">
      {text}
    </div>
  );
}
