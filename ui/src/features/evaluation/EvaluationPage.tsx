import { useMemo } from "react";
import { Button } from "~/components/Button";
import { Page } from "~/components/Page";
import type { Place } from "~/lib/place";
import { BatchList } from "./batch/BatchList";
import { DatasetStep } from "./dataset/DatasetStep";
import { newDraft } from "./draft/make";
import { useDraft } from "./draft/useDraft";
import { readinessOf } from "./draft/wire";
import { ModelsStep } from "./models/ModelsStep";
import { RunStep } from "./run/RunStep";
import { StepNav } from "./StepNav";
import { ScorersStep } from "./scorers/ScorersStep";

/** The Evaluation Playground: rows, models and scorers are chosen, the cost is told, and the evaluation started. */
export function EvaluationPage({ place }: { place: Place }) {
  const { draft, change, isKept } = useDraft(place);
  const { wanted, missing } = useMemo(() => readinessOf(draft), [draft]);
  const of = { place, draft, change, missing };
  return (
    <Page
      wide
      title="Evaluation Playground"
      lead="Ask several models about the rows of a dataset, score the answers, and know the cost before."
      actions={<Button onClick={() => change(newDraft())}>Start over</Button>}
    >
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4 lg:grid-cols-[10rem_minmax(0,1fr)] lg:gap-6">
        <StepNav missing={missing} />
        <div className="flex min-w-0 flex-col gap-6">
          <DatasetStep {...of} isKept={isKept} />
          <ModelsStep {...of} />
          <ScorersStep {...of} />
          <RunStep {...of} wanted={wanted} />
          <BatchList place={place} />
        </div>
      </div>
    </Page>
  );
}
