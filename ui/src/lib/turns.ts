/**
 * Work that takes a while, one piece in a frame: what many parts of a screen want at once is done in turn, so that no
 * frame has to wait for all of it.
 */

export interface Turns {
  /** `run` is called when it is `owner`'s turn; asked again before that, the last `run` counts and the place is kept. */
  request(owner: object, run: () => void): void;
  cancel(owner: object): void;
}

export function createTurns(nextFrame: (callback: () => void) => void): Turns {
  const waiting = new Map<object, () => void>();
  let isRunning = false;
  const step = () => {
    const first = waiting.entries().next();
    if (first.done) {
      isRunning = false;
      return;
    }
    const [owner, run] = first.value;
    waiting.delete(owner);
    // Before the work: should it throw, the others still have their turn.
    nextFrame(step);
    run();
  };
  return {
    request: (owner, run) => {
      waiting.set(owner, run);
      if (isRunning) return;
      isRunning = true;
      nextFrame(step);
    },
    cancel: (owner) => {
      waiting.delete(owner);
    },
  };
}

const HIDDEN_MS = 100;

/** Those of this page. A tab that is not seen draws no frames, and its work is done all the same. */
export const turns = createTurns((callback) => {
  if (document.hidden) setTimeout(callback, HIDDEN_MS);
  else requestAnimationFrame(callback);
});
