import { Legend } from "~/components/charts/Legend";
import { Radar } from "~/components/charts/Radar";
import { WhiskerBars } from "~/components/charts/WhiskerBars";
import { Section } from "~/components/Page";
import { type Comparison, groupsOf, type Metric, sharesOf, VERDICTS, valueText } from "./figures";

interface BarsSectionProps {
  comparison: Comparison;
  names: Map<string, string>;
}

/** Every metric in bars with whiskers, and all of them in one radar. */
export function BarsSection({ comparison, names }: BarsSectionProps) {
  const { metrics, runs } = comparison;
  const whole = metrics.filter((metric) => metric.figures.some((one) => one.estimate));
  const series = runs.map(({ run }, index) => ({
    key: run.id,
    label: names.get(run.id) ?? run.id,
    shares: whole.map((metric) => sharesOf(metric)[index] ?? null),
  }));
  return (
    <Section
      title="Charts"
      lead="Whiskers are 95 % intervals. Runs of one group cannot be told apart by their rows."
    >
      <Legend series={series} />
      <div className="grid gap-3 md:grid-cols-2 xl:grid-cols-3">
        {whole.length >= 3 && (
          <figure className="rounded-lg border border-line p-3 text-xs">
            <figcaption className="font-medium">
              All metrics, as shares of the best{" "}
              <span className="font-normal text-muted">(outside is better)</span>
            </figcaption>
            <Radar
              label="All metrics, as shares of the best"
              axes={whole.map((one) => one.label)}
              series={series}
            />
          </figure>
        )}
        {whole.map((metric) => (
          <Bars key={metric.id} metric={metric} names={names} />
        ))}
      </div>
    </Section>
  );
}

function Bars({ metric, names }: { metric: Metric; names: Map<string, string> }) {
  const groups = groupsOf(metric);
  return (
    <figure className="rounded-lg border border-line p-3 text-xs">
      <figcaption className="mb-2 font-medium">
        {metric.label}{" "}
        <span className="font-normal text-muted">
          ({metric.higher_is_better ? "more is better" : "less is better"})
        </span>
      </figcaption>
      <WhiskerBars
        label={metric.label}
        end={metric.kind === "passes" ? 1 : 0}
        rows={metric.figures.map((figure) => ({
          key: figure.run,
          label: names.get(figure.run) ?? figure.run,
          value: figure.estimate?.mean ?? null,
          low: figure.estimate?.interval?.low,
          high: figure.estimate?.interval?.high,
          text: figure.estimate ? valueText(metric.kind, figure.estimate.mean) : "no values",
          mark: figure.verdict ? VERDICTS[figure.verdict].mark : undefined,
        }))}
      />
      {metric.figures.length > 1 && (
        <p className="mt-2 text-muted">
          {groups.length <= 1
            ? "No significant difference between any of them."
            : groups
                .map(
                  (group, index) => `${index + 1}. ${group.map((run) => names.get(run) ?? run).join(" = ")}`,
                )
                .join("; ")}
        </p>
      )}
    </figure>
  );
}
