/** Addresses that this feature leads to. Pure. */

import type { Of } from "./queries";

const place = ({ team, project }: Of) => `/${encodeURIComponent(team)}/${encodeURIComponent(project)}`;

/** A call's page. */
export const callHref = (of: Of, id: string) => `${place(of)}/r/call/${encodeURIComponent(id)}`;

export const newHref = (of: Of) => `${place(of)}/weave/evaluations/new`;

/** A leaderboard made of these runs. */
export const boardHref = (of: Of, runs: Iterable<string>) =>
  `${place(of)}/weave/leaderboards/new?runs=${[...runs].map(encodeURIComponent).join(",")}`;

/** The page of a version of an object, by its reference. */
export function objectHref(ref: string): string | null {
  const found = /^weave:\/\/\/([^/]+)\/([^/]+)\/object\/([^/:]+):([^/]+)/.exec(ref);
  return found ? `/${found[1]}/${found[2]}/weave/objects/${found[3]}/versions/${found[4]}` : null;
}
