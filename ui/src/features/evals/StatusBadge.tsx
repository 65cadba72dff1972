import { Badge, type Tone } from "~/components/Badge";
import { count } from "~/lib/format";
import type { EvalRun } from "./figures";

const TONES: Record<EvalRun["status"], Tone> = {
  running: "accent",
  done: "good",
  failed: "bad",
  lost: "warn",
};

/** What became of a run, and how far one is that goes on. */
export function StatusBadge({ run }: { run: EvalRun }) {
  const far =
    run.trials_total === null
      ? count(run.trials_done)
      : `${count(run.trials_done)} of ${count(run.trials_total)}`;
  const errors = run.status === "done" && run.errors > 0 ? `, ${count(run.errors)} failed inside` : "";
  return (
    <Badge tone={errors ? "warn" : TONES[run.status]}>
      {run.status}
      {run.status === "running" ? ` · ${far}` : errors}
    </Badge>
  );
}
