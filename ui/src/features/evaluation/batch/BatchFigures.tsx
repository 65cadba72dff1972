import { Meter, Money, Progress } from "~/components/Figures";
import { Tile } from "~/components/Page";
import { count, duration } from "~/lib/format";
import type { EvalBatch } from "../draft/types";
import { secondsLeft, shareOf, spentShare } from "./words";

/** What was spent of the budget, how many questions are answered, and how long it still takes. */
export function BatchFigures({ batch }: { batch: EvalBatch }) {
  const spent = spentShare(batch);
  const left = secondsLeft(batch);
  const errors = batch.runs.reduce((sum, run) => sum + run.errors, 0);
  return (
    <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
      <Tile
        label={batch.budget_nusd === null ? "Spent, without a budget" : "Spent of the budget"}
        note={spent !== null && <Meter percent={spent} label="Budget spent" />}
      >
        <Money nanoUsd={batch.spent_nusd} />
        {batch.budget_nusd !== null && (
          <span className="font-normal text-muted">
            {" "}
            of <Money nanoUsd={batch.budget_nusd} />
          </span>
        )}
      </Tile>
      <Tile
        label="Questions answered"
        note={
          <Progress
            percent={shareOf(batch.questions_done, batch.questions_total)}
            label="Questions answered"
          />
        }
      >
        {count(batch.questions_done)}
        <span className="font-normal text-muted"> of {count(batch.questions_total)}</span>
      </Tile>
      <Tile label="Time left" note={batch.state === "running" ? "until the last run ends" : undefined}>
        {batch.state !== "running" ? "none" : left === null ? "not known yet" : duration(left)}
      </Tile>
      <Tile label="Errors" note="rows without an answer or a score">
        {count(errors)}
      </Tile>
    </div>
  );
}
