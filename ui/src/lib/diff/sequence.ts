/**
 * In what two sequences differ. Lines that occur once in both are anchors, the longest rising run of them is kept
 * (patience diff, Bram Cohen); between anchors Myers' greedy algorithm ("An O(ND) Difference Algorithm", 1986) finds the
 * fewest edits, up to a bound: what differs by more is one replaced block. Pure.
 */

/** `a[a0..a1)` stands where `b[b0..b1)` stands; both have the same length and content if `same`. */
export interface Block {
  same: boolean;
  a0: number;
  a1: number;
  b0: number;
  b1: number;
}

/** Edits that are looked for between two anchors; memory grows with its square. */
const MOST_EDITS = 400;

export function blocks(a: readonly string[], b: readonly string[]): Block[] {
  const found: Block[] = [];
  compare(a, b, { a0: 0, a1: a.length, b0: 0, b1: b.length }, found, true);
  return joined(found);
}

type Range = Omit<Block, "same">;

function compare(
  a: readonly string[],
  b: readonly string[],
  range: Range,
  found: Block[],
  seeksAnchors: boolean,
): void {
  let { a0, a1, b0, b1 } = range;
  const [startA, startB] = [a0, b0];
  while (a0 < a1 && b0 < b1 && a[a0] === b[b0]) {
    a0++;
    b0++;
  }
  if (a0 > startA) found.push({ same: true, a0: startA, a1: a0, b0: startB, b1: b0 });
  const [endA, endB] = [a1, b1];
  while (a1 > a0 && b1 > b0 && a[a1 - 1] === b[b1 - 1]) {
    a1--;
    b1--;
  }
  const middle = { a0, a1, b0, b1 };
  if (a0 === a1 || b0 === b1) {
    if (a0 < a1 || b0 < b1) found.push({ same: false, ...middle });
  } else {
    const anchors = seeksAnchors ? anchorsOf(a, b, middle) : [];
    if (anchors.length > 0) between(a, b, middle, anchors, found);
    else found.push(...fewest(a, b, middle));
  }
  if (a1 < endA) found.push({ same: true, a0: a1, a1: endA, b0: b1, b1: endB });
}

function between(
  a: readonly string[],
  b: readonly string[],
  range: Range,
  anchors: [number, number][],
  found: Block[],
): void {
  let [fromA, fromB] = [range.a0, range.b0];
  for (const [atA, atB] of anchors) {
    compare(a, b, { a0: fromA, a1: atA, b0: fromB, b1: atB }, found, true);
    found.push({ same: true, a0: atA, a1: atA + 1, b0: atB, b1: atB + 1 });
    [fromA, fromB] = [atA + 1, atB + 1];
  }
  compare(a, b, { a0: fromA, a1: range.a1, b0: fromB, b1: range.b1 }, found, true);
}

/** Places of what occurs once in both ranges, as many as rise in both. */
function anchorsOf(a: readonly string[], b: readonly string[], range: Range): [number, number][] {
  const inA = once(a, range.a0, range.a1);
  const inB = once(b, range.b0, range.b1);
  const pairs: [number, number][] = [];
  for (const [text, atA] of inA) {
    const atB = inB.get(text);
    if (atA >= 0 && atB !== undefined && atB >= 0) pairs.push([atA, atB]);
  }
  return rising(pairs);
}

function once(list: readonly string[], from: number, to: number): Map<string, number> {
  const at = new Map<string, number>();
  for (let index = from; index < to; index++) {
    const text = list[index] as string;
    at.set(text, at.has(text) ? -1 : index);
  }
  return at;
}

/** The longest run of pairs, sorted by their first, whose seconds rise (patience sorting). */
function rising(pairs: [number, number][]): [number, number][] {
  const piles: number[] = [];
  const before: number[] = [];
  pairs.forEach(([, second], index) => {
    let [low, high] = [0, piles.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pairs[piles[middle] as number] as [number, number])[1] < second) low = middle + 1;
      else high = middle;
    }
    before[index] = low > 0 ? (piles[low - 1] as number) : -1;
    piles[low] = index;
  });
  const run: [number, number][] = [];
  for (let at = piles.at(-1) ?? -1; at >= 0; at = before[at] as number)
    run.push(pairs[at] as [number, number]);
  return run.reverse();
}

/** Myers: the furthest reaching path for each number of edits, then back along it. */
function fewest(a: readonly string[], b: readonly string[], range: Range): Block[] {
  const { a0, a1, b0, b1 } = range;
  const [n, m] = [a1 - a0, b1 - b0];
  const most = Math.min(n + m, MOST_EDITS);
  const reach = new Int32Array(2 * most + 3);
  const at = (k: number) => k + most + 1;
  const history: Int32Array[] = [];
  for (let edits = 0; edits <= most; edits++) {
    history.push(reach.slice());
    for (let k = -edits; k <= edits; k += 2) {
      const down = k === -edits || (k !== edits && (reach[at(k - 1)] ?? 0) < (reach[at(k + 1)] ?? 0));
      let x = down ? (reach[at(k + 1)] ?? 0) : (reach[at(k - 1)] ?? 0) + 1;
      let y = x - k;
      while (x < n && y < m && a[a0 + x] === b[b0 + y]) {
        x++;
        y++;
      }
      reach[at(k)] = x;
      if (x >= n && y >= m) return walkBack(history, at, range);
    }
  }
  return [{ same: false, ...range }];
}

function walkBack(history: Int32Array[], at: (k: number) => number, range: Range): Block[] {
  const { a0, b0 } = range;
  let [x, y] = [range.a1 - a0, range.b1 - b0];
  const found: Block[] = [];
  const push = (same: boolean, fromX: number, fromY: number) => {
    if (fromX < x || fromY < y) found.push({ same, a0: a0 + fromX, a1: a0 + x, b0: b0 + fromY, b1: b0 + y });
    [x, y] = [fromX, fromY];
  };
  for (let edits = history.length - 1; edits >= 0; edits--) {
    const reach = history[edits] as Int32Array;
    const k = x - y;
    const down = k === -edits || (k !== edits && (reach[at(k - 1)] ?? 0) < (reach[at(k + 1)] ?? 0));
    const fromX = edits === 0 ? 0 : (reach[at(down ? k + 1 : k - 1)] ?? 0);
    const fromY = edits === 0 ? 0 : fromX - (down ? k + 1 : k - 1);
    const afterX = edits === 0 ? 0 : down ? fromX : fromX + 1;
    push(true, afterX, edits === 0 ? 0 : afterX - k);
    push(false, fromX, fromY);
  }
  return found.reverse();
}

/** Neighbours of one kind as one block. */
function joined(list: Block[]): Block[] {
  const out: Block[] = [];
  for (const one of list) {
    const last = out.at(-1);
    if (last && last.same === one.same && last.a1 === one.a0 && last.b1 === one.b0) {
      last.a1 = one.a1;
      last.b1 = one.b1;
    } else out.push({ ...one });
  }
  return out;
}
