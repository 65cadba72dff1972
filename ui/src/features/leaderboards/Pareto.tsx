import { useState } from "react";
import { paretoFront } from "~/components/charts/pareto";
import { ScatterPlot } from "~/components/charts/ScatterPlot";
import { Section } from "~/components/Page";
import { Segmented } from "~/components/Tabs";
import { duration } from "~/lib/format";
import { usd } from "~/lib/money";
import { nameOf, valueText } from "./board";
import type { Board } from "./queries";

interface ParetoProps {
  board: Board;
  /** The column whose values are the quality. */
  place: number;
}

/** Quality against cost or time: the models on the line are those that no other beats in both. */
export function Pareto({ board, place }: ParetoProps) {
  const [against, setAgainst] = useState<"cost" | "seconds">("cost");
  const column = board.columns[place];
  if (!column) return null;
  const points = board.models.flatMap((model) => {
    const value = model.cells[place]?.value;
    const nano = model.cost_per_row_nusd;
    const cost = against === "seconds" ? model.seconds_per_row : nano === null ? null : Number(nano) / 1e9;
    if (value === undefined || value === null || cost === null) return [];
    return [{ key: model.ref, label: nameOf(model), x: cost, y: value }];
  });
  const front = paretoFront(
    points.map((point) => ({ key: point.key, cost: point.x, quality: point.y })),
    column.should_minimize,
  );
  const names = front.flatMap((key) => points.find((point) => point.key === key)?.label ?? []);
  const what = against === "cost" ? "cost" : "time";
  return (
    <Section
      title={`${column.label} against ${what}`}
      lead={
        names.length > 0
          ? `No other model is both better and ${against === "cost" ? "cheaper" : "quicker"} than ${names.join(", ")}.`
          : undefined
      }
      actions={
        <Segmented
          label="Against"
          value={against}
          options={[
            { value: "cost", label: "Cost" },
            { value: "seconds", label: "Time" },
          ]}
          onChange={setAgainst}
        />
      }
    >
      {points.length === 0 ? (
        <p className="text-xs text-muted">
          {against === "cost" ? "No model here has a price." : "No run tells its time."}
        </p>
      ) : (
        <figure className="rounded-lg border border-line p-3">
          <ScatterPlot
            label={`${column.label} against ${what} for each row`}
            points={points}
            xLabel={against === "cost" ? "Cost for each row" : "Time for each row"}
            yLabel={column.label}
            formatX={(value) => (against === "cost" ? usd(BigInt(Math.round(value * 1e9))) : duration(value))}
            formatY={(value) => valueText(column, value)}
            joined={front}
          />
        </figure>
      )}
    </Section>
  );
}
