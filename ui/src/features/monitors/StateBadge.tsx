import { Badge } from "~/components/Badge";
import type { Monitor } from "./queries";
import { stateWord } from "./words";

/** How a monitor is, in a word; the whole reason on hover. */
export function StateBadge({ monitor }: { monitor: Monitor }) {
  const { word, tone } = stateWord(monitor);
  return (
    <Badge tone={tone} title={monitor.reason}>
      {word}
    </Badge>
  );
}
