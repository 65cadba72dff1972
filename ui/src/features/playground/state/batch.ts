/**
 * Gathers what streams say and hands it on once per drawn frame: eight models write hundreds of pieces a second, and a
 * screen shows sixty pictures.
 */

/** Calls back soon: with a frame in a tab that is seen, and a few times a second in one that is not. */
export type Schedule = (callback: () => void) => void;

const HIDDEN_MS = 250;
/** Nobody reads faster than 30 pictures a second, and eight chats have to share the time between two of them. */
const BETWEEN_MS = 33;

/** The schedule of a page; a new one for each, because it remembers when it was last called. */
export function frames(): Schedule {
  let lastAt = 0;
  return (callback) => {
    const draw = () => {
      lastAt = performance.now();
      callback();
    };
    // Hidden tabs draw no frames, yet what was asked for should be there when one comes back.
    if (document.hidden) setTimeout(draw, HIDDEN_MS);
    else {
      const waitMs = lastAt + BETWEEN_MS - performance.now();
      if (waitMs <= 0) requestAnimationFrame(draw);
      else setTimeout(() => requestAnimationFrame(draw), waitMs);
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
  const run = () => {
    isScheduled = false;
    const due = [...waiting.values()];
    waiting.clear();
    for (const flush of due) flush();
  };
  return {
    request: (owner, flush) => {
      waiting.set(owner, flush);
      if (isScheduled) return;
      isScheduled = true;
      schedule(run);
    },
    cancel: (owner) => {
      waiting.delete(owner);
    },
  };
}
