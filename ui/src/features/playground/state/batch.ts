/**
 * Gathers what streams say and hands it on with drawn frames: eight models write hundreds of pieces a second, and a
 * screen shows sixty pictures. Where many write at once they take turns, a few in a frame, so that none has to wait for
 * all of them.
 */

/**
 * Calls back soon, with how many owners have their turn: with a frame in a tab that is seen, and a few times a second in
 * one that is not. `isRest`: others still wait since the last call.
 */
export type Schedule = (callback: (most: number) => void, isRest: boolean) => void;

const HIDDEN_MS = 250;
/** Nobody reads faster than 30 pictures a second. */
const BETWEEN_MS = 33;
/** To draw one of eight narrow columns anew takes some milliseconds, and a frame has sixteen. */
const PER_FRAME = 2;

/** The schedule of a page; a new one for each, because it remembers when it was last called. */
export function frames(): Schedule {
  let lastAt = 0;
  return (callback, isRest) => {
    const draw = (most: number) => {
      if (!isRest) lastAt = performance.now();
      callback(most);
    };
    // Hidden tabs draw no frames, yet what was asked for should be there when one comes back.
    if (document.hidden) setTimeout(draw, HIDDEN_MS, Number.POSITIVE_INFINITY);
    else {
      const waitMs = isRest ? 0 : lastAt + BETWEEN_MS - performance.now();
      const next = () => requestAnimationFrame(() => draw(PER_FRAME));
      if (waitMs <= 0) next();
      else setTimeout(next, waitMs);
    }
  };
}

export interface Batcher {
  /** `flush` runs with a frame that is near, once, however often its `owner` asks until then. */
  request(owner: object, flush: () => void): void;
  /** Forget what `owner` asked for. */
  cancel(owner: object): void;
}

export function createBatcher(schedule: Schedule): Batcher {
  const waiting = new Map<object, () => void>();
  let isScheduled = false;
  const run = (most: number) => {
    const due = [...waiting].slice(0, most);
    for (const [owner] of due) waiting.delete(owner);
    isScheduled = waiting.size > 0;
    if (isScheduled) schedule(run, true);
    for (const [, flush] of due) flush();
  };
  return {
    request: (owner, flush) => {
      waiting.set(owner, flush);
      if (isScheduled) return;
      isScheduled = true;
      schedule(run, false);
    },
    cancel: (owner) => {
      waiting.delete(owner);
    },
  };
}
