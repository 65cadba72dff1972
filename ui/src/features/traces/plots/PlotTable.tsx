import { nameOf, type Plot } from "./plot";
import { type Binned, type CallPoint, figureText } from "./points";

interface PlotTableProps {
  plot: Plot;
  title: string;
  binned: Binned | null;
  points: readonly CallPoint[];
}

const ROWS = 200;

/** The figures of a plot, for those who read rather than look. */
export function PlotTable({ plot, title, binned, points }: PlotTableProps) {
  const isCount = plot.aggregates?.length === 1 && plot.aggregates[0] === "count";
  const figure = (value: number | null) =>
    value === null ? "–" : isCount ? String(value) : figureText(plot.y, value);
  const head = binned ? [nameOf(plot.x), ...binned.series] : ["Call", nameOf(plot.x), nameOf(plot.y)];
  const rows = binned
    ? binned.bins.map((bin) => ({ key: bin.key, cells: [bin.name, ...bin.values.map(figure)] }))
    : points.slice(0, ROWS).map((point) => ({
        key: point.key,
        cells: [point.label, figureText(plot.x, point.x), figureText(plot.y, point.y)],
      }));
  return (
    <details className="text-xs">
      <summary className="cursor-pointer text-muted hover:text-fg">
        Figures{!binned && points.length > ROWS && ` of the newest ${ROWS}`}
      </summary>
      <div
        className="mt-1 max-h-60 overflow-auto"
        tabIndex={0}
        role="region"
        aria-label={`Figures: ${title}`}
      >
        <table className="w-full">
          <thead className="text-left text-muted">
            <tr>
              {head.map((name) => (
                <th key={name} scope="col" className="px-1 font-medium">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.key} className="border-t border-line">
                {row.cells.map((cell, at) => (
                  <td key={head[at]} className="px-1 py-0.5">
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
