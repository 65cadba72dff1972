/** What can be undone and done again. Pure. */

const MAX_STEPS = 100;

export interface History<State> {
  past: readonly State[];
  future: readonly State[];
}

export const NO_HISTORY: History<never> = { past: [], future: [] };

/** `now` is about to be changed: what was undone before cannot be done again. */
export function remember<State>(history: History<State>, now: State): History<State> {
  return { past: [...history.past, now].slice(-MAX_STEPS), future: [] };
}

/** The state before `now`, or null. */
export function undo<State>(history: History<State>, now: State): [History<State>, State] | null {
  const before = history.past.at(-1);
  if (before === undefined) return null;
  return [{ past: history.past.slice(0, -1), future: [now, ...history.future] }, before];
}

/** The state after `now` that was undone, or null. */
export function redo<State>(history: History<State>, now: State): [History<State>, State] | null {
  const after = history.future[0];
  if (after === undefined) return null;
  return [{ past: [...history.past, now], future: history.future.slice(1) }, after];
}
