/** The team and project that the console works in: from the URL, else the last one, else the default. Pure but for storage. */

const KEY = "weft.place";

export interface Place {
  team: string;
  project: string;
}

export interface TeamOfMine {
  name: string;
  kind: string;
  projects: string[];
}

/** The place to show: `wanted` where it exists among `teams`, else the last one used, else the first that runs models. */
export function choosePlace(
  teams: TeamOfMine[],
  defaultTeam: string | null,
  wanted: Partial<Place>,
  last: Place | null,
): Place | null {
  const team =
    find(teams, wanted.team) ??
    find(teams, last?.team) ??
    find(teams, defaultTeam ?? undefined) ??
    teams.find((one) => one.kind !== "personal") ??
    teams[0];
  if (!team) return null;
  const project = [wanted.project, last?.project, "inference", team.projects[0]].find(
    (name): name is string => name !== undefined && team.projects.includes(name),
  );
  return { team: team.name, project: project ?? "inference" };
}

function find(teams: TeamOfMine[], name: string | undefined): TeamOfMine | undefined {
  return name === undefined
    ? undefined
    : teams.find((team) => team.name.toLowerCase() === name.toLowerCase());
}

/** The place used last in this browser. */
export function lastPlace(): Place | null {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "null");
    if (typeof kept !== "object" || kept === null) return null;
    const { team, project } = kept as Record<string, unknown>;
    return typeof team === "string" && typeof project === "string" ? { team, project } : null;
  } catch {
    return null; // a browser that keeps nothing, or kept something else
  }
}

/** Remember the place for the next visit. */
export function keepPlace(place: Place): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(place));
  } catch {
    // A browser that keeps nothing starts at the default.
  }
}
