import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "~/components/Button";
import { Dialog } from "~/components/Dialog";
import { TextField } from "~/components/Field";
import { Money } from "~/components/Figures";
import { ErrorState } from "~/components/States";
import { nusd, parseUsd } from "~/lib/money";
import type { Place } from "~/lib/place";
import type { EvalBatch } from "../draft/types";
import { resumeBatch } from "../queries";
import { dollars } from "../run/budget";
import { nextBudget } from "./words";

interface ResumeDialogProps {
  place: Place;
  batch: EvalBatch;
  onClose: () => void;
  onResumed: (batch: EvalBatch) => void;
}

/** Go on where it stopped: with the budget as it is, or a larger one. */
export function ResumeDialog({ place, batch, onClose, onResumed }: ResumeDialogProps) {
  const proposed = batch.state === "out_of_budget" ? nextBudget(batch) : budgetOf(batch);
  const [typed, setTyped] = useState(proposed === null ? "" : dollars(proposed));
  const [problem, setProblem] = useState<string | null>(null);
  const resume = useMutation({
    mutationFn: (budget: bigint | null) => resumeBatch(place, batch.id, budget),
    onSuccess: onResumed,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const budget = typed.trim() === "" ? null : parseUsd(typed);
    if (budget === null && typed.trim() !== "") return setProblem("Type dollars, such as 2.50.");
    if (budget !== null && budget <= nusd(batch.spent_nusd))
      return setProblem("That much is spent already. Type more.");
    setProblem(null);
    resume.mutate(budget);
  };
  return (
    <Dialog open onClose={onClose} title={`Resume ${batch.name}`}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <p>
          <Money nanoUsd={batch.spent_nusd} /> are spent. What was answered is neither asked nor paid again.
        </p>
        <TextField
          label="Budget over the whole evaluation, in dollars"
          hint={batch.budget_nusd === null ? "Empty: without a budget, as before." : "Empty: as before."}
          inputMode="decimal"
          maxLength={24}
          value={typed}
          error={problem}
          onChange={(event) => setTyped(event.target.value)}
        />
        {resume.error !== null && <ErrorState error={resume.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" busy={resume.isPending}>
            Resume
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function budgetOf(batch: EvalBatch): bigint | null {
  return batch.budget_nusd === null ? null : nusd(batch.budget_nusd);
}
