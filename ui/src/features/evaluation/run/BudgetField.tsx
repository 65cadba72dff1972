import { Checkbox, TextField } from "~/components/Field";
import type { Draft, EvalEstimate } from "../draft/types";
import type { ChangeDraft } from "../draft/useDraft";
import { type budgetOf, budgetWarning, dollars, proposalText } from "./budget";

interface BudgetFieldProps {
  draft: Draft;
  change: ChangeDraft;
  estimate: EvalEstimate | undefined;
  budget: ReturnType<typeof budgetOf>;
}

/** The hard budget: proposed above the estimate, or typed, exact to the nano-dollar. */
export function BudgetField({ draft, change, estimate, budget }: BudgetFieldProps) {
  const { by, typed } = draft.budget;
  const shown = by === "own" ? typed : budget.nusd === null ? "" : dollars(budget.nusd);
  const warning = estimate && budget.problem === null ? budgetWarning(budget.nusd, estimate) : null;
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <div className="w-56 max-w-full">
          <TextField
            label="Budget in dollars"
            inputMode="decimal"
            maxLength={24}
            disabled={by === "none"}
            value={shown}
            error={budget.problem || null}
            hint={by === "suggested" && estimate ? proposalText(estimate) : undefined}
            onChange={(event) => change({ budget: { by: "own", typed: event.target.value } })}
            onBlur={() =>
              by === "own" && typed.trim() === "" && change({ budget: { by: "suggested", typed: "" } })
            }
          />
        </div>
        <div className="pt-6">
          <Checkbox
            label="No budget"
            hint="Only the team's credit and caps end it."
            checked={by === "none"}
            onChange={(none) => change({ budget: { by: none ? "none" : "suggested", typed: "" } })}
          />
        </div>
      </div>
      <p className="max-w-prose text-xs text-muted">
        Models and judges together never cost more than this. When it is used up the evaluation stops with
        what is done, and can be resumed with a larger one.
      </p>
      {warning && <p className="text-xs text-warn">{warning}</p>}
    </div>
  );
}
