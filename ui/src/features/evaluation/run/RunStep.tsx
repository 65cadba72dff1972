import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Play } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { Button } from "~/components/Button";
import { TextArea, TextField } from "~/components/Field";
import { ErrorState } from "~/components/States";
import type { Place } from "~/lib/place";
import type { Draft, EvalWanted, Missing } from "../draft/types";
import type { ChangeDraft } from "../draft/useDraft";
import { batchesQuery, estimateQuery, resumeBatch, startBatch } from "../queries";
import { Notes, Step } from "../Step";
import { BudgetField } from "./BudgetField";
import { budgetOf } from "./budget";
import { EstimatePanel } from "./EstimatePanel";
import { PilotOffer } from "./PilotOffer";
import { usePilot } from "./usePilot";

interface RunStepProps {
  place: Place;
  draft: Draft;
  change: ChangeDraft;
  wanted: EvalWanted | null;
  missing: Missing[];
}

const PAUSE_MS = 600;

/** What it is called, what it will cost, what it may cost, and the start. */
export function RunStep({ place, draft, change, wanted, missing }: RunStepProps) {
  const navigate = useNavigate();
  const cache = useQueryClient();
  const text = wanted && JSON.stringify({ ...wanted, name: "estimate", description: null });
  const paused = usePaused(text);
  const asked = useMemo(() => (paused === null ? null : (JSON.parse(paused) as EvalWanted)), [paused]);
  const estimate = useQuery(estimateQuery(place, asked));
  const pilot = usePilot(place, text, draft.dataset?.total ?? 0);
  const shown = wanted === null ? undefined : (pilot.estimate ?? estimate.data);
  const budget = budgetOf(draft.budget, shown);
  const begun = pilot.estimate?.pilot?.batch_id;
  const start = useMutation({
    mutationFn: (body: EvalWanted) =>
      begun === undefined ? startBatch(place, body) : resumeBatch(place, begun, budget.nusd),
    onSuccess: async (batch) => {
      cache.setQueryData(["evaluation", `${place.team}/${place.project}`, "batch", batch.id], batch);
      void cache.invalidateQueries(batchesQuery(place));
      await navigate({
        to: "/$team/$project/weave/evaluations/batches/$batchId",
        params: { ...place, batchId: batch.id },
      });
    },
  });
  const elsewhere = missing.filter((one) => one.step !== "run");
  const isReady =
    wanted !== null && budget.problem === null && (shown !== undefined || draft.budget.by !== "suggested");
  const bounded = wanted && {
    ...wanted,
    ...(budget.nusd === null ? {} : { budget_nusd: budget.nusd.toString() }),
  };
  return (
    <Step
      step="run"
      number={4}
      title="Run"
      lead="The estimate follows what is chosen above. Nothing is asked, and nothing paid, before the start."
      missing={missing}
    >
      <RunFields draft={draft} change={change} />
      <EstimatePanel
        place={place}
        query={estimate}
        measured={pilot.estimate}
        isReady={wanted !== null}
        isStale={paused !== text}
      />
      {shown && bounded && (!shown.is_measured || shown.pilot) && (
        <PilotOffer
          rows={pilot.rows}
          estimate={shown}
          isAsking={pilot.ask.isPending}
          error={pilot.ask.error}
          onAsk={() => pilot.ask.mutate(bounded)}
        />
      )}
      <BudgetField draft={draft} change={change} estimate={shown} budget={budget} />
      {start.error !== null && <ErrorState error={start.error} />}
      <div className="flex flex-wrap items-center gap-3">
        <Button
          kind="primary"
          busy={start.isPending}
          disabled={!isReady}
          onClick={() => bounded && start.mutate(bounded)}
        >
          {!start.isPending && <Play aria-hidden className="size-4" />}
          Start evaluation
        </Button>
        {elsewhere.length > 0 && <Notes missing={[summaryOf(elsewhere)]} />}
      </div>
    </Step>
  );
}

function summaryOf(missing: Missing[]): Missing {
  const steps = [...new Set(missing.map((one) => one.step))];
  return { step: "run", key: null, text: `Something is missing in: ${steps.join(", ")}.` };
}

function RunFields({ draft, change }: Pick<RunStepProps, "draft" | "change">) {
  return (
    <div className="grid gap-3 md:grid-cols-[minmax(0,1fr)_8rem_8rem]">
      <TextField
        label="Name of the evaluation"
        placeholder={draft.dataset ? `${draft.dataset.name} evaluation` : "my-evaluation"}
        value={draft.name}
        maxLength={128}
        onChange={(event) => change({ name: event.target.value })}
      />
      <TextField
        label="Trials of a row"
        inputMode="numeric"
        maxLength={3}
        value={draft.trials}
        onChange={(event) => change({ trials: event.target.value })}
      />
      <TextField
        label="At a time"
        inputMode="numeric"
        maxLength={2}
        value={draft.concurrency}
        onChange={(event) => change({ concurrency: event.target.value })}
      />
      <div className="md:col-span-3">
        <TextArea
          label="Description"
          rows={2}
          maxLength={10_000}
          placeholder="What is to be found out"
          value={draft.description}
          onChange={(event) => change({ description: event.target.value })}
        />
      </div>
    </div>
  );
}

/** What is wanted, once it has not changed for a moment. */
function usePaused(wanted: string | null): string | null {
  const [paused, setPaused] = useState(wanted);
  useEffect(() => {
    const timer = setTimeout(() => setPaused(wanted), wanted === null ? 0 : PAUSE_MS);
    return () => clearTimeout(timer);
  }, [wanted]);
  return paused;
}
