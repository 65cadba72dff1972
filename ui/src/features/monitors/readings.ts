import type { Reading } from "~/components/charts/IntervalLine";
import { stamp } from "~/lib/format";
import type { ScoreFigure, ScoreSeries } from "./queries";
import { figureText } from "./words";

const DAY_S = 86_400;

/** A figure's buckets as points, one for every stretch of time from the beginning to the end. */
export function readingsOf(
  series: Pick<ScoreSeries, "start" | "end" | "step_s">,
  figure: ScoreFigure,
): (Reading | null)[] {
  const start = Date.parse(series.start);
  const count = Math.max(1, Math.ceil((Date.parse(series.end) - start) / 1000 / series.step_s));
  const points: (Reading | null)[] = Array.from({ length: count }, () => null);
  for (const bucket of figure.buckets) {
    const at = new Date(bucket.at);
    const index = Math.floor((at.getTime() - start) / 1000 / series.step_s);
    if (index < 0 || index >= count) continue;
    points[index] = {
      ...bucket,
      label: labelOf(at, series.step_s),
      text: `${stamp(at)}: ${figureText({ ...bucket, is_share: figure.is_share })}`,
    };
  }
  return points;
}

function labelOf(at: Date, step: number): string {
  return step >= DAY_S / 4
    ? at.toLocaleDateString("en-GB", { day: "numeric", month: "short" })
    : at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}
