/** What the address says of charts and results. */
export interface ScoresSearch {
  hours?: number;
  /** The figure in the chart: `Scorer.field`. */
  figure?: string;
  /** Only this scorer's results. */
  scorer?: string;
}

const MOST_HOURS = 24 * 90;

export function readScores(search: Record<string, unknown>): ScoresSearch {
  const hours = Number(search.hours);
  const text = (value: unknown) => (typeof value === "string" && value ? value.slice(0, 300) : undefined);
  const [figure, scorer] = [text(search.figure), text(search.scorer)];
  return {
    ...(Number.isInteger(hours) && hours >= 1 && hours <= MOST_HOURS && { hours }),
    ...(figure && { figure }),
    ...(scorer && { scorer }),
  };
}

/** What the address says of the list: the project's monitors, or its guardrails with their chart. */
export interface MonitorsSearch extends ScoresSearch {
  view?: "guardrails";
}

export function readMonitors(search: Record<string, unknown>): MonitorsSearch {
  return { ...readScores(search), ...(search.view === "guardrails" && { view: "guardrails" }) };
}
