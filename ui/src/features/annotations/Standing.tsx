import type { QueueStats } from "~/api/weave/queues";
import { Progress } from "~/components/Figures";
import { count } from "~/lib/format";

interface StandingProps {
  name: string;
  stats: QueueStats | undefined;
}

/** How many of a queue's items somebody is done with. */
export function Standing({ name, stats }: StandingProps) {
  if (!stats) return <span className="text-muted">…</span>;
  const { total_items: total, completed_items: done } = stats;
  if (total === 0) return <span className="text-muted">no calls yet</span>;
  return (
    <span className="flex w-36 flex-col gap-1">
      <span className="whitespace-nowrap">
        {count(done)} of {count(total)} done
      </span>
      <Progress percent={(100 * done) / total} label={`Done of ${name}`} />
    </span>
  );
}
