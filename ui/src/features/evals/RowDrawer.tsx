import { buttonClass } from "~/components/Button";
import { Dialog } from "~/components/Dialog";
import { ValueView } from "~/components/value/ValueView";
import { count, duration } from "~/lib/format";
import type { Metric } from "./figures";
import { callHref } from "./links";
import type { Of } from "./queries";
import { trialsOf, Value, valuesOf } from "./rowColumns";
import { partsOf } from "./rows";
import type { Row } from "./useRows";

interface RowDrawerProps {
  of: Of;
  row: Row | undefined;
  runs: string[];
  names: Map<string, string>;
  metrics: Metric[];
  onClose: () => void;
}

/** One row whole: input, target, and every run's outputs and scores beside each other, with the way to each trace. */
export function RowDrawer({ of, row, runs, names, metrics, onClose }: RowDrawerProps) {
  const parts = row && partsOf(row.row.value);
  return (
    <Dialog open={row !== undefined} onClose={onClose} title="Row" drawer>
      {row && parts && (
        <div className="flex flex-col gap-4">
          <Labelled title={row.row.cut ? "Input (the beginning)" : "Input"} value={parts.input} />
          {parts.target !== undefined && <Labelled title="Target" value={parts.target} />}
          {runs.map((run) => (
            <section key={run} aria-label={names.get(run) ?? run} className="flex flex-col gap-2">
              <h3 className="border-b border-line pb-1 text-sm font-semibold break-words">
                {names.get(run) ?? run}
              </h3>
              {trialsOf(row, run).length === 0 && <p className="text-muted">This run has no such row.</p>}
              <Values metrics={metrics} values={valuesOf(row, run)} />
              {trialsOf(row, run).map((trial, index) => (
                <div key={trial.call_id} className="flex flex-col gap-1.5">
                  <ValueView
                    label={`Output ${index + 1} of ${names.get(run) ?? run}`}
                    value={trial.output.value}
                  />
                  <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-muted">
                    {trial.failed && <span className="font-medium text-bad">failed</span>}
                    {trial.output.cut && <span>Only the beginning: all of it is in the trace.</span>}
                    {trial.latency_s !== null && <span>{duration(trial.latency_s)}</span>}
                    {trial.tokens !== null && <span>{count(trial.tokens)} tokens</span>}
                    <a href={callHref(of, trial.call_id)} className={buttonClass("plain", true)}>
                      Open trace
                    </a>
                  </div>
                  <details>
                    <summary className="cursor-pointer text-xs text-muted">Scores as they were given</summary>
                    <ValueView label="Scores" value={trial.scores} />
                  </details>
                </div>
              ))}
            </section>
          ))}
        </div>
      )}
    </Dialog>
  );
}

function Labelled({ title, value }: { title: string; value: unknown }) {
  return (
    <section aria-label={title} className="flex flex-col gap-1.5">
      <h3 className="text-sm font-semibold">{title}</h3>
      <ValueView label={title} value={value} />
    </section>
  );
}

function Values({ metrics, values }: { metrics: Metric[]; values: Record<string, number> }) {
  const told = metrics.filter((metric) => values[metric.id] !== undefined);
  return (
    <dl className="flex flex-wrap gap-x-4 gap-y-1 text-xs">
      {told.map((metric) => (
        <div key={metric.id} className="flex gap-1.5">
          <dt className="text-muted">{metric.label}</dt>
          <dd className="tabular-nums">
            <Value metric={metric} value={values[metric.id]} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
