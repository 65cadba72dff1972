import { ScatterPlot } from "~/components/charts/ScatterPlot";
import { Select } from "~/components/Field";
import { Section } from "~/components/Page";
import { EmptyState } from "~/components/States";
import { Segmented } from "~/components/Tabs";
import { type Comparison, frontOf, type Metric, valueText } from "./figures";
import type { OnSearch } from "./RowsSection";
import type { RunSearch } from "./search";

interface ParetoSectionProps {
  comparison: Comparison;
  names: Map<string, string>;
  metric: Metric | undefined;
  search: RunSearch;
  onSearch: OnSearch;
}

const ACROSS = { cost: "total_cost", seconds: "model_latency_seconds" } as const;

/** Quality against what it costs; the line joins the runs that no other beats in both. */
export function ParetoSection({ comparison, names, metric, search, onSearch }: ParetoSectionProps) {
  const hasCost = comparison.metrics.some((one) => one.id === ACROSS.cost);
  const x = search.x ?? (hasCost ? "cost" : "seconds");
  const across = comparison.metrics.find((one) => one.id === ACROSS[x]);
  const points = comparison.runs.flatMap(({ run }, index) => {
    const [right, up] = [across?.figures[index]?.estimate?.mean, metric?.figures[index]?.estimate?.mean];
    if (right === undefined || up === undefined) return [];
    return [{ key: run.id, label: names.get(run.id) ?? run.id, x: right, y: up }];
  });
  const front = frontOf(points, metric?.higher_is_better ?? true);
  const xLabel = x === "cost" ? "$ per row" : "seconds per row";
  return (
    <Section
      title="Quality against price"
      lead="The dashed line is the Pareto front: runs that no other beats in both."
      actions={
        <Segmented
          label="Price"
          value={x}
          options={[
            { value: "cost", label: "$ per row" },
            { value: "seconds", label: "Seconds per row" },
          ]}
          onChange={(value) => onSearch({ x: value })}
        />
      }
    >
      <div className="w-64 max-w-full">
        <Select
          label="Quality"
          value={metric?.id ?? ""}
          options={comparison.metrics.map((one) => ({ value: one.id, label: one.label }))}
          onChange={(id) => onSearch({ metric: id || undefined })}
        />
      </div>
      {metric && across && points.length > 0 ? (
        <figure className="rounded-lg border border-line p-3">
          <ScatterPlot
            label={`${metric.label} against ${xLabel}`}
            points={points}
            xLabel={xLabel}
            yLabel={metric.label}
            formatX={(value) => valueText(across.kind, value)}
            formatY={(value) => valueText(metric.kind, value)}
            joined={front}
          />
          <figcaption className="text-xs text-muted">
            On the front: {front.map((id) => names.get(id) ?? id).join(", ")}
          </figcaption>
        </figure>
      ) : (
        <EmptyState title={x === "cost" ? "No run has a cost per row" : "No run has seconds per row"}>
          {x === "cost"
            ? "Costs come from token usage and prices: of models of this server, or prices added with the Weave client (add_cost)."
            : "Seconds come from the model's calls, which these runs do not have."}
        </EmptyState>
      )}
    </Section>
  );
}
