import { useMemo, useRef } from "react";
import type { Call } from "~/api/weave/calls";
import { type Seen, seenIn } from "./paths";

const LOOKED_AT = 200;

/** What calls have inside: of the rows that are here, and of all that were here since the page opened. */
export function useSeen(rows: (Call | undefined)[]): { now: Seen[]; ever: Seen[] } {
  const before = useRef(new Map<string, Seen>());
  return useMemo(() => {
    const now = seenIn(rows.slice(0, LOOKED_AT).filter((call) => call !== undefined));
    for (const one of now) before.current.set(one.path, one);
    const ever = [...before.current.values()];
    return { now: now.length > 0 ? now : ever, ever };
  }, [rows]);
}

const users = new Map<string, Map<string, string>>();

/** Users that were seen in a project, by id, with their names. */
export function usersSeen(project: string, rows: (Call | undefined)[]): { value: string; label: string }[] {
  const known = users.get(project) ?? new Map<string, string>();
  users.set(project, known);
  for (const call of rows.slice(0, LOOKED_AT))
    if (call?.wb_user_id) known.set(call.wb_user_id, call.wb_username ?? call.wb_user_id);
  return [...known].map(([value, label]) => ({ value, label }));
}
