import { Pencil, X } from "lucide-react";
import { useMemo } from "react";
import type { Call } from "~/api/weave/calls";
import { IconButton } from "~/components/Button";
import { Legend } from "~/components/charts/Legend";
import { PointPlot } from "~/components/charts/PointPlot";
import { BarPlot } from "./BarPlot";
import { PlotTable } from "./PlotTable";
import { nameOf, type Plot, TIME, titleOf } from "./plot";
import { type Binned, binned, type CallPoint, figureText, pointsOf, timeText } from "./points";

interface PlotCardProps {
  plot: Plot;
  calls: readonly Call[];
  /** Of all calls, where there are more than `calls`. */
  whole: Binned | null;
  onSpan: (from: number, to: number) => void;
  onOpen: (id: string) => void;
  onEdit: () => void;
  onRemove: () => void;
}

/** One plot, with its figures as a table below it. */
export function PlotCard({ plot, calls, whole, onSpan, onOpen, onEdit, onRemove }: PlotCardProps) {
  const title = titleOf(plot);
  const drawn = useMemo(
    () =>
      plot.kind === "scatter"
        ? { points: pointsOf(calls, plot), bins: null }
        : { points: [], bins: whole ?? binned(calls, plot) },
    [calls, plot, whole],
  );
  const groups = [...new Set(drawn.points.map((point) => point.group))];
  const series = drawn.bins?.series ?? groups;
  const isEmpty = drawn.bins ? drawn.bins.bins.length === 0 : drawn.points.length === 0;
  const zoom = plot.x === TIME ? onSpan : undefined;
  const axis = {
    isTime: plot.x === TIME,
    formatX: (value: number, span: number) =>
      plot.x === TIME ? timeText(value, span) : figureText(plot.x, value),
    formatY: (value: number) => figureOf(plot, value),
    onZoom: zoom,
  };
  return (
    <figure className="flex min-w-0 flex-col gap-1 rounded-lg border border-line p-3">
      <div className="flex items-center gap-1">
        <figcaption className="min-w-0 flex-1 truncate text-xs font-medium" title={title}>
          {title}
        </figcaption>
        <IconButton label={`Change ${title}`} onClick={onEdit}>
          <Pencil aria-hidden className="size-3.5" />
        </IconButton>
        <IconButton label={`Remove ${title}`} onClick={onRemove}>
          <X aria-hidden className="size-3.5" />
        </IconButton>
      </div>
      {isEmpty ? (
        <p className="py-10 text-center text-xs text-muted">
          No call here tells of {nameOf(plot.y).toLowerCase()}.
        </p>
      ) : plot.kind === "bar" && drawn.bins ? (
        <BarPlot plot={plot} title={title} binned={drawn.bins} onSpan={zoom} />
      ) : drawn.bins ? (
        <PointPlot label={title} points={linePoints(plot, drawn.bins)} joined {...axis} />
      ) : (
        <PointPlot
          label={title}
          points={scatterPoints(plot, drawn.points, groups)}
          onOpen={onOpen}
          {...axis}
        />
      )}
      {series.length > 1 && <Legend series={series.map((label) => ({ key: label, label }))} />}
      {!isEmpty && <PlotTable plot={plot} title={title} binned={drawn.bins} points={drawn.points} />}
    </figure>
  );
}

/** A figure of the plot's own; counts are plain numbers. */
export function figureOf(plot: Plot, value: number): string {
  return plot.aggregates?.length === 1 && plot.aggregates[0] === "count"
    ? String(value)
    : figureText(plot.y, value);
}

function linePoints(plot: Plot, { bins, series }: Binned) {
  return bins.flatMap((bin) =>
    bin.values.flatMap((value, at) =>
      value === null || bin.from === null || bin.to === null
        ? []
        : [
            {
              key: `${bin.key}/${at}`,
              name: `${bin.name}, ${series[at]}: ${figureOf(plot, value)}`,
              x: (bin.from + bin.to) / 2,
              y: value,
              series: at,
            },
          ],
    ),
  );
}

function scatterPoints(plot: Plot, points: readonly CallPoint[], groups: string[]) {
  return points.map((point) => ({
    key: point.key,
    name: `${point.label}: ${nameOf(plot.x)} ${figureText(plot.x, point.x)}, ${nameOf(plot.y)} ${figureText(plot.y, point.y)}; open the trace`,
    x: point.x,
    y: point.y,
    series: groups.indexOf(point.group),
  }));
}
