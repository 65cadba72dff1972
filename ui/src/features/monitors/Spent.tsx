import { Meter, Money } from "~/components/Figures";
import { nusd, percent } from "~/lib/money";
import type { Monitor } from "./queries";

/** What a monitor spent of its budget today; what asks no model spends nothing. */
export function Spent({ monitor }: { monitor: Monitor }) {
  if (!monitor.asks_models) return <span className="text-muted">asks no model</span>;
  const [spent, budget] = [nusd(monitor.spent_today_nusd), nusd(monitor.budget_nusd)];
  if (budget === 0n) return <span className="text-muted">no budget</span>;
  return (
    <span className="flex min-w-28 flex-col gap-1">
      <span className="whitespace-nowrap">
        <Money nanoUsd={spent} /> of <Money nanoUsd={budget} />
      </span>
      <Meter percent={percent(spent, budget)} label={`Spent today by ${monitor.name}`} />
    </span>
  );
}
