import type { GridColumn } from "~/components/grid/columns";
import { lineOf } from "~/components/value/text";
import { type Metric, valueText } from "./figures";
import { partsOf } from "./rows";
import type { Row } from "./useRows";

type Column = GridColumn<Row>;

const nothing = <span className="text-muted">–</span>;

/** Input, target, and what each run said and was given for it. One run has all its metrics, several the chosen one. */
export function rowColumns(
  runs: string[],
  names: Map<string, string>,
  metrics: Metric[],
  chosen: string | undefined,
  hasTarget: boolean,
): Column[] {
  const alone = runs.length === 1;
  const shown = alone ? metrics : metrics.filter((metric) => metric.id === chosen);
  return [
    part("input", "Input", alone ? 200 : 260),
    ...(hasTarget ? [part("target", "Target", alone ? 110 : 140)] : []),
    ...runs.flatMap((run) => [
      {
        id: `output:${run}`,
        header: alone ? "Output" : (names.get(run) ?? run),
        width: alone ? 200 : 220,
        title: (row: Row) => lineOf(outputOf(row, run)),
        cell: (row: Row) => {
          const trials = trialsOf(row, run);
          if (trials.length === 0) return <span className="text-muted">no such row</span>;
          const failed = trials.some((one) => one.failed);
          return (
            <>
              {failed && <span className="mr-1 font-medium text-bad">failed</span>}
              {trials.length > 1 && <span className="mr-1 text-muted">{trials.length} ×</span>}
              {lineOf(outputOf(row, run))}
            </>
          );
        },
      },
      ...shown.map(
        (metric): Column => ({
          id: `value:${run}:${metric.id}`,
          header: alone ? metric.label : `${metric.label} · ${names.get(run) ?? run}`,
          numeric: true,
          sortable: true,
          width: alone ? 124 : 130,
          cell: (row) => <Value metric={metric} value={valuesOf(row, run)[metric.id]} />,
        }),
      ),
    ]),
  ];
}

/** A row's value of a metric; passes in words, so that no colour says it alone. */
export function Value({ metric, value }: { metric: Metric; value: number | undefined }) {
  if (value === undefined) return nothing;
  if (metric.kind === "passes" && (value === 0 || value === 1))
    return (
      <span className={value === 1 ? "text-good" : "text-bad"}>{value === 1 ? "✓ pass" : "✗ fail"}</span>
    );
  return <>{valueText(metric.kind, value)}</>;
}

export function trialsOf(row: Row, run: string) {
  return row.runs.find((one) => one.run === run)?.trials ?? [];
}

export function valuesOf(row: Row, run: string): Record<string, number> {
  return row.runs.find((one) => one.run === run)?.values ?? {};
}

function outputOf(row: Row, run: string): unknown {
  return trialsOf(row, run)[0]?.output.value;
}

function part(id: "input" | "target", header: string, width: number): Column {
  const text = (row: Row) => lineOf(partsOf(row.row.value)[id]);
  return { id, header, width, pinned: id === "input" && window.innerWidth > 640, title: text, cell: text };
}
