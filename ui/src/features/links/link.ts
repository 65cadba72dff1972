/** The addresses that Weave's and W&B's clients print, and what they name; calls have a page of their own. Pure. */

export type Wanted =
  | { kind: "project" }
  | { kind: "object"; of: string; name: string; digest: string }
  | { kind: "run"; name: string };

/** What the part behind `/<team>/<project>/` names: `weave/objects/cat/versions/abc`, `runs/x`. */
export function wantedOf(rest: string): Wanted {
  const [area, kind, name, , digest] = rest.split("/");
  if (area === "runs" && kind) return { kind: "run", name: kind };
  if (area !== "weave" || !name) return { kind: "project" };
  if (kind === "leaderboards") return { kind: "object", of: "leaderboard", name, digest: "latest" };
  if (kind === "objects" || kind === "ops")
    return { kind: "object", of: kind.slice(0, -1), name, digest: digest || "latest" };
  return { kind: "project" };
}
