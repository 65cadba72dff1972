import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Play, Square } from "lucide-react";
import { useState } from "react";
import { Badge } from "~/components/Badge";
import { Button, buttonClass } from "~/components/Button";
import { Ago } from "~/components/Figures";
import { Page } from "~/components/Page";
import { ErrorState, Loaded } from "~/components/States";
import type { Place } from "~/lib/place";
import { CostUnknown } from "../CostUnknown";
import type { EvalBatch } from "../draft/types";
import { batchesQuery, batchQuery, stopBatch } from "../queries";
import { BatchFigures } from "./BatchFigures";
import { ResumeDialog } from "./ResumeDialog";
import { RunTable } from "./RunTable";
import { stateOf, whyAndWhatNow } from "./words";

/** A batch: how far each model is, what was spent, and what can be done about it. */
export function BatchPage({ place, id }: { place: Place; id: string }) {
  const query = useQuery(batchQuery(place, id));
  const batch = query.data;
  return (
    <Page
      title={batch?.name ?? "Evaluation"}
      lead={batch?.description ?? "One evaluation run for each model, under one budget."}
      actions={batch && <Actions place={place} batch={batch} />}
    >
      <Loaded query={query}>
        {(found) => (
          <>
            <BatchState batch={found} />
            <BatchFigures batch={found} />
            <CostUnknown models={found.unpriced_models} />
            <RunTable place={place} batch={found} />
            <p className="text-xs text-muted">
              Started by {found.by} <Ago at={found.created_at} />.{" "}
              <Link
                to="/$team/$project/weave/evaluations/new"
                params={{ ...place }}
                className="text-accent underline"
              >
                Evaluation Playground
              </Link>
            </p>
          </>
        )}
      </Loaded>
    </Page>
  );
}

function BatchState({ batch }: { batch: EvalBatch }) {
  const { word, tone } = stateOf(batch.state);
  const told = whyAndWhatNow(batch);
  return (
    <div role="status" className="flex flex-col items-start gap-2">
      <Badge tone={tone}>{word}</Badge>
      {told !== "" && (
        <p
          className={`w-full rounded-md px-3 py-2 break-words ${tone === "bad" ? "bg-bad-soft" : "bg-warn-soft"}`}
        >
          {told}
        </p>
      )}
    </div>
  );
}

function Actions({ place, batch }: { place: Place; batch: EvalBatch }) {
  const cache = useQueryClient();
  const [isResuming, setResuming] = useState(false);
  const take = (next: EvalBatch) => {
    cache.setQueryData(batchQuery(place, batch.id).queryKey, next);
    void cache.invalidateQueries(batchesQuery(place));
  };
  const stop = useMutation({ mutationFn: () => stopBatch(place, batch.id), onSuccess: take });
  const finished = batch.runs.filter((run) => run.rows_done > 0);
  return (
    <>
      {stop.error !== null && <ErrorState error={stop.error} />}
      {finished.length > 1 && (
        <Link
          to={`/${place.team}/${place.project}/weave/evaluations/compare` as string}
          search={{ runs: finished.map((run) => run.call_id).join(",") } as never}
          className={buttonClass(batch.state === "done" ? "primary" : "plain")}
        >
          Compare the runs
        </Link>
      )}
      {batch.state === "running" && (
        <Button busy={stop.isPending} onClick={() => stop.mutate()}>
          {!stop.isPending && <Square aria-hidden className="size-3.5" />}
          Stop
        </Button>
      )}
      {batch.is_resumable && (
        <Button kind="primary" onClick={() => setResuming(true)}>
          <Play aria-hidden className="size-4" />
          Resume
        </Button>
      )}
      {isResuming && (
        <ResumeDialog
          place={place}
          batch={batch}
          onClose={() => setResuming(false)}
          onResumed={(next) => {
            take(next);
            setResuming(false);
          }}
        />
      )}
    </>
  );
}
