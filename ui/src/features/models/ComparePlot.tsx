import type { CatalogModel } from "~/api/catalog";
import { Checkbox } from "~/components/Field";
import { Section } from "~/components/Page";
import { PLOTTED, type Row } from "./compare";

const FIRST = ["input-price", "output-price", "context"];
const FILLS = [1, 2, 3, 4, 5, 6, 7, 8].map((number) => `bg-series-${number}`);
// Spelled out for Tailwind, which looks for whole names: bg-series-1 bg-series-2 bg-series-3 bg-series-4
// bg-series-5 bg-series-6 bg-series-7 bg-series-8

interface ComparePlotProps {
  models: readonly CatalogModel[];
  rows: readonly Row[];
  chosen: readonly string[] | undefined;
  onChoose: (plot: string[]) => void;
}

/** Bars of the properties that are chosen, one for each model; the figures stand beside them. */
export function ComparePlot({ models, rows, chosen, onChoose }: ComparePlotProps) {
  const shown = chosen ?? FIRST;
  const toggle = (id: string, on: boolean) =>
    onChoose(PLOTTED.map((one) => one.id).filter((one) => (one === id ? on : shown.includes(one))));
  return (
    <Section title="Visualize" lead="Choose what to draw.">
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
        {rows
          .filter((row) => shown.includes(row.id))
          .map((row) => (
            <Bars key={row.id} row={row} models={models} />
          ))}
      </div>
    </Section>
  );
}

function Bars({ row, models }: { row: Row; models: readonly CatalogModel[] }) {
  const most = Math.max(...row.cells.map((cell) => cell.value ?? 0), 0);
  return (
    <figure className="rounded-lg border border-line p-3">
      <figcaption className="mb-2 text-xs font-medium">{row.label}</figcaption>
      <ul className="flex flex-col gap-2">
        {models.map((model, index) => {
          const cell = row.cells[index];
          const width = most > 0 && cell?.value ? Math.max(1, (cell.value / most) * 100) : 0;
          return (
            <li key={model.id}>
              <div className="flex justify-between gap-2 text-xs">
                <span className="min-w-0 truncate">{model.label}</span>
                <span className="whitespace-nowrap">{cell?.text}</span>
              </div>
              <div className="mt-0.5 h-2 rounded-sm bg-hover">
                <div
                  className={`h-2 rounded-sm ${FILLS[index % FILLS.length]}`}
                  style={{ width: `${width}%` }}
                />
              </div>
            </li>
          );
        })}
      </ul>
    </figure>
  );
}
