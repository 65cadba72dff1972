import { StackedBars } from "~/components/charts/StackedBars";
import type { Plot } from "./plot";
import { type Binned, figureText } from "./points";

interface BarPlotProps {
  plot: Plot;
  title: string;
  binned: Binned;
  onSpan: ((from: number, to: number) => void) | undefined;
}

/** Bins as bars; a bar of time narrows the table to its span. */
export function BarPlot({ plot, title, binned, onSpan }: BarPlotProps) {
  const isCount = plot.aggregates?.length === 1 && plot.aggregates[0] === "count";
  const figure = (value: number) => (isCount ? String(value) : figureText(plot.y, value));
  const at = (key: string) => binned.bins.find((bin) => bin.key === key);
  const span = (first: string, last: string) => {
    const [from, to] = [at(first)?.from, at(last)?.to];
    if (from !== undefined && from !== null && to !== undefined && to !== null) onSpan?.(from, to);
  };
  const label = (index: number, series: number) => {
    const values = binned.bins[index]?.values ?? [];
    if (series >= 0) return figure(values[series] ?? 0);
    return values.every((value) => value === null)
      ? "nothing"
      : figure(values.reduce<number>((sum, value) => sum + (value ?? 0), 0));
  };
  return (
    <StackedBars
      label={title}
      bars={binned.bins.map((bin) => ({
        key: bin.key,
        label: bin.label,
        name: bin.name,
        values: bin.values.map((value) => value ?? 0),
      }))}
      series={binned.series.map((name) => ({ key: name, label: name }))}
      format={label}
      formatTick={figure}
      verb={onSpan ? "narrow to it" : "look at it"}
      onOpen={(bar) => span(bar.key, bar.key)}
      {...(onSpan && { onZoom: (first, last) => span(first.key, last.key) })}
      height={220}
    />
  );
}
