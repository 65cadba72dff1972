import { type Filter, OPERATORS } from "./filter/filters";
import { type Plot, readPlots } from "./plots/plot";

/** All that the table is made of, as it stands in the address. Pure. */
export interface TracesSearch {
  /** The saved view that it began from, by its object's name. */
  view?: string;
  /** Calls inside of traces as well. */
  all?: true;
  filters?: Filter[];
  /** A path, with `-` before it for the largest first; `-started_at` if not given. */
  sort?: string;
  /** Columns in their order; what a table shows by itself if not given. */
  cols?: string[];
  pins?: string[];
  /** Rows of a page, and which page, from 1. */
  size?: number;
  page?: number;
  /** New calls are looked for. */
  live?: true;
  /** Plots stand above the table. */
  metrics?: true;
  /** Those of one's own; the usual ones if not given. */
  plots?: Plot[];
}

/** What a saved view keeps. */
export type Settings = Omit<TracesSearch, "view" | "page" | "live" | "metrics" | "plots">;

export const SIZES = [100, 1_000, 10_000, 100_000];
export const SIZE = 10_000;
export const NEWEST = "-started_at";
const TEXT_CHARS = 1_000;
const FILTERS = 30;
const COLUMNS = 300;
const VALUES = 200;

/** The search of an address, taken as far as it makes sense: an old or broken link still opens. */
export function tracesSearch(given: Record<string, unknown>): TracesSearch {
  const size = Number(given.size);
  const page = Number(given.page);
  return drop({
    view: text(given.view),
    all: given.all === true ? true : undefined,
    filters: list(given.filters, filter, FILTERS),
    sort: text(given.sort),
    cols: list(given.cols, text, COLUMNS),
    pins: Array.isArray(given.pins) ? (list(given.pins, text, COLUMNS) ?? []) : undefined,
    size: SIZES.includes(size) && size !== SIZE ? size : undefined,
    page: Number.isInteger(page) && page > 1 && page < 1e9 ? page : undefined,
    live: given.live === true ? true : undefined,
    metrics: given.metrics === true ? true : undefined,
    plots: readPlots(given.plots),
  });
}

/** What of a search a saved view keeps. */
export function settingsOf({ view, page, live, metrics, plots, ...settings }: TracesSearch): Settings {
  return settings;
}

/** Whether two are the same table. */
export function isSame(one: Settings, other: Settings): boolean {
  return JSON.stringify(tracesSearch({ ...one })) === JSON.stringify(tracesSearch({ ...other }));
}

/** The field that rows are sorted by, and which way. */
export function sortOf(search: TracesSearch): { by: string; descending: boolean } {
  const sort = search.sort ?? NEWEST;
  return sort.startsWith("-") ? { by: sort.slice(1), descending: true } : { by: sort, descending: false };
}

function filter(given: unknown): Filter | undefined {
  if (typeof given !== "object" || given === null) return undefined;
  const { field, op, value } = given as Record<string, unknown>;
  const path = text(field);
  const operator = OPERATORS.find((one) => one === op);
  if (path === undefined || operator === undefined) return undefined;
  const values = Array.isArray(value) ? list(value, text, VALUES) : text(value);
  return values === undefined ? { field: path, op: operator } : { field: path, op: operator, value: values };
}

function list<Item>(
  given: unknown,
  one: (item: unknown) => Item | undefined,
  most: number,
): Item[] | undefined {
  if (!Array.isArray(given)) return undefined;
  const found = given
    .slice(0, most)
    .map(one)
    .filter((item) => item !== undefined);
  return found.length > 0 ? found : undefined;
}

/** Texts; the address reads `7` and `true` as what they look like. */
function text(value: unknown): string | undefined {
  const plain = typeof value === "number" || typeof value === "boolean" ? String(value) : value;
  return typeof plain === "string" && plain !== "" && plain.length <= TEXT_CHARS ? plain : undefined;
}

/** Without what is undefined, so that addresses stay short. */
function drop<Value extends object>(value: Value): Value {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Value;
}
