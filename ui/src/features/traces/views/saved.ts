import { every } from "~/api/weave/query";
import { conditionsOf, type Filter } from "../filter/filters";
import { filtersOf } from "../filter/parse";
import { type Settings, settingsOf, sortOf, tracesSearch } from "../search";
import { knownOf, LATENCY, NAME, STARTED, STATUS, TOKENS } from "../table/known";
import { keyOf, stepsOf } from "../table/paths";

/**
 * Saved views as the Weave client keeps them: an object of class `SavedView`
 * (weave/trace/builtin_object_classes/saved_view.py of the client 0.54), so that either reads the other's. What that
 * class has no words for, such as "the last 7 days", stands beside it under `weft`, which the client leaves alone. Pure.
 */

type Fields = Record<string, unknown>;

export const VIEW_CLASS = "SavedView";
export const TRACES = "traces";

/** The object of a view. */
export function objectOf(label: string, settings: Settings, now: Date): Fields {
  const { by, descending } = sortOf(settings);
  const query = every(conditionsOf(settings.filters ?? [], now));
  return {
    _type: VIEW_CLASS,
    name: null,
    description: null,
    view_type: TRACES,
    label,
    definition: {
      _type: "SavedViewDefinition",
      filter: settings.all ? null : { trace_roots_only: true },
      // The client looks for a list of conditions, also where it is one.
      query: query && ("$and" in query.$expr ? query : { $expr: { $and: [query.$expr] } }),
      columns: (settings.cols?.filter(isAsked) ?? USUAL).map((path) => ({
        path: stepsOf(path),
        label: knownOf(path)?.label ?? null,
      })),
      pin: settings.pins ? { left: settings.pins, right: [] } : null,
      sort_by: [{ field: by, direction: descending ? "desc" : "asc" }],
      page_size: settings.size ?? null,
      weft: settings,
    },
    _class_name: VIEW_CLASS,
    _bases: ["BaseObject", "BaseModel"],
  };
}

/** The columns of a view for which nobody chose any: the client cannot do without. */
const USUAL = [NAME, STATUS, STARTED, LATENCY, TOKENS, "inputs", "output"];

/** Whether the server gives a column by this path: feedback comes by its own word. */
function isAsked(path: string): boolean {
  return !path.startsWith("feedback.");
}

export interface SavedView {
  label: string;
  settings: Settings;
  /** Whether the settings say all that the view does. */
  whole: boolean;
}

/** A view from its object; null for one of another kind. */
export function viewOf(value: unknown): SavedView | null {
  if (!isFields(value) || value.view_type !== TRACES || !isFields(value.definition)) return null;
  const label = typeof value.label === "string" && value.label ? value.label : "Unnamed view";
  const { definition } = value;
  if (isFields(definition.weft))
    return { label, settings: settingsOf(tracesSearch(definition.weft)), whole: true };
  const { filters, whole } = filtersOf(definition.query);
  const given = isFields(definition.filter) ? definition.filter : {};
  const ops = opsOf(given.op_names);
  const all = given.trace_roots_only !== true;
  const settings = tracesSearch({
    ...(all && { all }),
    filters: [...ops, ...filters],
    sort: sortText(definition.sort_by),
    cols: columnsOf(definition.columns),
    pins: pinsOf(definition.pin),
    size: definition.page_size,
  });
  const others = Object.entries(given).filter(
    ([name, one]) =>
      !name.startsWith("_") && !["op_names", "trace_roots_only"].includes(name) && one !== null,
  );
  return { label, settings: settingsOf(settings), whole: whole && others.length === 0 };
}

/** A name for the object of a new view, as the client makes one. */
export function newName(now: Date): string {
  return `${TRACES}_${now.toISOString().slice(0, 23).replace("T", "_").replace(/[:.]/g, "-")}`;
}

function opsOf(given: unknown): Filter[] {
  const names = (Array.isArray(given) ? given : []).map((one) =>
    String(one).startsWith("weave:///") ? (String(one).split("/op/")[1]?.split(":")[0] ?? "") : String(one),
  );
  const [first] = names;
  if (first === undefined) return [];
  return [
    names.length === 1
      ? { field: NAME, op: "equals", value: first }
      : { field: NAME, op: "in", value: names },
  ];
}

function sortText(given: unknown): string | undefined {
  const [first] = Array.isArray(given) ? given : [];
  if (!isFields(first) || typeof first.field !== "string") return undefined;
  const text = `${first.direction === "desc" ? "-" : ""}${first.field}`;
  return text === "-started_at" ? undefined : text;
}

function columnsOf(given: unknown): string[] | undefined {
  if (!Array.isArray(given)) return undefined;
  const found = given.flatMap((one) => {
    const path: unknown = isFields(one) ? one.path : null;
    if (!Array.isArray(path)) return [];
    const keys = path.map((step) => keyOf(String(step)));
    return keys.includes(null) ? [] : [keys.join(".")];
  });
  return found.join() === USUAL.join() ? undefined : found;
}

function pinsOf(given: unknown): string[] | undefined {
  if (!isFields(given) || !Array.isArray(given.left)) return undefined;
  return given.left
    .filter((one): one is string => typeof one === "string" && one !== "CustomCheckbox")
    .map((one) => (one === "op_name" ? NAME : one));
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
