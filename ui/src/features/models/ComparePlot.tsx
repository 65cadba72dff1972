import type { CatalogModel } from "~/api/catalog";
import { BarRows } from "~/components/charts/BarRows";
import { ScatterPlot } from "~/components/charts/ScatterPlot";
import { Checkbox } from "~/components/Field";
import { Section } from "~/components/Page";
import { PLOTTED, type Row } from "./compare";

const FIRST = ["input-price", "output-price", "context"];

interface ComparePlotProps {
  models: readonly CatalogModel[];
  rows: readonly Row[];
  chosen: readonly string[] | undefined;
  onChoose: (plot: string[]) => void;
}

/** Bars of the properties that are chosen, and the first two of them against each other. */
export function ComparePlot({ models, rows, chosen, onChoose }: ComparePlotProps) {
  const shown = chosen ?? FIRST;
  const drawn = rows.filter((row) => shown.includes(row.id));
  const toggle = (id: string, on: boolean) =>
    onChoose(PLOTTED.map((one) => one.id).filter((one) => (one === id ? on : shown.includes(one))));
  return (
    <Section title="Visualize" lead="Choose what to draw; the first two are drawn against each other, too.">
      <fieldset className="flex flex-wrap gap-x-4 gap-y-1.5" aria-label="Properties to draw">
        {PLOTTED.map((one) => (
          <Checkbox
            key={one.id}
            label={one.label}
            checked={shown.includes(one.id)}
            onChange={(on) => toggle(one.id, on)}
          />
        ))}
      </fieldset>
      <div className="grid gap-3 md:grid-cols-2 xl:grid-cols-3">
        {drawn.map((row) => (
          <Bars key={row.id} row={row} models={models} />
        ))}
      </div>
      <Against models={models} x={drawn[0]} y={drawn[1]} />
    </Section>
  );
}

function Bars({ row, models }: { row: Row; models: readonly CatalogModel[] }) {
  return (
    <figure className="rounded-lg border border-line p-3 text-xs">
      <figcaption className="mb-2 font-medium">{row.label}</figcaption>
      <BarRows
        label={row.label}
        rows={models.map((model, index) => ({
          key: model.id,
          label: model.label,
          value: row.cells[index]?.value ?? 0,
          text: row.cells[index]?.text ?? "",
        }))}
      />
    </figure>
  );
}

interface AgainstProps {
  models: readonly CatalogModel[];
  x: Row | undefined;
  y: Row | undefined;
}

/** Two properties against each other, for the models of which both are known. */
function Against({ models, x, y }: AgainstProps) {
  if (!x || !y) return null;
  const points = models.flatMap((model, index) => {
    const [across, up] = [x.cells[index]?.value ?? null, y.cells[index]?.value ?? null];
    return across === null || up === null ? [] : [{ key: model.id, label: model.label, x: across, y: up }];
  });
  if (points.length === 0) return null;
  return (
    <figure className="rounded-lg border border-line p-3">
      <figcaption className="mb-2 text-xs font-medium">
        {y.label} against {x.label.toLowerCase()}
      </figcaption>
      <ScatterPlot
        label={`${y.label} against ${x.label.toLowerCase()}`}
        points={points}
        xLabel={x.label}
        yLabel={y.label}
        formatX={axisOf(x.id)}
        formatY={axisOf(y.id)}
      />
    </figure>
  );
}

function axisOf(id: string): (value: number) => string {
  return PLOTTED.find((one) => one.id === id)?.axis ?? String;
}
