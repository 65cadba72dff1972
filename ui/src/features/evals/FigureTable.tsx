import { Link } from "@tanstack/react-router";
import { X } from "lucide-react";
import { Badge } from "~/components/Badge";
import { IconButton } from "~/components/Button";
import { Checkbox } from "~/components/Field";
import { Section } from "~/components/Page";
import {
  type Comparison,
  changeText,
  type Figure,
  intervalText,
  type Metric,
  pText,
  told,
  VERDICTS,
  valueText,
} from "./figures";
import type { Of } from "./queries";
import type { OnSearch } from "./RowsSection";
import { idsOf, type RunSearch } from "./search";
import { propertiesOf } from "./table";

interface FigureTableProps {
  of: Of;
  comparison: Comparison;
  names: Map<string, string>;
  search: RunSearch;
  onSearch: OnSearch;
}

/** Metrics and properties of all runs: means, intervals, and what may be said of each beside the baseline. */
export function FigureTable(props: FigureTableProps) {
  const { comparison, search, onSearch } = props;
  const only = search.diff ?? false;
  const metrics = comparison.metrics.filter((metric) => !only || differs(metric));
  const properties = propertiesOf(comparison).filter((one) => !only || one.differs);
  const turned = idsOf(search.turn);
  const turn = (id: string) =>
    onSearch({
      turn:
        (turned.includes(id) ? turned.filter((one) => one !== id) : [...turned, id]).join(",") || undefined,
    });
  return (
    <Section
      title="Properties and metrics"
      lead="Each mean with its 95 % interval. Marks say what a paired test on shared rows finds beside the baseline, corrected for the number of runs (Holm)."
      actions={
        <Checkbox
          label="Diff only"
          checked={only}
          onChange={(diff) => onSearch({ diff: diff || undefined })}
        />
      }
    >
      <section
        aria-label="Table of properties and metrics"
        tabIndex={0}
        className="relative max-h-[75vh] overflow-auto rounded-lg border border-line"
      >
        <table className="w-full border-collapse text-sm">
          <thead className="sticky top-0 z-10 bg-panel text-left text-xs">
            <tr>
              <th scope="col" className="min-w-36 px-3 py-2 font-medium text-muted">
                Metric
              </th>
              {comparison.runs.map(({ run }) => (
                <RunHead key={run.id} {...props} id={run.id} />
              ))}
            </tr>
          </thead>
          <tbody>
            {metrics.map((metric) => (
              <tr key={metric.id} className="border-t border-line align-top">
                <th scope="row" className="px-3 py-2 text-left font-medium">
                  {metric.label}
                  <button
                    type="button"
                    onClick={() => turn(metric.id)}
                    title="Turn what is better"
                    className="mt-0.5 block text-xs font-normal text-muted hover:underline"
                  >
                    {metric.higher_is_better ? "↑ more is better" : "↓ less is better"}
                  </button>
                </th>
                {metric.figures.map((figure) => (
                  <FigureCell key={figure.run} metric={metric} figure={figure} />
                ))}
              </tr>
            ))}
            {properties.map((one) => (
              <tr key={one.name} className="border-t border-line align-top">
                <th scope="row" className="px-3 py-1.5 text-left font-normal text-muted wrap-anywhere">
                  {one.name}
                </th>
                {comparison.runs.map(({ run }, index) => (
                  <td key={run.id} className="max-w-72 px-3 py-1.5">
                    <span className="line-clamp-3 wrap-anywhere">{one.cells[index] || "–"}</span>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </Section>
  );
}

function RunHead({ of, comparison, names, search, onSearch, id }: FigureTableProps & { id: string }) {
  const isBaseline = id === comparison.baseline;
  const rest = idsOf(search.runs).filter((one) => one !== id);
  const name = names.get(id) ?? id;
  return (
    <th scope="col" className="min-w-44 px-3 py-2 font-medium">
      <div className="flex items-start gap-1">
        <Link
          to="/$team/$project/weave/evaluations/$callId"
          params={{ ...of, callId: id }}
          className="min-w-0 flex-1 break-words text-accent hover:underline"
        >
          {name}
        </Link>
        <IconButton
          label={`Take ${name} out`}
          className="size-5"
          onClick={() => onSearch({ runs: rest.join(","), ...(isBaseline && { baseline: undefined }) })}
        >
          <X aria-hidden className="size-3.5" />
        </IconButton>
      </div>
      {isBaseline ? (
        <Badge tone="accent">baseline</Badge>
      ) : (
        <button
          type="button"
          aria-label={`Make baseline: ${name}`}
          className="text-xs font-normal text-muted hover:underline"
          onClick={() => onSearch({ baseline: id })}
        >
          Make baseline
        </button>
      )}
    </th>
  );
}

function FigureCell({ metric, figure }: { metric: Metric; figure: Figure }) {
  const { estimate, versus, verdict } = figure;
  if (!estimate) return <td className="px-3 py-2 text-muted">–</td>;
  const found = verdict && VERDICTS[verdict];
  return (
    <td className="px-3 py-2" title={told(metric, figure)}>
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <span className="font-semibold tabular-nums">{valueText(metric.kind, estimate.mean)}</span>
        {found && (
          <Badge tone={found.tone}>
            <span aria-hidden>{found.mark}</span>
            {versus && verdict !== "no_significant_difference"
              ? changeText(metric.kind, versus.difference)
              : ""}{" "}
            {found.word}
          </Badge>
        )}
      </div>
      <div className="text-xs text-muted tabular-nums">
        {intervalText(metric.kind, figure) ?? "no interval"} · n = {estimate.n}
      </div>
      {versus && (
        <div className="text-xs text-muted tabular-nums">
          {changeText(metric.kind, versus.difference)}, {pText(versus.p_corrected)}
        </div>
      )}
    </td>
  );
}

function differs(metric: Metric): boolean {
  return new Set(metric.figures.map((one) => one.estimate?.mean)).size > 1;
}
