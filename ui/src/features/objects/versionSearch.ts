/** What the address of a version says beside its name. Pure. */

export interface VersionSearch {
  /** The digest, number or alias of the version that it is compared with. */
  against?: string | undefined;
  layout?: "unified" | undefined;
  /** Only what differs. */
  only?: true | undefined;
}

export function readVersion(search: Record<string, unknown>): VersionSearch {
  const { against } = search;
  return {
    ...(against !== undefined && against !== "" && { against: String(against).slice(0, 256) }),
    ...(search.layout === "unified" && { layout: "unified" }),
    ...(search.only === true && { only: true }),
  };
}
