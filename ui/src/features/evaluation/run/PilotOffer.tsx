import { Button } from "~/components/Button";
import { Money } from "~/components/Figures";
import { ErrorState } from "~/components/States";
import type { EvalEstimate } from "../draft/types";

interface PilotOfferProps {
  rows: number;
  estimate: EvalEstimate;
  isAsking: boolean;
  error: Error | null;
  onAsk: () => void;
}

/** For a better estimate: ask some rows first. */
export function PilotOffer({ rows, estimate, isAsking, error, onAsk }: PilotOfferProps) {
  if (estimate.pilot)
    return (
      <p role="status" className="text-xs text-muted">
        {estimate.pilot.rows} rows were asked for <Money nanoUsd={estimate.pilot.cost_nusd} />. The start goes
        on from them.
      </p>
    );
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-3">
        <Button small busy={isAsking} onClick={onAsk}>
          Ask {rows} rows first
        </Button>
        <span className="max-w-prose text-xs text-muted">
          Measures how long the answers are. These rows are paid for, and kept for the evaluation.
        </span>
      </div>
      {error !== null && <ErrorState error={error} />}
    </div>
  );
}
