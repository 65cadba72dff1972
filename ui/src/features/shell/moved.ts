import type { Place } from "~/lib/place";

/** The path of the same page for another team or project; what names no place stays where it is. */
export function moved(pathname: string, from: Place | null, to: Place): string {
  const parts = pathname.split("/");
  const [, first, second] = parts;
  if (from && first === from.team && second === from.project) {
    // A call, a run or an object of one project is not in another: only the page's kind moves along.
    return ["", to.team, to.project, parts[3] ?? ""].join("/").replace(/\/$/, "");
  }
  if (first === "billing" && second) return `/billing/${to.team}${parts[3] === "usage" ? "/usage" : ""}`;
  if (first === "settings" && second === "teams" && parts[3])
    return ["", "settings", "teams", to.team, ...parts.slice(4)].join("/");
  return pathname;
}
