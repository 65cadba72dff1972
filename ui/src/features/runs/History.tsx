import { useState } from "react";
import { PointPlot } from "~/components/charts/PointPlot";
import { Card, Section } from "~/components/Page";
import { SearchField } from "~/components/SearchField";
import { EmptyState } from "~/components/States";
import { count, plural, short } from "~/lib/format";
import type { Series } from "./told";

interface HistoryProps {
  series: Series[];
  /** Steps that were logged, and those of them that are drawn. */
  logged: number;
  drawn: number;
}

/** Before so many there is nothing to look for. */
const FEW = 8;
const MOST = 60;

/** What a run logged, a plot for each number. */
export function History({ series, logged, drawn }: HistoryProps) {
  const [text, setText] = useState("");
  const found = series.filter((one) => one.name.toLowerCase().includes(text.toLowerCase()));
  return (
    <Section
      title="History"
      lead={
        drawn < logged && drawn > 0
          ? `${count(drawn)} of ${plural(logged, "step")}, evenly spread.`
          : undefined
      }
      actions={series.length > FEW && <SearchField label="Search metrics" text={text} onSearch={setText} />}
    >
      {series.length === 0 ? (
        <EmptyState title="No numbers were logged">
          Each number that <code>run.log(...)</code> is given becomes a plot here.
        </EmptyState>
      ) : (
        <div className="grid gap-3 md:grid-cols-2">
          {found.slice(0, MOST).map((one) => (
            <Card key={one.name} className="min-w-0">
              <h3 className="mb-1 truncate text-xs font-medium" title={one.name}>
                {one.name}
              </h3>
              <PointPlot
                label={`${one.name} over steps`}
                points={one.points.map(({ step, value }, at) => ({
                  key: `${at}`,
                  name: `Step ${count(step)}: ${short(value)}`,
                  x: step,
                  y: value,
                  series: 0,
                }))}
                joined
                isTime={false}
                formatX={short}
                formatY={short}
                height={180}
              />
            </Card>
          ))}
        </div>
      )}
      {found.length > MOST && (
        <p className="text-xs text-muted">
          The first {MOST} of {count(found.length)}: search for the others.
        </p>
      )}
    </Section>
  );
}
