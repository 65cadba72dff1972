import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { type DrawnPlot, drawCalls } from "~/api/weave/calls";
import type { Question } from "../table/question";
import { aggregatesOf, BINS, FIGURES, type Plot, TIME } from "./plot";
import { type Binned, placeOf, REST } from "./points";

/** What the server adds up itself, of all calls: users it knows by their ids alone, paths only in single calls. */
const OF_ALL = ["op", "model", "status"];
const NAMELESS: Record<string, string> = { model: "no model" };

export function isOfAll(plot: Plot): boolean {
  const isFigure = (field: string) => field === TIME || field in FIGURES;
  const isX = isFigure(plot.x) || (plot.kind === "bar" && OF_ALL.includes(plot.x));
  return plot.kind !== "scatter" && isFigure(plot.y) && isX && (!plot.group || OF_ALL.includes(plot.group));
}

/** All calls of the question in the bins of these plots, in their order; null where the server cannot tell. */
export const wholeQuery = (project: string, question: Question, plots: Plot[]) => {
  const asked = plots.map((plot) => ({
    x: plot.x,
    y: plot.y,
    aggregates: aggregatesOf(plot),
    bins: plot.bins ?? BINS,
    ...(plot.group && { group: plot.group }),
  }));
  return queryOptions({
    queryKey: ["traces-plots-whole", project, question.filter, question.query ?? null, asked],
    queryFn: ({ signal }) =>
      drawCalls(project, { filter: question.filter, query: question.query, plots: asked }, signal),
    placeholderData: keepPreviousData,
    retry: false,
  });
};

/** What the server drew, as a plot's bins. Pure. */
export function binnedOf(plot: Plot, drawn: DrawnPlot): Binned {
  const aggregates = aggregatesOf(plot);
  const named = (field: string | undefined, group: string | null) =>
    group === null ? REST : group || (NAMELESS[field ?? ""] ?? "none");
  const groups = plot.group ? drawn.groups.map((group) => named(plot.group, group)) : [""];
  const [first, last] = [drawn.bins[0]?.low ?? 0, drawn.bins.at(-1)?.high ?? 0];
  return {
    series: groups.flatMap((group) =>
      aggregates.map((how) => [group, aggregates.length > 1 || !group ? how : ""].filter(Boolean).join(" ")),
    ),
    bins: drawn.bins.map(({ low, high, group, values }, at) => ({
      ...placeOf(plot, at, low === null || high === null ? named(plot.x, group) : [low, high], last - first),
      values,
    })),
  };
}
