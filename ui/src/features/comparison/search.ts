/** What the address of a comparison says. Pure. */

export interface CompareSearch {
  /** Ids of calls, in their order, with commas between. */
  calls?: string | undefined;
  /** `name:digest`, `op/name:digest` for an op; in their order, with commas between. */
  objects?: string | undefined;
  /** Those that are shown, where they are not the first ones. */
  shown?: string | undefined;
  /** The one that others are measured against; the first that is shown if not given. */
  base?: string | undefined;
  view?: "side" | "unified" | undefined;
  /** How a difference of numbers is told; as a number if not given. */
  as?: "percent" | "times" | undefined;
  /** Only what differs. */
  only?: true | undefined;
}

export const MOST_SHOWN = 6;
/** In one address. */
export const MOST_SUBJECTS = 100;

export function readCompare(search: Record<string, unknown>): CompareSearch {
  const text = (name: string) => {
    const value = search[name];
    return value === undefined || value === "" ? {} : { [name]: String(value).slice(0, 20_000) };
  };
  return {
    ...text("calls"),
    ...text("objects"),
    ...text("shown"),
    ...text("base"),
    ...((search.view === "side" || search.view === "unified") && { view: search.view }),
    ...((search.as === "percent" || search.as === "times") && { as: search.as }),
    ...(search.only === true && { only: true }),
  };
}

export function listOf(text: string | undefined): string[] {
  return [...new Set((text ?? "").split(",").filter(Boolean))].slice(0, MOST_SUBJECTS);
}

/** Which of `ids` are shown, in their order. */
export function shownOf(ids: string[], search: CompareSearch): string[] {
  const chosen = listOf(search.shown).filter((id) => ids.includes(id));
  const wanted = chosen.length > 0 ? chosen : ids;
  return ids.filter((id) => wanted.includes(id)).slice(0, MOST_SHOWN);
}

/** The ids with `id` put where `at` is. */
export function placed(ids: string[], id: string, at: string): string[] {
  const to = ids.indexOf(at);
  if (to === -1 || id === at || !ids.includes(id)) return ids;
  return ids.filter((one) => one !== id).toSpliced(to, 0, id);
}
