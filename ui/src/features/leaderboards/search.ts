import type { BoardSort } from "./board";
import type { Definition, Dynamic, DynamicColumn, Versions } from "./queries";

/** What the addresses of leaderboards say. Pure. What is left out is as it is by itself. */

export interface BoardSearch {
  sort?: string;
  descending?: boolean;
  versions?: "any";
  /** Configure is open, at this tab. */
  configure?: Tab;
}

export interface DynamicSearch extends BoardSearch {
  evaluations?: string[];
  hide_models?: string[];
  hide_datasets?: string[];
  hide_scorers?: string[];
  /** What models are called here, by their name. */
  names?: Record<string, string>;
  columns?: DynamicColumn[];
  newest?: boolean;
  /** The saved one that is being changed. */
  board?: string;
}

export const TABS = ["models", "datasets", "scorers", "metrics"] as const;
export type Tab = (typeof TABS)[number];

const MOST = 1000;

export function readBoard(raw: Record<string, unknown>): BoardSearch {
  const found: BoardSearch = {};
  if (typeof raw.sort === "string" || typeof raw.sort === "number")
    found.sort = String(raw.sort).slice(0, 20);
  if (raw.descending === true) found.descending = true;
  if (raw.versions === "any") found.versions = "any";
  const tab = TABS.find((one) => one === raw.configure);
  if (tab) found.configure = tab;
  return found;
}

export function readDynamic(raw: Record<string, unknown>): DynamicSearch {
  const found: DynamicSearch = readBoard(raw);
  for (const key of ["evaluations", "hide_models", "hide_datasets", "hide_scorers"] as const) {
    const names = namesIn(raw[key]);
    if (names.length > 0) found[key] = names;
  }
  const names = recordIn(raw.names);
  if (Object.keys(names).length > 0) found.names = names;
  if (Array.isArray(raw.columns)) {
    const columns = raw.columns.flatMap(columnIn).slice(0, MOST);
    if (columns.length > 0) found.columns = columns;
  }
  if (raw.newest === true) found.newest = true;
  if (typeof raw.board === "string" && raw.board !== "") found.board = raw.board.slice(0, 256);
  return found;
}

export function sortOf(search: BoardSearch): BoardSort {
  return { by: search.sort ?? "0", descending: search.descending ?? false };
}

export function versionsOf(search: BoardSearch): Versions {
  return search.versions ?? "exact";
}

/** The definition that an address stands for. */
export function dynamicOf(search: DynamicSearch): Dynamic {
  return {
    evaluations: search.evaluations ?? [],
    hidden_models: search.hide_models ?? [],
    hidden_datasets: search.hide_datasets ?? [],
    hidden_scorers: search.hide_scorers ?? [],
    model_labels: search.names ?? {},
    columns: search.columns ?? [],
    newest_versions: search.newest ?? false,
  };
}

/** The address of a dynamic board: `dynamicOf` of it is `dynamic`. */
export function searchOf(dynamic: Dynamic): DynamicSearch {
  return readDynamic({
    evaluations: dynamic.evaluations,
    hide_models: dynamic.hidden_models,
    hide_datasets: dynamic.hidden_datasets,
    hide_scorers: dynamic.hidden_scorers,
    names: dynamic.model_labels,
    columns: dynamic.columns,
    newest: dynamic.newest_versions,
  });
}

export function titled(title: string, dynamic: Dynamic, description: string | null = null): Definition {
  return { title, description, columns: [], dynamic };
}

/** `names` with or without `name`. */
export function withName(names: readonly string[], name: string, on: boolean): string[] {
  return on ? [...names.filter((one) => one !== name), name] : names.filter((one) => one !== name);
}

/** `columns` with `change` said of one of them; what says nothing goes. */
export function withColumn(
  columns: readonly DynamicColumn[],
  of: Pick<DynamicColumn, "evaluation" | "scorer" | "path">,
  change: Partial<DynamicColumn>,
): DynamicColumn[] {
  const isIt = (one: DynamicColumn) =>
    one.evaluation === of.evaluation && one.scorer === of.scorer && one.path === of.path;
  const before = columns.find(isIt) ?? {
    evaluation: of.evaluation,
    scorer: of.scorer,
    path: of.path,
    label: null,
    should_minimize: null,
    hidden: null,
  };
  const after = { ...before, ...change };
  const rest = columns.filter((one) => !isIt(one));
  const saysNothing = !after.label && after.should_minimize === null && after.hidden === null;
  return saysNothing ? rest : [...rest, after];
}

function namesIn(raw: unknown): string[] {
  const list = Array.isArray(raw) ? raw : typeof raw === "string" ? raw.split(",") : [];
  const names = list.map(String).filter((one) => one !== "" && one.length <= 512);
  return [...new Set(names)].slice(0, MOST);
}

function recordIn(raw: unknown): Record<string, string> {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) return {};
  const pairs = Object.entries(raw).filter(([key, value]) => key.length <= 512 && typeof value === "string");
  return Object.fromEntries(pairs.slice(0, MOST)) as Record<string, string>;
}

function columnIn(raw: unknown): DynamicColumn[] {
  if (typeof raw !== "object" || raw === null) return [];
  const { evaluation, scorer, path, label, should_minimize, hidden } = raw as Record<string, unknown>;
  if (typeof evaluation !== "string" || typeof scorer !== "string" || typeof path !== "string") return [];
  return [
    {
      evaluation,
      scorer,
      path,
      label: typeof label === "string" && label !== "" ? label.slice(0, 512) : null,
      should_minimize: typeof should_minimize === "boolean" ? should_minimize : null,
      hidden: typeof hidden === "boolean" ? hidden : null,
    },
  ];
}
