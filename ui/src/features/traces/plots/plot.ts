/** What a plot of calls is made of, as it stands in the address. Pure. */

export const KINDS = ["bar", "line", "scatter"] as const;
export type PlotKind = (typeof KINDS)[number];
export const AGGREGATES = ["average", "sum", "count", "min", "max", "p50", "p95", "p99"] as const;
export type Aggregate = (typeof AGGREGATES)[number];

/** A figure of each call, by name; anything else is a dotted path to a number. */
export const FIGURES: Record<string, string> = {
  latency: "Latency",
  cost: "Cost",
  input_tokens: "Prompt tokens",
  output_tokens: "Completion tokens",
  total_tokens: "Tokens",
};
/** What calls fall into groups by. */
export const GROUPS: Record<string, string> = {
  op: "Op",
  model: "Model",
  status: "Status",
  user: "User",
};
export const TIME = "started_at";

export interface Plot {
  kind: PlotKind;
  /** A figure, or a path. */
  y: string;
  /** `started_at`, a figure or path; for bars a group, too. */
  x: string;
  group?: string;
  /** Of bars and lines; `p50` and `p95` of one figure are two plots or, by default, one of two lines. */
  aggregates?: Aggregate[];
  bins?: number;
  title?: string;
}

export const BINS = 24;
export const MOST_BINS = 100;
export const MOST_PLOTS = 12;

/** What is shown before anybody says anything. */
export const DEFAULTS: Plot[] = [
  { kind: "bar", x: TIME, y: "cost", aggregates: ["sum"], title: "Cost over time" },
  { kind: "bar", x: "op", y: "latency", aggregates: ["average"], title: "Average latency by op" },
  { kind: "line", x: TIME, y: "latency", aggregates: ["p50", "p95"], title: "Latency over time" },
  { kind: "scatter", x: "input_tokens", y: "output_tokens", title: "Completion against prompt tokens" },
];

export function titleOf(plot: Plot): string {
  if (plot.title) return plot.title;
  const y = nameOf(plot.y);
  if (plot.kind === "scatter") return `${y} against ${nameOf(plot.x).toLowerCase()}`;
  const how = aggregatesOf(plot).join(" and ");
  return `${y} (${how}) by ${nameOf(plot.x).toLowerCase()}${plot.group ? ` and ${nameOf(plot.group).toLowerCase()}` : ""}`;
}

export function nameOf(field: string): string {
  if (field === TIME) return "Time";
  return FIGURES[field] ?? GROUPS[field] ?? field;
}

export function aggregatesOf(plot: Plot): Aggregate[] {
  return plot.aggregates?.length ? plot.aggregates : ["average"];
}

/** Paths that are no figure of our own: asked for from the server. */
export function pathsOf(plots: readonly Plot[]): string[] {
  const named = plots.flatMap((plot) => [plot.x, plot.y, plot.group ?? TIME]);
  return [...new Set(named.filter((one) => one !== TIME && !(one in FIGURES) && !(one in GROUPS)))];
}

/** The plots of an address, as far as they make sense, each once. */
export function readPlots(raw: unknown): Plot[] | undefined {
  if (!Array.isArray(raw)) return undefined;
  const plots = raw.slice(0, MOST_PLOTS).flatMap(readPlot);
  const seen = plots.map((plot) => JSON.stringify(plot));
  return plots.filter((_, at) => seen.indexOf(seen[at] ?? "") === at);
}

function readPlot(raw: unknown): Plot[] {
  if (typeof raw !== "object" || raw === null) return [];
  const given = raw as Record<string, unknown>;
  const kind = KINDS.find((one) => one === given.kind);
  const [x, y, group, title] = [given.x, given.y, given.group, given.title].map(text);
  if (!kind || !x || !y) return [];
  const told = Array.isArray(given.aggregates) ? given.aggregates : [];
  const aggregates = AGGREGATES.filter((one) => told.includes(one));
  const bins = Number(given.bins);
  return [
    {
      kind,
      x,
      y,
      ...(group && { group }),
      ...(title && { title }),
      ...(aggregates.length > 0 && { aggregates }),
      ...(Number.isInteger(bins) && bins >= 2 && bins <= MOST_BINS && { bins }),
    },
  ];
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" && value.length <= 300 ? value : undefined;
}
